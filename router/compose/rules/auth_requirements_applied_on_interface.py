"""AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE: an interface demands access, not the types behind it."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import Field, TypeDefinition, TypeKind
from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["ACCESS_DIRECTIVES", "auth_requirements_applied_on_interface"]

ACCESS_DIRECTIVES = ("authenticated", "requiresScopes", "policy")


def auth_requirements_applied_on_interface(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse access directives on interfaces, their fields, and interface objects."""
    for type_ in subgraph.types.values():
        elements: list[TypeDefinition | Field] = []
        if type_.kind is TypeKind.INTERFACE or type_.is_interface_object:
            elements.append(type_)
        if type_.kind is TypeKind.INTERFACE:
            elements += type_.fields.values()
        for element in elements:
            for name in ACCESS_DIRECTIVES:
                for use in element.uses_of(name):
                    message = (
                        f"[{subgraph.name}] @{name} cannot be applied to {element.coordinate}: interfaces, their fields and "
                        "interface objects demand what the types behind them demand; apply it to those types."
                    )
                    yield CompositionError("AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE", message, locations(subgraph, use.node))
