"""NO_QUERIES."""

from tests.testkit.composing import refusals


def test_subgraphs_without_query_are_refused() -> None:
    assert refusals(
        a="""
            type Mutation { a: Int }
            """,
        b="""
            type Query { _service: _Service! }
            type A @key(fields: "id") { id: ID! }
            """,
    ) == [
        (
            "NO_QUERIES",
            "No subgraph has a query; add a field to the Query type of one of them.",
            ["a:1:1", "b:1:1"],
        ),
    ]
