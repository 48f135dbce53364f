"""A place in the response tree while requests are written down."""

from __future__ import annotations

from dataclasses import dataclass, field

from router.plan.fetch_group import FetchGroup, Out, OutField
from router.plan.nodes import PlanPath
from router.plan.scope import Scope
from router.plan.selection import Conditions
from router.plan.views import Provided

__all__ = ["Alike", "Position"]


@dataclass(frozen=True, eq=False)
class Alike:
    """Fields that several object types of a place answer in the same way: they are written once, and hold for all of them.

    Without it, an operation whose interfaces have to be expanded at every level would grow by the number of types with each.
    """

    # None stands for all types that there are.
    types: dict[object, frozenset[str] | None]
    written: dict[object, tuple[OutField, frozenset[int]]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Position:
    """Objects in the response tree, and the selection of a request that they come from (None before the root requests)."""

    type_name: str
    group: FetchGroup | None
    out: Out | None
    path: PlanPath
    on: frozenset[str] | None
    scope: Scope
    provided: Provided = frozenset()
    # Under which the objects are wanted at all.
    conditions: Conditions = ()
    # What fields written here are conditional on besides their own conditions, since nothing around them is in the request.
    pending: Conditions = ()
    # The objects that hold these.
    above: Position | None = None
    # What object types of one abstract type have in common here.
    alike: Alike | None = None

    @property
    def subgraph(self) -> str | None:
        """The subgraph that the objects come from."""
        return self.group.subgraph if self.group else None
