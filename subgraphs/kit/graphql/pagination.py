"""Relay connections (GraphQL Cursor Connections Specification) over documents ordered by id, newest first."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Protocol, TypeVar

import strawberry

from subgraphs.kit.domain.errors import InvalidInput

__all__ = [
    "After",
    "Before",
    "Connection",
    "Edge",
    "First",
    "InvalidCursor",
    "Last",
    "PageArguments",
    "PageInfo",
    "connection",
    "first_page",
]

DEFAULT_SIZE = 20
MAXIMUM_SIZE = 100
# Of a place that names an id of the client's own, 255 characters of up to four bytes.
LONGEST_CURSOR = 1500

Node = TypeVar("Node")

First = Annotated[
    int | None, strawberry.argument(description="Return at most this many from the start: 1 to 100, by default 20.")
]
After = Annotated[str | None, strawberry.argument(description="Return what comes after this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="Return at most this many from the end: 1 to 100.")]
Before = Annotated[str | None, strawberry.argument(description="Return what comes before this cursor.")]


class InvalidCursor(InvalidInput):
    """A cursor was not issued by this API, or was changed."""

    code = "INVALID_CURSOR"


@strawberry.federation.type(shareable=True, description="Where a page stands in the whole list.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Whether more follows this page; ask with `after: endCursor`.")
    has_previous_page: bool = strawberry.field(description="Whether more precedes this page; ask with `before: startCursor`.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first item, null when the page is empty.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last item, null when the page is empty.")


@strawberry.type(description="One item of a list and its place in it.")
class Edge(Generic[Node]):
    """Relay's Edge."""

    cursor: str = strawberry.field(description="The item's place, for `after` and `before`.")
    node: Node = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    """Relay's Connection, with `nodes` for those who do not need cursors per item."""

    edges: list[Edge[Node]] = strawberry.field(description="The items with their cursors.")
    nodes: list[Node] = strawberry.field(description="The items.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")


class HasId(Protocol):
    @property
    def id(self) -> str: ...


Row = TypeVar("Row", bound=HasId)
Page = TypeVar("Page", bound=Connection[Any])


@dataclass(frozen=True, slots=True)
class PageArguments:
    """Checked paging arguments. `after` and `before` are ids, `size` how many items are wanted."""

    size: int
    after: str | None = None
    before: str | None = None
    backwards: bool = False

    @classmethod
    def parse(
        cls,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        *,
        most: int = MAXIMUM_SIZE,
    ) -> "PageArguments":
        """Return the arguments of a connection field of which at most `most` are given at once, checked.

        Raises:
            InvalidInput: both `first` and `last` are given, or one is out of range.
            InvalidCursor: a cursor was not issued by this API.
        """
        if first is not None and last is not None:
            raise InvalidInput("give either first or last, not both", field=("last",))
        size = last if last is not None else min(DEFAULT_SIZE, most) if first is None else first
        if not 1 <= size <= most:
            name = "first" if last is None else "last"
            raise InvalidInput(f"{name} must be 1 to {most}, not {size}", field=(name,))
        return cls(size, _decode(after), _decode(before), last is not None)

    @property
    def limit(self) -> int:
        """How many rows to read: one more than wanted tells whether there are more."""
        return self.size + 1

    def reading(self) -> dict[str, Any]:
        """Return the keyword arguments of `TenantReader.page`."""
        return {"limit": self.limit, "after": self.after, "before": self.before, "backwards": self.backwards}

    def within(self, rows: Sequence[Row]) -> list[Row]:
        """Return what `TenantReader.page` would return of a list that is at hand."""
        ordered = sorted(rows, key=lambda row: row.id, reverse=True)
        found = [
            row
            for row in ordered
            if (self.after is None or row.id < self.after) and (self.before is None or row.id > self.before)
        ]
        return found[-self.limit :] if self.backwards else found[: self.limit]


def connection(
    type_: type[Page], edge: type[Edge[Node]], page: PageArguments, rows: Sequence[Row], node: Callable[[Row], Node]
) -> Page:
    """Return the connection of `rows`, which `page.limit` bounded; `node` turns a row into its GraphQL type."""
    more = len(rows) > page.size
    shown = (rows[-page.size :] if page.backwards else rows[: page.size]) if more else rows
    edges = [edge(cursor=_encode(row.id), node=node(row)) for row in shown]
    return type_(
        edges=edges,
        nodes=[one.node for one in edges],
        page_info=PageInfo(
            has_next_page=more if not page.backwards else page.before is not None,
            has_previous_page=more if page.backwards else page.after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )


async def first_page(
    page: PageArguments,
    batched: Callable[[int], Awaitable[Sequence[Row]]],
    alone: Callable[[PageArguments], Awaitable[Sequence[Row]]],
) -> Sequence[Row]:
    """Return the rows of a connection below a parent: first pages of many parents in one batch, others each by itself."""
    if page.after is None and page.before is None and not page.backwards:
        return await batched(page.limit)
    return await alone(page)


def _encode(id: str) -> str:
    return base64.urlsafe_b64encode(f"v1:{id}".encode()).decode().rstrip("=")


def _decode(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        version, _, id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        version, id = "", ""
    if version != "v1" or not id or len(cursor) > LONGEST_CURSOR:
        raise InvalidCursor(f"{cursor[:50]!r} is not a cursor of this API; use endCursor or startCursor of a page")
    return id
