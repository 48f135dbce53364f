"""INVALID_SUBGRAPH_NAME: a name that errors, plans or the supergraph could not tell from something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from router.compose.errors import CompositionError, SourceLocation
from router.compose.subgraph import Subgraph

__all__ = ["invalid_subgraph_name"]


def invalid_subgraph_name(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse empty names, `_`, and names given twice."""
    for name, count in Counter(subgraph.name for subgraph in subgraphs).items():
        if name == "_":
            yield _refused(name, "The subgraph name _ is reserved; rename the subgraph.")
        elif not name:
            yield _refused(name, "A subgraph has an empty name; give it one.")
        elif count > 1:
            yield _refused(name, f"{count} subgraphs are called {name}; give each a name of its own.")


def _refused(name: str, message: str) -> CompositionError:
    """Return the error at the beginning of the subgraph's SDL, where its name does not stand."""
    return CompositionError("INVALID_SUBGRAPH_NAME", message, (SourceLocation(name, 1, 1),))
