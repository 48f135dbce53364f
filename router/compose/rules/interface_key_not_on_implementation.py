"""INTERFACE_KEY_NOT_ON_IMPLEMENTATION: an entity interface is implemented by a type without its key."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import Key, TypeDefinition, TypeKind
from router.compose.errors import CompositionError
from router.compose.field_set import print_field_set, try_parse_field_set
from router.compose.subgraph import Subgraph, locations

__all__ = ["interface_key_not_on_implementation"]


def interface_key_not_on_implementation(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse keys of interfaces that an implementing type lacks, or has only as unresolvable."""
    for interface in subgraph.types.values():
        for key in interface.keys if interface.kind is TypeKind.INTERFACE else ():
            for name in subgraph.implementations.get(interface.name, ()):
                implementation = subgraph.types[name]
                found = _same_keys(implementation, key)
                if not found:
                    complaint = f'is missing on {name}, which implements it; add @key(fields: "{key.fields}") to {name}'
                elif key.resolvable and not any(other.resolvable for other in found):
                    complaint = f"is resolvable, but not on {name}, which implements it; make both resolvable, or none"
                else:
                    continue
                message = f'[{subgraph.name}] The key @key(fields: "{key.fields}") of the interface {interface.name} {complaint}.'
                places = locations(subgraph, key.use.node, implementation.node)
                yield CompositionError("INTERFACE_KEY_NOT_ON_IMPLEMENTATION", message, places)


def _same_keys(type_: TypeDefinition, key: Key) -> list[Key]:
    wanted = _normal(key.fields)
    return [other for other in type_.keys if _normal(other.fields) == wanted]


def _normal(fields: str) -> frozenset[str]:
    """The selection, whatever the order of its fields."""
    selection_set = try_parse_field_set(fields)
    if selection_set is None:
        return frozenset({fields})
    return frozenset(print_field_set(type(selection_set)(selections=(part,))) for part in selection_set.selections)
