"""INVALID_SUBGRAPH_NAME."""

from router.compose.composer import SubgraphSource, compose
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
            ["_:1:1"],
        ),
    ]


def test_a_name_given_twice_and_an_empty_name_are_refused() -> None:
    sdl = "type Query { a: Int }"
    result = compose([SubgraphSource(name, "", sdl) for name in ("a", "a", "")])
    assert [str(error) for error in result.errors if error.code == "INVALID_SUBGRAPH_NAME"] == [
        "INVALID_SUBGRAPH_NAME: A subgraph has an empty name; give it one.",
        "INVALID_SUBGRAPH_NAME: 2 subgraphs are called a; give each a name of its own.",
    ]
