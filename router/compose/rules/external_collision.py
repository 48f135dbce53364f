"""EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE: @external beside a directive that speaks of resolving the field."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.errors import CompositionError
from router.compose.rules.external_fields import is_external, known_by_key
from router.compose.subgraph import Subgraph, locations

__all__ = ["external_collision"]


def external_collision(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse @provides on @external fields: who does not resolve the field cannot provide anything with it."""
    by_key = known_by_key(subgraph)
    for type_ in subgraph.types.values():
        for field in type_.fields.values():
            for use in field.uses_of("provides") if is_external(field, by_key) else ():
                message = (
                    f"[{subgraph.name}] {field.coordinate} has both @external and @provides; remove @provides, or @external when "
                    "this subgraph resolves the field."
                )
                yield CompositionError("EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE", message, locations(subgraph, use.node))
