"""Requests and what each waits for, as a tree of sequences and parallels."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from router.plan.fetch_group import FetchGroup
from router.plan.nodes import Condition, Fetch, Flatten, InlineFragment, Parallel, PlanNode, Sequence
from router.plan.selection import Conditions, variables_of

__all__ = ["assemble", "required_fragments", "shared_conditions"]


def assemble(
    groups: list[FetchGroup], fetch: Callable[[FetchGroup, Conditions], Fetch], done: Iterable[int] = ()
) -> PlanNode | None:
    """Return the node that runs the requests; those in `done` have been run before."""
    assembly = _Assembly(groups, fetch, set(done))
    steps: list[PlanNode] = []
    remaining = list(groups)
    while remaining:
        ready = [group for group in remaining if assembly.waits[group.id] <= assembly.finished]
        if not ready:
            raise ValueError("requests wait for each other")
        step, ran = assembly.branch(ready, frozenset())
        steps.append(step)
        assembly.finished |= ran
        remaining = [group for group in remaining if group.id not in ran]
    return _sequence(steps) if steps else None


class _Assembly:
    def __init__(self, groups: list[FetchGroup], fetch: Callable[[FetchGroup, Conditions], Fetch], done: set[int]) -> None:
        self._fetch = fetch
        self.finished = done
        self.waits = _reduced(groups, frozenset(done))
        self._following: dict[int, list[FetchGroup]] = {}
        for group in groups:
            for id in self.waits[group.id]:
                self._following.setdefault(id, []).append(group)

    def branch(self, ready: list[FetchGroup], above: frozenset[int]) -> tuple[PlanNode, set[int]]:
        """Return requests that can start after `above`, each followed by what waits for it alone, and the ids of all of them."""
        nodes, ran = [], set[int]()
        for group in ready:
            ran.add(group.id)
            now = above | {group.id}
            following = [other for other in self._following.get(group.id, ()) if self.waits[other.id] - self.finished <= now]
            steps: list[PlanNode] = [_request(group, self._fetch)]
            if following:
                after, also = self.branch(following, now)
                steps.append(after)
                ran |= also
            nodes.append(_sequence(steps))
        return _parallel(nodes), ran


def _sequence(steps: Iterable[PlanNode]) -> PlanNode:
    found: list[PlanNode] = []
    for step in (one for node in steps for one in (node.nodes if isinstance(node, Sequence) else (node,))):
        last = found[-1] if found else None
        if isinstance(last, Condition) and isinstance(step, Condition) and last.variable == step.variable:
            found[-1] = _condition(last, step, _sequence)
        else:
            found.append(step)
    return found[0] if len(found) == 1 else Sequence(tuple(found))


def _parallel(nodes: Iterable[PlanNode]) -> PlanNode:
    found: dict[object, PlanNode] = {}
    for node in (one for each in nodes for one in (each.nodes if isinstance(each, Parallel) else (each,))):
        key = node.variable if isinstance(node, Condition) else id(node)
        known = found.get(key)
        same = isinstance(known, Condition) and isinstance(node, Condition)
        found[key] = _condition(known, node, _parallel) if same else node  # type: ignore[arg-type]
    return next(iter(found.values())) if len(found) == 1 else Parallel(tuple(found.values()))


def _condition(one: Condition, other: Condition, join: Callable[[Iterable[PlanNode]], PlanNode]) -> Condition:
    """Return one node for two of the same variable."""
    true = [node for node in (one.if_true, other.if_true) if node is not None]
    false = [node for node in (one.if_false, other.if_false) if node is not None]
    return Condition(one.variable, join(true) if true else None, join(false) if false else None)


def _request(group: FetchGroup, fetch: Callable[[FetchGroup, Conditions], Fetch]) -> PlanNode:
    """Return the request, under the conditions that all of its fields share: nothing is sent for what is skipped."""
    conditions = shared_conditions(group)
    request = fetch(group, conditions)
    node: PlanNode = Flatten(group.path, request) if group.path else request
    for variable, wanted in reversed(conditions):
        node = Condition(variable, node if wanted else None, None if wanted else node)
    return node


def shared_conditions(group: FetchGroup) -> Conditions:
    """Return the conditions without which no field of the request is wanted."""
    found = [frozenset(conditions) for conditions in group.out.conditions()]
    return variables_of(tuple(sorted(frozenset.intersection(*found)))) if found else ()


def required_fragments(group: FetchGroup) -> tuple[InlineFragment, ...]:
    """Return what the representations of the request hold, by type."""
    return tuple(InlineFragment(names, fields, condition) for (names, condition), fields in (group.requires or {}).items())


def _reduced(groups: list[FetchGroup], done: frozenset[int]) -> dict[int, frozenset[int]]:
    """Return what each request waits for, without what follows from the rest (transitive reduction)."""
    known = {group.id: group for group in groups}
    everything: dict[int, frozenset[int]] = {}

    def ancestors(id: int) -> frozenset[int]:
        if id not in everything:
            direct = known[id].after if id in known else frozenset[int]()
            everything[id] = direct.union(*(ancestors(one) for one in direct))
        return everything[id]

    waits = {}
    for group in groups:
        direct = group.after - done
        waits[group.id] = frozenset(one for one in direct if not any(one in ancestors(other) for other in direct if other != one))
    return waits
