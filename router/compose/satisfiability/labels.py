"""Progressive overrides: what is assumed of their labels, each way, where a field is answered by one side or the other.

A label decides who answers a field that a client selects. The conditions of keys and requirements never rest on labelled
fields: which side holds their values would change under way, while the requests of a rollout still run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from router.supergraph.query_graph import Edge

__all__ = ["Labels", "by_label"]

# Labels of which something is assumed, with the condition's value; others have not mattered so far.
Labels: TypeAlias = frozenset[tuple[str, bool]]


def by_label(edges: Sequence[Edge], labels: Labels) -> Iterator[tuple[Labels, Sequence[Edge]]]:
    """Yield the edges that are there, for each value of the labels on which they depend, with the assumptions made."""
    assumed = dict(labels)
    undecided = next((edge.label for edge in edges if edge.label is not None and edge.label not in assumed), None)
    if undecided is not None:
        for value in (True, False):
            yield from by_label(edges, labels | {(undecided, value)})
        return
    yield labels, tuple(edge for edge in edges if edge.label is None or assumed[edge.label] is edge.active)
