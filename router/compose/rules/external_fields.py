"""Which fields marked @external are resolved elsewhere in truth."""

from __future__ import annotations

from router.compose.definitions import Field
from router.compose.field_uses import named_fields
from router.compose.subgraph import Subgraph

__all__ = ["is_external", "known_by_key"]


def is_external(field: Field, by_key: frozenset[str]) -> bool:
    """Whether another subgraph resolves the field: marked @external, and not among `known_by_key`."""
    return field.external and field.coordinate not in by_key


def known_by_key(subgraph: Subgraph) -> frozenset[str]:
    """Return the coordinates of fields marked @external that this subgraph knows nevertheless.

    Since Federation 1, `extend type T @key(fields: "id") { id: ID! @external }` says that the subgraph has `id`.
    """
    found: set[str] = set()
    for type_ in subgraph.types.values():
        if type_.is_extension:
            for key in type_.keys:
                found.update(named_fields(subgraph, type_.name, key.fields))
    marked = {field.coordinate for type_ in subgraph.types.values() for field in type_.fields.values() if field.has("external")}
    return frozenset(found & marked)
