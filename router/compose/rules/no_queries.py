"""NO_QUERIES: nothing can be asked of the supergraph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import Node

from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["no_queries"]


def no_queries(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse subgraphs none of which has a field on its query root type."""
    roots = (subgraph.root("query") for subgraph in subgraphs)
    if not any(root is not None and root.fields for root in roots):
        message = "No subgraph has a query; add a field to the Query type of one of them."
        starts = tuple(place for subgraph in subgraphs for place in locations(subgraph, _start(subgraph)))
        yield CompositionError("NO_QUERIES", message, starts)


def _start(subgraph: Subgraph) -> Node:
    """Return where a query would be added: the query type if there is one, else the beginning."""
    root = subgraph.root("query")
    return root.node if root is not None and root.node is not None else subgraph.document.definitions[0]
