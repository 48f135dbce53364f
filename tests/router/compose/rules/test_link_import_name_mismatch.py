"""LINK_IMPORT_NAME_MISMATCH."""

from tests.testkit.composing import refusals_as_written


def test_a_kept_directive_under_two_names_is_refused() -> None:
    assert refusals_as_written(
        a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective", "@tag"])
            type Query { a: Int @tag(name: "x") }
            """,
        b="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: ["@key", "@composeDirective", {name: "@tag", as: "@label"}])
            type Query { b: Int @label(name: "x") }
            """,
    ) == [
        (
            "LINK_IMPORT_NAME_MISMATCH",
            "@tag is imported under different names: @tag in a, @label in b; import it under one name everywhere.",
            ["a:1:15", "b:1:15"],
        ),
    ]


def test_a_directive_of_the_subgraph_alone_may_have_any_name() -> None:
    assert (
        refusals_as_written(
            a="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key"])
            type Query { a: A }
            type A @key(fields: "id") { id: ID! }
            """,
            b="""
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
              import: [{name: "@key", as: "@entity"}])
            type A @entity(fields: "id") { id: ID!  b: Int }
            """,
        )
        == []
    )
