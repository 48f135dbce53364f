"""An operation with `@defer` in parts: the primary answer, then each deferred selection when its fetches are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DirectiveNode, GraphQLCompositeType, GraphQLSchema, SelectionSetNode

from router.execute.deferred_selections import DeferredSelection, take_apart
from router.execute.field_collection import Fragments
from router.execute.needed_fetches import NeededFetches
from router.execute.projection import Projection
from router.execute.steps import Step
from router.plan.nodes import PlanNode, PlanPath

__all__ = ["Deferral", "PreparedPart", "find_deferral"]


@dataclass(frozen=True, slots=True)
class PreparedPart:
    """What is answered as one, ready to run; `nested` is what is deferred inside of it."""

    label: str | None
    path: PlanPath
    # Types of the objects at the path that it is for; None: all.
    on: frozenset[str] | None
    # `@skip` and `@include` of what it is inside of.
    guards: tuple[DirectiveNode, ...]
    projection: Projection
    step: Step | None
    nested: tuple[PreparedPart, ...]


@dataclass(frozen=True, slots=True)
class Deferral:
    """The parts of an operation. `conditions` are the variables of `@defer(if:)`."""

    primary: PreparedPart
    conditions: frozenset[str]

    def applies(self, variables: Mapping[str, Any]) -> bool:
        """Tell whether to answer in parts: with a condition that is false, all is answered at once."""
        return all(variables.get(name, True) for name in self.conditions)


def find_deferral(
    schema: GraphQLSchema,
    root_type: GraphQLCompositeType,
    selection_set: SelectionSetNode,
    fragments: Fragments,
    plan: PlanNode,
    compiled: Callable[[PlanNode], Step],
) -> Deferral | None:
    """Return the parts of an operation, None when nothing is deferred.

    The operation has one plan. A part runs the fetches that it needs and that no part before it has run; what one fetch brings
    for several parts comes with the first of them.
    """
    taken = take_apart(schema, root_type, selection_set, fragments)
    if not taken.deferred:
        return None
    needed = NeededFetches(plan)

    def part(selection: DeferredSelection, done: set[int]) -> PreparedPart:
        own = needed.of(selection.path, selection.selection_set) - done
        node = needed.plan(own)
        return PreparedPart(
            selection.label,
            selection.path,
            selection.on,
            selection.guards,
            Projection(schema, selection.parent, selection.selection_set, {}),
            compiled(node) if node is not None else None,
            tuple(part(inner, done | own) for inner in selection.deferred),
        )

    conditions = frozenset(inner.condition for inner in _all(taken) if inner.condition is not None)
    return Deferral(part(taken, set()), conditions)


def _all(selection: DeferredSelection) -> Iterator[DeferredSelection]:
    for inner in selection.deferred:
        yield inner
        yield from _all(inner)
