"""The compiled query plan: a tree of steps, each of which runs against the state of one execution."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from router.execute.dependents import dependents_of
from router.execute.fetch import EntityFetch, RootFetch
from router.execute.state import ExecutionState
from router.plan.nodes import (
    Condition,
    Fetch,
    Flatten,
    Parallel,
    PlanNode,
    QueryPlan,
    Sequence,
    SubscriptionPlan,
)
from router.supergraph.model import Subgraph

__all__ = ["Step", "compile_node", "shares_entities"]


class Step(Protocol):
    """A node of the plan, ready to run."""

    async def run(self, state: ExecutionState) -> None:
        """Do what the node says; failures of subgraphs become errors of the state."""
        ...


class SequenceStep:
    """One step after the other."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = steps

    async def run(self, state: ExecutionState) -> None:
        """See `Step`."""
        for step in self._steps:
            await step.run(state)
            if state.ended:
                return


class ParallelStep:
    """Steps at once."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = steps

    async def run(self, state: ExecutionState) -> None:
        """See `Step`; when it is cancelled, all steps are."""
        first, *others = self._steps
        async with asyncio.TaskGroup() as group:
            for step in others:
                group.create_task(step.run(state))
            # No task of its own; it is the first to send its request.
            await first.run(state)


class ConditionStep:
    """One branch by the value of a variable."""

    def __init__(self, variable: str, if_true: Step | None, if_false: Step | None) -> None:
        self._variable = variable
        self._if_true = if_true
        self._if_false = if_false

    async def run(self, state: ExecutionState) -> None:
        """See `Step`."""
        step = self._if_true if state.coerced[self._variable] else self._if_false
        if step is not None:
            await step.run(state)


def compile_node(
    node: PlanNode,
    defaults: Mapping[str, Any],
    subgraphs: Mapping[str, Subgraph] | None = None,
    *,
    may_share: bool,
    needed: frozenset[str] = frozenset(),
) -> Step:
    """Return the step of a plan node.

    `needed` are the response names of a mutation's root fields without which there is no data.
    """

    def compiled(child: PlanNode) -> Step:
        return compile_node(child, defaults, subgraphs, may_share=may_share, needed=needed)

    match node:
        case Fetch():
            return RootFetch(node, defaults, needed)
        case Flatten(path=path, node=fetch):
            subgraph = (subgraphs or {}).get(fetch.subgraph)
            dependents = dependents_of(fetch, subgraph) if subgraph is not None else None
            return EntityFetch(fetch, path, defaults, may_share=may_share, dependents=dependents)
        case Sequence(nodes=nodes):
            return SequenceStep(tuple(map(compiled, nodes)))
        case Parallel(nodes=nodes):
            return ParallelStep(tuple(map(compiled, nodes)))
        case Condition():
            return ConditionStep(node.variable, _optional(node.if_true, compiled), _optional(node.if_false, compiled))
        case SubscriptionPlan(primary=primary, rest=rest):
            return SequenceStep(tuple(compiled(part) for part in (primary, rest) if part is not None))


def _optional(node: PlanNode | None, compiled: Callable[[PlanNode], Step]) -> Step | None:
    return None if node is None else compiled(node)


def shares_entities(plan: QueryPlan) -> bool:
    """Tell whether entities of one representation may have values in common in the response tree.

    Where a path depends on the type of an object, a later fetch may add to one place of an entity what another place
    does not have, under the same response name. Where values come from the context, they differ between places.
    """
    flattens = _flattens(plan.root) if plan.root is not None else []
    return not any(flatten.node.context or any(step.on is not None for step in flatten.path) for flatten in flattens)


def _flattens(node: PlanNode) -> list[Flatten]:
    match node:
        case Fetch():
            return []
        case Flatten():
            return [node]
        case Sequence(nodes=nodes) | Parallel(nodes=nodes):
            children: list[PlanNode | None] = list(nodes)
        case Condition():
            children = [node.if_true, node.if_false]
        case SubscriptionPlan():
            children = [node.rest]
    return [flatten for child in children if child is not None for flatten in _flattens(child)]
