"""TYPE_WITH_ONLY_UNUSED_EXTERNAL."""

from tests.testkit.composing import refusals_as_written


def test_a_federation_1_type_of_unused_external_fields_is_refused() -> None:
    assert refusals_as_written(
        a="""
            type Query { u: User }
            extend type User { name: String @external }
            """,
        b="""
            type User @key(fields: "id") { id: ID!  name: String }
            """,
    ) == [
        (
            "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
            "[a] User has only @external fields, which no @key, @requires or @provides uses; remove User, or give it a @key.",
            ["a:2:1"],
        ),
    ]


def test_an_external_root_field_is_dropped() -> None:
    assert (
        refusals_as_written(
            a="""
            type Query { a: Int @external }
            """,
            b="""
            type Query { b: Int }
            """,
        )
        == []
    )


def test_a_key_makes_an_external_field_used() -> None:
    assert (
        refusals_as_written(
            a="""
            type Query { u: User }
            extend type User @key(fields: "id") { id: ID! @external }
            """,
            b="""
            type User @key(fields: "id") { id: ID!  name: String }
            """,
        )
        == []
    )
