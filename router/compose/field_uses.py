"""Which fields a subgraph's own directives and interfaces name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from router.compose.definitions import TypeDefinition, TypeKind
from router.compose.field_set import selected_fields, try_parse_field_set
from router.compose.subgraph import Subgraph

__all__ = ["key_fields", "named_fields", "provided_fields", "used_fields"]


def key_fields(subgraph: Subgraph) -> frozenset[str]:
    """Return the coordinates of all fields in keys."""
    found: set[str] = set()
    for type_ in subgraph.types.values():
        for key in type_.keys:
            found.update(named_fields(subgraph, type_.name, key.fields))
    return frozenset(found)


def provided_fields(subgraph: Subgraph) -> frozenset[str]:
    """Return the coordinates of all fields that some `@provides` names."""
    found: set[str] = set()
    for type_ in subgraph.types.values():
        for field in type_.fields.values():
            for use in field.uses_of("provides"):
                found.update(named_fields(subgraph, field.type_name, use.arguments.get("fields")))
    return frozenset(found)


def used_fields(subgraph: Subgraph) -> frozenset[str]:
    """Return the coordinates of all fields that the subgraph needs for keys, `@requires`, `@provides`, contexts or interfaces."""
    found = set(key_fields(subgraph) | provided_fields(subgraph))
    for type_ in subgraph.types.values():
        found.update(_demanded_by_interfaces(subgraph, type_))
        for field in type_.fields.values():
            for use in field.uses_of("requires"):
                found.update(named_fields(subgraph, type_.name, use.arguments.get("fields")))
            for argument in field.arguments.values():
                for use in argument.uses_of("fromContext"):
                    found.update(_context_fields(subgraph, use.arguments.get("field")))
    return frozenset(found)


def named_fields(subgraph: Subgraph, type_name: str, text: Any) -> Iterator[str]:
    """Yield the coordinates of the fields in a field set; those of an interface with their implementations'."""
    selection_set = try_parse_field_set(text) if isinstance(text, str) else None
    if selection_set is None:
        return
    for type_, field, _ in selected_fields(subgraph.types, type_name, selection_set):
        yield field.coordinate
        if type_.kind is TypeKind.INTERFACE:
            for name in subgraph.implementations.get(type_.name, ()):
                yield f"{name}.{field.name}"


def _demanded_by_interfaces(subgraph: Subgraph, type_: TypeDefinition) -> Iterator[str]:
    for interface in type_.interfaces:
        definition = subgraph.types.get(interface)
        if definition is not None:
            yield from (f"{type_.name}.{name}" for name in definition.fields)


def _context_fields(subgraph: Subgraph, text: Any) -> Iterator[str]:
    """`$context { field }` selects on every type that sets the context."""
    if not isinstance(text, str) or not text.lstrip().startswith("$"):
        return
    context, _, selection = text.strip().removeprefix("$").partition("{")
    name = context.split()[0] if context.split() else ""
    for type_ in subgraph.types.values():
        if any(use.arguments.get("name") == name for use in type_.uses_of("context")):
            for possible in subgraph.possible_types(type_.name):
                yield from named_fields(subgraph, possible, "{" + selection)
