"""EXTERNAL_UNUSED."""

from tests.testkit.composing import refusals


def test_an_external_field_that_nothing_uses_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") { id: ID!  name: String @external }
            """,
        b="""
            type User @key(fields: "id") { id: ID!  name: String }
            """,
    ) == [
        (
            "EXTERNAL_UNUSED",
            "[a] User.name is @external, but no @key, @requires or @provides uses it and no interface "
            "demands it; remove the field, or @external when this subgraph resolves it.",
            ["a:3:41"],
        ),
    ]


def test_each_unused_field_of_an_external_type_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") @external { id: ID!  name: String  age: Int }
            """,
        b="""
            type User @key(fields: "id") { id: ID!  name: String  age: Int }
            """,
    ) == [
        (
            "EXTERNAL_UNUSED",
            "[a] User.name is @external, but no @key, @requires or @provides uses it and no interface "
            "demands it; remove the field, or @external when this subgraph resolves it.",
            ["a:3:51"],
        ),
        (
            "EXTERNAL_UNUSED",
            "[a] User.age is @external, but no @key, @requires or @provides uses it and no interface "
            "demands it; remove the field, or @external when this subgraph resolves it.",
            ["a:3:65"],
        ),
    ]


def test_an_external_field_that_an_interface_demands_is_used() -> None:
    assert (
        refusals(
            a="""
            type Query { u: User }
            interface Named { name: String }
            type User implements Named @key(fields: "id") { id: ID!  name: String @external }
            """,
            b="""
            type User @key(fields: "id") { id: ID!  name: String }
            """,
        )
        == []
    )
