"""A place in the response tree while requests are written down."""

from __future__ import annotations

from dataclasses import dataclass

from router.plan.fetch_group import FetchGroup, Out
from router.plan.nodes import PlanPath
from router.plan.scope import Scope
from router.plan.views import Provided

__all__ = ["Position"]


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
    # The objects that hold these.
    above: Position | None = None

    @property
    def subgraph(self) -> str | None:
        """The subgraph that the objects come from."""
        return self.group.subgraph if self.group else None
