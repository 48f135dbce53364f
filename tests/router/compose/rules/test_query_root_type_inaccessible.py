"""QUERY_ROOT_TYPE_INACCESSIBLE."""

from tests.testkit.composing import refusals


def test_an_inaccessible_query_type_is_refused() -> None:
    assert refusals(
        a="""
            type Query @inaccessible { a: Int }
            """,
        b="""
            type Query { b: Int }
            """,
    ) == [
        (
            "QUERY_ROOT_TYPE_INACCESSIBLE",
            "Query is the query root type and cannot be @inaccessible; mark single fields of it.",
            ["a:2:1", "b:2:1"],
        ),
    ]


def test_other_root_types_can_be_hidden() -> None:
    assert (
        refusals(
            a="""
            type Query { a: Int }
            type Mutation @inaccessible { b: Int }
            """,
        )
        == []
    )
