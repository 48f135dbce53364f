"""INVALID_SUBGRAPH_NAME: a name that errors, plans or the supergraph could not tell from something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph

__all__ = ["invalid_subgraph_name"]


def invalid_subgraph_name(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse empty names, `_`, and names given twice."""
    for name, count in Counter(subgraph.name for subgraph in subgraphs).items():
        if name == "_":
            yield CompositionError("INVALID_SUBGRAPH_NAME", "The subgraph name _ is reserved; rename the subgraph.")
        elif not name:
            yield CompositionError("INVALID_SUBGRAPH_NAME", "A subgraph has an empty name; give it one.")
        elif count > 1:
            message = f"{count} subgraphs are called {name}; give each a name of its own."
            yield CompositionError("INVALID_SUBGRAPH_NAME", message)
