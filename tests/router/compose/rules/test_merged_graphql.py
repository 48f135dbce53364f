"""INVALID_GRAPHQL of the merge."""

from tests.testkit.composing import refusals


def test_a_merged_field_that_no_longer_fits_its_interface_is_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! }
            """,
        b="""
            type User @key(fields: "id") { id: ID  b: Int }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "User.id is of type ID in the supergraph, which is no subtype of ID!, the type of Node.id; "
            "change the type in the subgraphs that differ.",
            ["a:4:48", "b:2:32"],
        ),
    ]


def test_arguments_that_no_longer_fit_the_interface_are_refused() -> None:
    assert refusals(
        a="""
            type Query { n: Node }
            interface Node { f(a: Int, b: Int): Int }
            type User implements Node @shareable { f(a: Int, b: Int): Int }
            """,
        b="""
            type User @shareable { f(a: Int!): Int }
            """,
    ) == [
        (
            "INVALID_GRAPHQL",
            "User.f(a:) is of type Int!, but Node.f(a:), which it implements, of Int; make them equal.",
            ["a:4:42", "b:2:26"],
        ),
        (
            "INVALID_GRAPHQL",
            "User.f lacks the argument b of Node.f, which it implements; add it in every subgraph.",
            ["a:4:40", "b:2:24"],
        ),
    ]


def test_a_covariant_merged_field_is_taken() -> None:
    assert (
        refusals(
            a="""
            type Query { n: Node }
            interface Node { owner: Owner  all: [Owner] }
            union Owner = User
            type User implements Node @shareable { owner: User!  all: [User!]! }
            """,
            b="""
            type User @shareable { owner: User  all: [User]! }
            """,
        )
        == []
    )
