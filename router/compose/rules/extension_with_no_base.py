"""EXTENSION_WITH_NO_BASE: a type that every subgraph extends and none defines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import TypeDefinitionNode

from router.compose.definitions import TypeDefinition
from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["extension_with_no_base"]

_ROOTS = frozenset({"Query", "Mutation", "Subscription"})


def extension_with_no_base(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse extended types without definition, root types apart."""
    defined = {type_.name for subgraph in subgraphs for type_ in subgraph.types.values() if _is_defined(subgraph, type_)}
    for subgraph in subgraphs:
        for type_ in subgraph.types.values():
            if type_.name not in defined | _ROOTS:
                message = (
                    f"[{subgraph.name}] {type_.name} is only extended, and no subgraph defines it; write "
                    f"`{type_.kind.value.replace('object', 'type')} {type_.name}` in one of them."
                )
                yield CompositionError("EXTENSION_WITH_NO_BASE", message, locations(subgraph, type_.node))


def _is_defined(subgraph: Subgraph, type_: TypeDefinition) -> bool:
    """In Federation 1 a type with @extends is an extension, in Federation 2 it counts as a definition."""
    if not type_.nodes:
        return True
    extended = subgraph.is_federation_1 and type_.has("extends")
    return not extended and any(isinstance(node, TypeDefinitionNode) for node in type_.nodes)
