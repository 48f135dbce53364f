"""Values that a field takes from the objects above it (`@context`, `@fromContext`).

A step named `..` of such a path leads from an object to the object that holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from router.execute.response_tree import Object
from router.plan.nodes import PlanPath

__all__ = ["PARENT", "ContextGroup", "context_groups"]

PARENT = ".."

# The object, and the one that holds it.
Lineage: TypeAlias = "tuple[Object, Lineage | None]"


@dataclass(frozen=True, slots=True)
class ContextGroup:
    """Objects for which the context has the same values: they are asked for by one request."""

    values: dict[str, Any]
    objects: list[Object]


def context_groups(root: Object, path: PlanPath, context: Mapping[str, PlanPath]) -> list[ContextGroup]:
    """Return the objects at `path`, grouped by the values of their context; in order of first occurrence."""
    groups: dict[bytes, ContextGroup] = {}
    for lineage in _lineages(root, path):
        values = {name: _read(lineage, where) for name, where in context.items()}
        group = groups.setdefault(orjson.dumps(values), ContextGroup(values, []))
        group.objects.append(lineage[0])
    return list(groups.values())


def _lineages(root: Object, path: PlanPath) -> list[Lineage]:
    level: list[Lineage] = [(root, None)]
    for step in path:
        level = [
            (found, lineage)
            for lineage in level
            if step.on is None or lineage[0].get("__typename") in step.on
            for found in _objects(lineage[0].get(step.response_name))
        ]
    return level


def _objects(value: Any) -> Iterable[Object]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _read(lineage: Lineage, path: PlanPath) -> Any:
    """Return the value at `path`, null where there is none."""
    at: Lineage | None = lineage
    steps = list(path)
    while steps and steps[0].response_name == PARENT:
        at = at[1] if at is not None else None
        del steps[0]
    value: Any = at[0] if at is not None else None
    for step in steps:
        if not isinstance(value, dict) or (step.on is not None and value.get("__typename") not in step.on):
            return None
        value = value.get(step.response_name)
    return value
