"""MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL."""

from tests.testkit.composing import refusals


def test_merged_directives_on_an_external_field_are_refused() -> None:
    assert refusals(
        a="""
            type Query { u: User }
            type User @key(fields: "id") {
              id: ID!
              name: String @external @tag(name: "x") @authenticated @deprecated
              b: Int @requires(fields: "name") @authenticated
            }
            """,
        b="""
            type User @key(fields: "id") { id: ID!  name: String }
            """,
    ) == [
        (
            "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
            "[a] @tag has no effect on User.name, which is @external; apply it in a subgraph that resolves the field.",
            ["a:5:26"],
        ),
        (
            "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
            "[a] @authenticated has no effect on User.name, which is @external; apply it in a subgraph that resolves the field.",
            ["a:5:42"],
        ),
        (
            "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
            "[a] @deprecated has no effect on User.name, which is @external; apply it in a subgraph that resolves the field.",
            ["a:5:57"],
        ),
    ]
