"""What a path provides: external fields that a subgraph answers below one of its fields only (`@provides`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from router.supergraph.query_graph.field_set import FieldSet, SetField

__all__ = ["NOTHING", "Provided", "as_type", "below", "provides"]

# Paths from the current object. A step is the name of a field, or "... Type" where only objects of that type have it.
Provided: TypeAlias = frozenset[tuple[str, ...]]

NOTHING: Provided = frozenset()
_FRAGMENT = "... "


def provides(fields: FieldSet) -> Provided:
    """Return the paths of a field's own `@provides`."""
    found: set[tuple[str, ...]] = set()
    for item in fields:
        step = item.name if isinstance(item, SetField) else _FRAGMENT + item.type_name
        if isinstance(item, SetField):
            found.add((step,))
        found |= {(step, *path) for path in provides(item.selection)}
    return frozenset(found)


def below(provided: Provided, field: str) -> Provided:
    """Return what is still provided below a field."""
    if not provided:
        return NOTHING
    return frozenset(path[1:] for path in provided if path[0] == field and len(path) > 1)


def as_type(provided: Provided, is_a: Callable[[str], bool]) -> Provided:
    """Return what is provided for an object that is of the types for which `is_a` holds."""
    if not any(path[0].startswith(_FRAGMENT) for path in provided):
        return provided
    found: set[tuple[str, ...]] = set()
    for path in provided:
        while path and path[0].startswith(_FRAGMENT) and is_a(path[0].removeprefix(_FRAGMENT)):
            path = path[1:]
        if path and not path[0].startswith(_FRAGMENT):
            found.add(path)
    return frozenset(found)
