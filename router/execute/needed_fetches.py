"""Which fetches of a plan a part of the operation needs: those that bring its fields, and those that bring their keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import FieldNode, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse

from router.plan.nodes import (
    Condition,
    Fetch,
    Flatten,
    InlineFragment,
    Parallel,
    PlanNode,
    PlanPath,
    Requirement,
    Sequence,
)

__all__ = ["NeededFetches"]

# Response names from the root down, through lists; types are left out, which at worst makes a fetch seem needed.
_Names: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class _Described:
    node: Fetch | Flatten
    brings: frozenset[_Names]
    requires: frozenset[_Names]


class NeededFetches:
    """The fetches of one plan, in an order in which they can run."""

    def __init__(self, root: PlanNode) -> None:
        self._root = root
        self._fetches = [_described(node) for node in _fetches(root)]

    def of(self, path: PlanPath, selection_set: SelectionSetNode) -> set[int]:
        """Return the ids of the fetches that a selection set on the objects at `path` needs."""
        wanted = set(_fields(selection_set, _names(path)))
        needed: set[int] = set()
        for fetch in reversed(self._fetches):
            if not fetch.brings.isdisjoint(wanted):
                needed.add(_id(fetch.node))
                wanted |= fetch.requires
        return needed

    def plan(self, ids: set[int]) -> PlanNode | None:
        """Return the plan with these fetches alone."""
        return _filtered(self._root, ids)


def _described(node: Fetch | Flatten) -> _Described:
    fetch = node.node if isinstance(node, Flatten) else node
    at = _names(node.path) if isinstance(node, Flatten) else ()
    operation = parse(fetch.operation, no_location=True).definitions[0]
    selection_set = operation.selection_set if isinstance(operation, OperationDefinitionNode) else None
    if fetch.requires and selection_set is not None:
        entities = selection_set.selections[0]
        selection_set = entities.selection_set if isinstance(entities, FieldNode) else None
    # Response names are those of clients; aliases are used for nothing else in a fetch.
    names = {rename.alias: rename.response_name for rename in fetch.renames}
    fields = _fields(selection_set, ()) if selection_set is not None else ()
    brings = frozenset((*at, *(names.get(name, name) for name in path)) for path in fields)
    # The objects themselves, and what tells them apart.
    requires = {at[:length] for length in range(1, len(at) + 1)} | set(_required(fetch.requires, at))
    requires |= {(*at, *_names(context)) for context in fetch.context.values()}
    return _Described(node, brings, frozenset(requires))


def _fields(selection_set: SelectionSetNode, at: _Names) -> Iterator[_Names]:
    """Yield the path of each field but `__typename`, which any fetch brings along."""
    for selection in selection_set.selections:
        if isinstance(selection, FieldNode):
            path = (*at, (selection.alias or selection.name).value)
            if selection.name.value != "__typename":
                yield path
            if selection.selection_set is not None:
                yield from _fields(selection.selection_set, path)
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(selection.selection_set, at)


def _required(requirements: Iterable[Requirement], at: _Names) -> Iterator[_Names]:
    for requirement in requirements:
        if isinstance(requirement, InlineFragment):
            yield from _required(requirement.selections, at)
        elif requirement.name != "__typename":
            path = (*at, requirement.response_name)
            yield path
            yield from _required(requirement.selections, path)


def _names(path: PlanPath) -> _Names:
    return tuple(step.response_name for step in path)


def _id(node: Fetch | Flatten) -> int:
    return node.node.id if isinstance(node, Flatten) else node.id


def _fetches(node: PlanNode) -> Iterator[Fetch | Flatten]:
    if isinstance(node, Fetch | Flatten):
        yield node
    for child in _children(node):
        yield from _fetches(child)


def _children(node: PlanNode) -> Iterable[PlanNode]:
    if isinstance(node, Sequence | Parallel):
        return node.nodes
    if isinstance(node, Condition):
        return [child for child in (node.if_true, node.if_false) if child is not None]
    return ()


def _filtered(node: PlanNode | None, ids: set[int]) -> PlanNode | None:
    if isinstance(node, Fetch | Flatten):
        return node if _id(node) in ids else None
    if isinstance(node, Sequence | Parallel):
        kept: list[Any] = [child for child in (_filtered(child, ids) for child in node.nodes) if child is not None]
        if len(kept) <= 1:
            return kept[0] if kept else None
        return type(node)(tuple(kept))
    if isinstance(node, Condition):
        if_true, if_false = _filtered(node.if_true, ids), _filtered(node.if_false, ids)
        return Condition(node.variable, if_true, if_false) if if_true is not None or if_false is not None else None
    return None
