"""PROVIDES_ON_NON_OBJECT_FIELD: @provides on a field whose values have no fields."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.errors import CompositionError
from router.compose.rules.field_sets import field_sets
from router.compose.subgraph import Subgraph

__all__ = ["provides_on_non_object_field"]


def provides_on_non_object_field(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse provisions below scalars and enums."""
    for field_set in field_sets(subgraph, "provides"):
        type_ = subgraph.types.get(field_set.parent)
        if type_ is None or not type_.is_composite:
            yield field_set.error("ON_NON_OBJECT_FIELD", f"{field_set.parent} has no fields to provide; remove the directive")
