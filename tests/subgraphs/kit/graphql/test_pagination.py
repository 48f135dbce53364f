"""Relay connections over any list, walked in any page size and direction."""

from dataclasses import dataclass

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.graphql.pagination import Connection, Edge, PageArguments, connection


@dataclass(frozen=True)
class Row:
    id: str


@strawberry.type
class RowNode:
    id: str

    @classmethod
    def of(cls, row: Row) -> "RowNode":
        return cls(id=row.id)


@strawberry.type
class RowEdge(Edge[RowNode]):
    pass


@strawberry.type
class RowConnection(Connection[RowNode]):
    pass


def read(rows: list[Row], page: PageArguments) -> RowConnection:
    return connection(RowConnection, RowEdge, page, page.within(rows), RowNode.of)


rows = st.lists(st.integers(1000, 9999).map(str), unique=True, max_size=40).map(lambda ids: [Row(id) for id in ids])


@given(rows, st.integers(1, 12))
def test_walking_forwards_meets_every_row_once_in_order(rows: list[Row], size: int) -> None:
    seen, cursor = [], None
    while True:
        page = read(rows, PageArguments.parse(first=size, after=cursor))
        seen += [node.id for node in page.nodes]
        assert len(page.nodes) <= size
        if not page.page_info.has_next_page:
            break
        cursor = page.page_info.end_cursor
    assert seen == sorted((row.id for row in rows), reverse=True)


@given(rows, st.integers(1, 12))
def test_walking_backwards_meets_the_same_rows(rows: list[Row], size: int) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        page = read(rows, PageArguments.parse(last=size, before=cursor))
        seen = [node.id for node in page.nodes] + seen
        if not page.page_info.has_previous_page:
            break
        cursor = page.page_info.start_cursor
    assert seen == sorted((row.id for row in rows), reverse=True)


def test_an_empty_page_has_no_cursors() -> None:
    page = read([], PageArguments.parse())
    assert (page.edges, page.page_info.start_cursor, page.page_info.end_cursor) == ([], None, None)


@pytest.mark.parametrize("cursor", ["", "x", "djE6", "!!!", "djI6YQ", "A" * 300])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        PageArguments.parse(after=cursor)


def test_sizes_are_bounded() -> None:
    assert PageArguments.parse().size == 20
    assert PageArguments.parse(first=100).size == 100
    with pytest.raises(InvalidInput, match="first must be 1 to 100, not 101"):
        PageArguments.parse(first=101)
    with pytest.raises(InvalidInput, match="last must be 1 to 100, not 0"):
        PageArguments.parse(last=0)
