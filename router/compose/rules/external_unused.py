"""EXTERNAL_UNUSED: a field is declared @external for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import TypeKind
from router.compose.errors import CompositionError
from router.compose.field_uses import used_fields
from router.compose.rules.external_fields import is_external, known_by_key
from router.compose.subgraph import Subgraph, locations

__all__ = ["external_unused"]


def external_unused(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse @external fields that no key, requirement, provision, context or interface names; Federation 1 bore them."""
    if subgraph.is_federation_1:
        return
    used, by_key = used_fields(subgraph), known_by_key(subgraph)
    for type_ in subgraph.types.values():
        for field in type_.fields.values() if type_.kind is TypeKind.OBJECT else ():
            if is_external(field, by_key) and field.coordinate not in used:
                message = (
                    f"[{subgraph.name}] {field.coordinate} is @external, but no @key, @requires or @provides uses it and no "
                    "interface demands it; remove the field, or @external when this subgraph resolves it."
                )
                yield CompositionError("EXTERNAL_UNUSED", message, locations(subgraph, field.node))
