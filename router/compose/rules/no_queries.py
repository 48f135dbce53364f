"""NO_QUERIES: nothing can be asked of the supergraph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph

__all__ = ["no_queries"]


def no_queries(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse subgraphs none of which has a field on its query root type."""
    roots = (subgraph.root("query") for subgraph in subgraphs)
    if not any(root is not None and root.fields for root in roots):
        message = "No subgraph has a query; add a field to the Query type of one of them."
        yield CompositionError("NO_QUERIES", message)
