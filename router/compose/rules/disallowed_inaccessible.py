"""DISALLOWED_INACCESSIBLE: @inaccessible on what is not the schema's to hide."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DirectiveDefinitionNode, TypeDefinitionNode, TypeExtensionNode

from router.compose.errors import CompositionError
from router.compose.executable_locations import EXECUTABLE_LOCATIONS
from router.compose.links import FEDERATION
from router.compose.rules.specified_definitions import specified_definitions
from router.compose.subgraph import Subgraph, locations

__all__ = ["disallowed_inaccessible"]

_SPECIFIED_SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})


def disallowed_inaccessible(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse @inaccessible on built-in scalars, types of linked specifications, and arguments of schema directives."""
    reserved = {node.name.value for _, _, node in specified_definitions(subgraph.links) if isinstance(node, TypeDefinitionNode)}
    for node in subgraph.document.definitions:
        if isinstance(node, (TypeDefinitionNode, TypeExtensionNode)) and node.name.value in reserved | _SPECIFIED_SCALARS:
            marked = [(node.name.value, node)]
        # Arguments of a directive that clients use are part of the API.
        elif isinstance(node, DirectiveDefinitionNode) and not {place.value for place in node.locations} <= EXECUTABLE_LOCATIONS:
            marked = [(f"@{node.name.value}({argument.name.value}:)", argument) for argument in node.arguments or ()]  # type: ignore[misc]
        else:
            continue
        for coordinate, element in marked:
            for use in element.directives or ():
                if subgraph.links.directive(use.name.value) == (FEDERATION, "inaccessible"):
                    message = (
                        f"[{subgraph.name}] {coordinate} cannot be @inaccessible: it is no part of the API; remove the directive."
                    )
                    yield CompositionError("DISALLOWED_INACCESSIBLE", message, locations(subgraph, use))
