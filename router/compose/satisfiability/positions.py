"""Where a client's path can be: an object type, and what is reachable from each subgraph that may have given the object."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import GraphQLField

from router.compose.satisfiability.closure import Closure
from router.compose.satisfiability.conditions import Contexts
from router.compose.satisfiability.labels import Labels

__all__ = ["Path", "Position", "Step", "strongest"]

# A field, or the object type of a fragment.
Step: TypeAlias = tuple[str, GraphQLField] | str


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """How a client gets to a position, for the example that an error shows. The first step of an operation has no parent."""

    operation: str
    parent: Path | None = None
    step: Step | None = None

    def then(self, step: Step) -> Path:
        """Return the path with one more step."""
        return Path(self.operation, self, step)

    @property
    def steps(self) -> list[Step]:
        """The steps from the root."""
        found: list[Step] = []
        path: Path | None = self
        while path is not None and path.step is not None:
            found.append(path.step)
            path = path.parent
        return found[::-1]


@dataclass(frozen=True, slots=True, eq=False)
class Position:
    """An object of `type_name`, given by any one of several subgraphs: one closure for each.

    `contexts` are what objects above have set (`@context`) and can supply; `labels` are the assumptions of the path.
    """

    type_name: str
    closures: tuple[Closure, ...]
    contexts: Contexts
    labels: Labels
    path: Path = field(repr=False)

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal for positions at which the same can be answered under the same assumptions."""
        reached = frozenset((closure.reached, closure.entered) for closure in self.closures)
        return (self.type_name, reached, self.contexts, self.labels)

    def is_at_least(self, other: Position) -> bool:
        """Whether all that is answered at `other` (of the same type) is answered here, so that `other` being right is enough."""
        return (
            other.contexts <= self.contexts
            and other.labels <= self.labels
            and all(any(mine.covers(theirs) for mine in self.closures) for theirs in other.closures)
        )


def strongest(closures: Iterable[Closure]) -> tuple[Closure, ...]:
    """Return the closures without those that another one covers."""
    kept: list[Closure] = []
    for closure in closures:
        if not any(other.covers(closure) for other in kept):
            kept = [other for other in kept if not closure.covers(other)]
            kept.append(closure)
    return tuple(kept)
