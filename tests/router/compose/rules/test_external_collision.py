"""EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE."""

from tests.testkit.composing import refusals


def test_an_external_field_that_provides_is_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") {
              id: ID!
              org: Org @external @provides(fields: "name")
              b: Int @requires(fields: "org { name }")
            }
            type Org { name: String @external }
            """,
        b="""
            type User @key(fields: "id") { id: ID!  org: Org }
            type Org { name: String @shareable }
            """,
    ) == [
        (
            "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
            "[a] User.org has both @external and @provides; remove @provides, or @external when this "
            "subgraph resolves the field.",
            ["a:5:22"],
        ),
    ]
