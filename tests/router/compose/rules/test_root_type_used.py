"""ROOT_QUERY_USED, ROOT_MUTATION_USED, ROOT_SUBSCRIPTION_USED."""

from tests.testkit.composing import refusals


def test_another_type_with_a_root_types_name_is_refused() -> None:
    assert refusals(
        a="""
            schema { query: Q mutation: M subscription: S }
            type Q { a: Int }
            type M { a: Int }
            type S { a: Int }
            type Query { a: Int }
            type Mutation { a: Int }
            type Subscription { a: Int }
            """,
    ) == [
        (
            "ROOT_QUERY_USED",
            "[a] The query root type is Q, but another type is called Query, which is the root type's name "
            "in the supergraph; rename the type Query.",
            ["a:6:1"],
        ),
        (
            "ROOT_MUTATION_USED",
            "[a] The mutation root type is M, but another type is called Mutation, which is the root type's "
            "name in the supergraph; rename the type Mutation.",
            ["a:7:1"],
        ),
        (
            "ROOT_SUBSCRIPTION_USED",
            "[a] The subscription root type is S, but another type is called Subscription, which is the "
            "root type's name in the supergraph; rename the type Subscription.",
            ["a:8:1"],
        ),
    ]


def test_root_types_of_any_name_are_taken() -> None:
    assert (
        refusals(
            a="""
            schema { query: Q mutation: M subscription: S }
            type Q { a: Int }
            type M { a: Int }
            type S { a: Int }
            """,
        )
        == []
    )
