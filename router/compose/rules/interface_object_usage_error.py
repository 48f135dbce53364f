"""INTERFACE_OBJECT_USAGE_ERROR: @interfaceObject where it cannot stand for an entity interface."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["interface_object_usage_error"]

_CODE = "INTERFACE_OBJECT_USAGE_ERROR"


def interface_object_usage_error(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse @interfaceObject on types without key: no other subgraph could reach their fields."""
    for type_ in subgraph.types.values():
        if type_.is_interface_object and not type_.uses_of("key"):
            message = (
                f"[{subgraph.name}] {type_.name} is an @interfaceObject but no entity; give it a @key of the interface "
                f"{type_.name} that other subgraphs define."
            )
            yield CompositionError(_CODE, message, locations(subgraph, type_.node))
