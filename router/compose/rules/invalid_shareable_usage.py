"""INVALID_SHAREABLE_USAGE: @shareable where nothing is resolved, or twice."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import TypeDefinitionNode, TypeExtensionNode

from router.compose.definitions import TypeDefinition, TypeKind, Use
from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["invalid_shareable_usage"]


def invalid_shareable_usage(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse @shareable on fields of interfaces, and more than once on one field or one declaration of a type."""
    for type_ in subgraph.types.values():
        for together in _uses_by_declaration(subgraph, type_):
            if len(together) > 1:
                message = (
                    f"[{subgraph.name}] One declaration of {type_.name} is marked @shareable more than once; once is enough. "
                    "Mark each extension by itself."
                )
                yield CompositionError("INVALID_SHAREABLE_USAGE", message, locations(subgraph, *(use.node for use in together)))
        for field in type_.fields.values():
            uses = field.uses_of("shareable")
            if uses and type_.kind is TypeKind.INTERFACE:
                complaint = "is a field of an interface; mark the field in the types that implement it"
            elif len(uses) > 1:
                complaint = "is marked @shareable more than once; once is enough"
            else:
                continue
            message = f"[{subgraph.name}] {field.coordinate} {complaint}."
            yield CompositionError("INVALID_SHAREABLE_USAGE", message, locations(subgraph, *(use.node for use in uses)))


def _uses_by_declaration(subgraph: Subgraph, type_: TypeDefinition) -> Iterator[list[Use]]:
    """Yield the applications on the type's definition and on each of its extensions: it is repeatable for their sake."""
    uses = type_.uses_of("shareable")
    if len(uses) < 2:
        return
    for node in subgraph.document.definitions:
        if isinstance(node, (TypeDefinitionNode, TypeExtensionNode)) and node.name.value == type_.name:
            yield [use for use in uses if any(use.node is directive for directive in node.directives or ())]
