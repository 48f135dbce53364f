"""ROOT_QUERY_USED, ROOT_MUTATION_USED, ROOT_SUBSCRIPTION_USED: a type has the default name of a root type, but is none."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import TypeDefinitionNode, TypeExtensionNode

from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["root_type_used"]

_DEFAULTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}


def root_type_used(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse another type where the supergraph's root type takes the name."""
    for operation, default in _DEFAULTS.items():
        root = subgraph.roots.get(operation)
        if root is None or root == default:
            continue
        for node in subgraph.document.definitions:
            if isinstance(node, (TypeDefinitionNode, TypeExtensionNode)) and node.name.value == default:
                message = (
                    f"[{subgraph.name}] The {operation} root type is {root}, but another type is called {default}, "
                    f"which is the root type's name in the supergraph; rename the type {default}."
                )
                yield CompositionError(f"ROOT_{operation.upper()}_USED", message, locations(subgraph, node))
                break
