"""Directives that clients may use."""

from tests.testkit.merging import hints, merged


def test_a_directive_of_all_subgraphs_is_kept_where_all_take_it() -> None:
    text = merged(
        "@trace",
        a="""
            directive @trace(a: Int b: Int) repeatable on FIELD | QUERY
            type Query { x: Int }
            """,
        b="""
            directive @trace(a: Int!) on FIELD | OBJECT
            type Query { y: Int }
            """,
    )
    assert text == "directive @trace(a: Int!) on FIELD"


def test_a_directive_missing_somewhere_is_hinted_at() -> None:
    assert hints(
        a="""
            directive @trace(a: Int) on FIELD
            type Query { x: Int }
            """,
        b="type Query { y: Int }",
    ) == [
        (
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
            'Executable directive "@trace" is not in the supergraph: it is defined in subgraph "a" but not in subgraph "b".',
        ),
    ]


def test_differences_are_hinted_at() -> None:
    assert hints(
        a="""
            directive @trace(a: Int) repeatable on FIELD | QUERY
            type Query { x: Int }
            """,
        b="""
            directive @trace(a: Int) on FIELD
            type Query { y: Int }
            """,
    ) == [
        (
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
            'Executable directive "@trace" has different locations across subgraphs: the supergraph has the common ones, FIELD.',
        ),
        (
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
            'Executable directive "@trace" is not repeatable in the supergraph, because it is not in subgraph "b".',
        ),
    ]


def test_a_directive_without_common_place_is_hinted_at() -> None:
    assert hints(
        a="""
            directive @trace(a: Int) on FIELD
            type Query { x: Int }
            """,
        b="""
            directive @trace(a: Int) on QUERY
            type Query { y: Int }
            """,
    ) == [
        (
            "NO_EXECUTABLE_DIRECTIVE_LOCATIONS_INTERSECTION",
            'Executable directive "@trace" is not in the supergraph: the subgraphs have no common location for it.',
        ),
    ]
