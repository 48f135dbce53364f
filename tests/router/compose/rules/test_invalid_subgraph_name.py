"""INVALID_SUBGRAPH_NAME."""

from tests.testkit.composing import refusals


def test_the_name_of_one_underscore_is_refused() -> None:
    assert refusals(
        _="""
            type Query { a: Int }
            """,
    ) == [
        (
            "INVALID_SUBGRAPH_NAME",
            "The subgraph name _ is reserved; rename the subgraph.",
            [],
        ),
    ]
