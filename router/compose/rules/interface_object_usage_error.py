"""INTERFACE_OBJECT_USAGE_ERROR: @interfaceObject where it cannot stand for an entity interface (Federation 2.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["interface_object_not_entity", "interface_object_without_interface"]

_CODE = "INTERFACE_OBJECT_USAGE_ERROR"


def interface_object_not_entity(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse @interfaceObject on types without key: no other subgraph could reach their fields."""
    for type_ in subgraph.types.values():
        if type_.is_interface_object and not type_.uses_of("key"):
            message = (
                f"[{subgraph.name}] {type_.name} is an @interfaceObject but no entity; give it a @key of the interface "
                f"{type_.name} that other subgraphs define."
            )
            yield CompositionError(_CODE, message, locations(subgraph, type_.node))


def interface_object_without_interface(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse interface objects that stand for no interface, or stand beside a type that implements it."""
    # Where an object type has the name, TYPE_KIND_MISMATCH says so.
    others: set[str] = set()
    implementations: dict[str, set[str]] = {}
    for subgraph in subgraphs:
        others.update(type_.name for type_ in subgraph.types.values() if not type_.is_interface_object)
        for interface, names in subgraph.implementations.items():
            implementations.setdefault(interface, set()).update(names)
    for subgraph in subgraphs:
        for type_ in subgraph.types.values():
            if not type_.is_interface_object:
                continue
            if type_.name not in others:
                message = (
                    f"[{subgraph.name}] {type_.name} is an @interfaceObject, but no subgraph defines an interface {type_.name}; "
                    "define it in one, or remove the directive."
                )
                yield CompositionError(_CODE, message, locations(subgraph, type_.node))
            for name in sorted(implementations.get(type_.name, set()) & subgraph.types.keys()):
                message = (
                    f"[{subgraph.name}] {name} implements the interface {type_.name}, for which this subgraph has the "
                    f"@interfaceObject {type_.name}; define one of the two elsewhere."
                )
                yield CompositionError(_CODE, message, locations(subgraph, subgraph.types[name].node, type_.node))
