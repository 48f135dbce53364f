"""One description out of the subgraphs' descriptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from router.compose.merge.context import MergeContext
from router.compose.subgraph import Subgraph

__all__ = ["merge_description"]


class Described(Protocol):
    """An element that can have a description."""

    @property
    def description(self) -> str | None:
        """The text, None when there is none."""
        ...


def merge_description(context: MergeContext, coordinate: str, sources: Sequence[tuple[Subgraph, Described]]) -> str | None:
    """Return the description that most subgraphs have, of equals the first; whitespace around it does not count."""
    counts = Counter(text for _, element in sources if element.description and (text := element.description.strip()))
    if not counts:
        return None
    if len(counts) > 1:
        context.hint(
            "INCONSISTENT_DESCRIPTION",
            f'"{coordinate}" has different descriptions in {len(counts)} ways across subgraphs: the most frequent one is used. '
            "Give it the same description everywhere.",
        )
    return counts.most_common(1)[0][0]
