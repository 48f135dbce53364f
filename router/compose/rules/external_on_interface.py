"""EXTERNAL_ON_INTERFACE: @external on a field of an interface, which nobody resolves."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import TypeKind
from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["external_on_interface"]


def external_on_interface(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse @external on interface fields."""
    for type_ in subgraph.types.values():
        for field in type_.fields.values() if type_.kind is TypeKind.INTERFACE else ():
            if field.has("external"):
                message = (
                    f"[{subgraph.name}] {field.coordinate} is a field of an interface and cannot be @external; "
                    "mark it in the types that implement the interface."
                )
                yield CompositionError("EXTERNAL_ON_INTERFACE", message, locations(subgraph, field.node))
