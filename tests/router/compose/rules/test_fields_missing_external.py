"""REQUIRES_FIELDS_MISSING_EXTERNAL, PROVIDES_FIELDS_MISSING_EXTERNAL."""

from tests.testkit.composing import refusals


def test_fields_that_the_subgraph_resolves_itself_are_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User @provides(fields: "name") }
            type User @key(fields: "id") {
              id: ID!
              name: String
              b: Int @requires(fields: "org { id }")
              org: Org
            }
            type Org { id: ID! }
            """,
    ) == [
        (
            "REQUIRES_FIELDS_MISSING_EXTERNAL",
            '[a] @requires(fields: "org { id }") on User.b: Org.id is resolved by this subgraph itself; '
            "mark it @external, or leave it out of @requires.",
            ["a:6:10"],
        ),
        (
            "PROVIDES_FIELDS_MISSING_EXTERNAL",
            '[a] @provides(fields: "name") on Query.u: User.name is resolved by this subgraph itself; mark '
            "it @external, or leave it out of @provides.",
            ["a:2:22"],
        ),
    ]


def test_fields_below_an_external_field_are_taken() -> None:
    assert (
        refusals(
            a="""
            type Query { u: User }
            type User @key(fields: "id") { id: ID!  b: Int @requires(fields: "org { id }")  org: Org @external }
            type Org { id: ID! @shareable }
            """,
            b="""
            type User @key(fields: "id") { id: ID!  org: Org }
            type Org { id: ID! @shareable }
            """,
        )
        == []
    )


def test_the_key_of_an_extension_is_known_although_external() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            extend type User @key(fields: "id") { id: ID! @external  b: Int @requires(fields: "id") }
            """,
        b="""
            type User @key(fields: "id") { id: ID! }
            """,
    ) == [
        (
            "REQUIRES_FIELDS_MISSING_EXTERNAL",
            '[a] @requires(fields: "id") on User.b: User.id is part of the key of an extended type, which '
            "this subgraph knows although it is marked @external; leave it out of @requires.",
            ["a:3:65"],
        ),
    ]
