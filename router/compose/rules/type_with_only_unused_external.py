"""TYPE_WITH_ONLY_UNUSED_EXTERNAL: nothing is left of a Federation 1 type without what it declares for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import TypeKind
from router.compose.errors import CompositionError
from router.compose.field_uses import used_fields
from router.compose.subgraph import Subgraph, locations

__all__ = ["type_with_only_unused_external"]


# Other subgraphs may have the rest of these.
_ROOTS = frozenset({"Query", "Mutation", "Subscription"})


def type_with_only_unused_external(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse object types whose fields are all @external and unused; in Federation 2, EXTERNAL_UNUSED refuses each of them."""
    if not subgraph.is_federation_1:
        return
    used = used_fields(subgraph)
    for type_ in subgraph.types.values():
        if type_.kind is not TypeKind.OBJECT or not type_.fields or type_.name in _ROOTS:
            continue
        if all(field.has("external") and field.coordinate not in used for field in type_.fields.values()):
            message = (
                f"[{subgraph.name}] {type_.name} has only @external fields, which no @key, @requires or @provides uses; "
                f"remove {type_.name}, or give it a @key."
            )
            yield CompositionError("TYPE_WITH_ONLY_UNUSED_EXTERNAL", message, locations(subgraph, type_.node))
