"""Who answers the fields of a position, and what that takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from router.plan.selection import Field, Selection
from router.plan.views import Hop

__all__ = ["Assignment", "Part", "Solution", "cost", "share_fetches"]


@dataclass(frozen=True, slots=True)
class Solution:
    """What it takes to answer a selection from a position: sequential fetches, all fetches, and what cannot be answered."""

    depth: int = 0
    fetches: frozenset[object] = frozenset()
    missing: Selection | None = None
    # Response names of fields that must be asked on the object types for it.
    expand: frozenset[str] = frozenset()

    @property
    def cost(self) -> tuple[int, int, int]:
        """What is minimised, most important first."""
        return (self.missing.size if self.missing else 0, self.depth, len(self.fetches))


@dataclass(frozen=True, slots=True)
class Part:
    """A field, or the part of its selection that is asked of one subgraph. Without `hop` it is the current one."""

    field: Field
    hop: Hop | None
    solution: Solution
    # Fields to fetch before, for the field's `@requires`.
    requires: tuple[Field, ...] = ()
    # Arguments come from objects above (`@fromContext`).
    contextual: bool = False

    @property
    def waits(self) -> bool:
        """Whether something else has to be fetched before."""
        return bool(self.requires) or self.contextual


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which parts answer a set of fields."""

    parts: tuple[Part, ...]
    solution: Solution


def share_fetches(parts: list[Part], open_to: dict[int, list[Part]]) -> None:
    """Put other parts that can be chosen, where they add fewer fetches to those of the rest and no steps to the whole."""
    depth = max((part.solution.depth for part in parts), default=0)
    counts = Counter(fetch for part in parts for fetch in part.solution.fetches)
    for at, usable in open_to.items():
        chosen = parts[at]
        counts.subtract(chosen.solution.fetches)

        def added(part: Part) -> tuple[int, int]:
            return sum(counts[fetch] <= 0 for fetch in part.solution.fetches), part.solution.depth

        possible = [part for part in usable if part.solution.missing is None and part.solution.depth <= depth]
        other = min(possible, key=added)
        parts[at] = other if added(other) < added(chosen) else chosen
        counts.update(parts[at].solution.fetches)


def cost(assignment: Assignment) -> tuple[int, int, int, int]:
    moved = sum(part.hop is not None for part in assignment.parts)
    return (*assignment.solution.cost, moved)
