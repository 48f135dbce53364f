"""KEY_INVALID_FIELDS_TYPE, REQUIRES_INVALID_FIELDS_TYPE, PROVIDES_INVALID_FIELDS_TYPE."""

from tests.testkit.composing import refusals, refusals_as_written


def test_field_sets_that_are_no_strings_are_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User @provides(fields: 1) }
            type User @key(fields: true) @key(fields: id) { id: ID!  b: Int @requires(fields: ["id"]) }
            """,
    ) == [
        (
            "KEY_INVALID_FIELDS_TYPE",
            '[a] @key(fields: true) on User: fields must be one string, such as fields: "id name".',
            ["a:3:11"],
        ),
        (
            "KEY_INVALID_FIELDS_TYPE",
            '[a] @key(fields: id) on User: fields must be one string, such as fields: "id name".',
            ["a:3:30"],
        ),
        (
            "REQUIRES_INVALID_FIELDS_TYPE",
            '[a] @requires(fields: ["id"]) on User.b: fields must be one string, such as fields: "id name".',
            ["a:3:65"],
        ),
        (
            "PROVIDES_INVALID_FIELDS_TYPE",
            '[a] @provides(fields: 1) on Query.u: fields must be one string, such as fields: "id name".',
            ["a:2:22"],
        ),
    ]


def test_federation_1_took_names_and_lists() -> None:
    assert (
        refusals_as_written(
            a="""
            type Query { u: User }
            type User @key(fields: ["id", "b"]) @key(fields: id) { id: ID!  b: Int }
            """,
        )
        == []
    )
