"""COST_APPLIED_TO_INTERFACE_FIELD: @cost on a field of an interface, whose cost is that of the types behind it."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import TypeKind
from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["cost_applied_to_interface_field"]


def cost_applied_to_interface_field(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse @cost on interface fields."""
    for type_ in subgraph.types.values():
        for field in type_.fields.values() if type_.kind is TypeKind.INTERFACE else ():
            for use in field.uses_of("cost"):
                message = (
                    f"[{subgraph.name}] @cost cannot be applied to {field.coordinate}, a field of an interface; "
                    "apply it to the field of the types that implement it."
                )
                yield CompositionError("COST_APPLIED_TO_INTERFACE_FIELD", message, locations(subgraph, use.node))
