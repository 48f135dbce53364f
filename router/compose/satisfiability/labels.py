"""Progressive overrides: what is assumed of their labels, both ways, but only where a label makes a difference."""

from __future__ import annotations

from typing import TypeAlias

__all__ = ["Labels", "UndecidedLabelError"]

# Labels whose condition has been assumed, with the value assumed; others have not mattered so far.
Labels: TypeAlias = tuple[tuple[str, bool], ...]


class UndecidedLabelError(Exception):
    """The answer depends on a label of which nothing is assumed yet: ask again with each of its values."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.label = label
