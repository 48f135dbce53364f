"""Gives other names to fields of one response name that a subgraph would not let stand together.

Object types of one selection may have a field of the same name and different types (GraphQL section 5.3.2, SameResponseShape).
Clients cannot select such fields together, but in a subgraph types can differ that are equal for clients, and keys are
selected that clients did not ask for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count

from router.plan.fetch_group import Out, OutField
from router.plan.nodes import FieldRename

__all__ = ["resolve_conflicts"]


def resolve_conflicts(out: Out) -> tuple[FieldRename, ...]:
    """Set the aliases of fields that conflict; return what the answer's fields are renamed to, outer ones first."""
    numbers = count(1)
    return tuple(_resolved([out], (), numbers))


def _resolved(outs: list[Out], path: tuple[str, ...], numbers: count[int]) -> Iterator[FieldRename]:
    """Resolve the conflicts of selection sets that a subgraph sees as one."""
    shapes: dict[str, list[tuple[str, list[OutField]]]] = {}
    for field in {id(field): field for field in _fields(outs)}.values():
        alike = shapes.setdefault(field.response_name, [])
        shape = _shape(field)
        known = next((fields for other, fields in alike if other == shape), None)
        if known is None:
            alike.append((shape, [field]))
        else:
            known.append(field)
    for name, alike in shapes.items():
        for at, (_, fields) in enumerate(alike):
            if at:
                alias = f"_{name}_as_{next(numbers)}"
                for field in fields:
                    field.alias = alias
                yield FieldRename(path, alias, name)
    for name, alike in shapes.items():
        for _, fields in alike:
            below = [field.out for field in fields if field.out is not None]
            if below:
                yield from _resolved(below, (*path, name), numbers)


def _fields(outs: Iterable[Out]) -> Iterator[OutField]:
    for out in outs:
        yield from out.fields.values()
        yield from _fields(out.fragments.values())


def _shape(field: OutField) -> str:
    """Return what must be equal: lists and nullability, and for leaves the type."""
    if field.out is None:
        return field.type
    return re.sub(r"\w+", "_", field.type)
