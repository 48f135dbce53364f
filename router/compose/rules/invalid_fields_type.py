"""KEY_INVALID_FIELDS_TYPE, REQUIRES_INVALID_FIELDS_TYPE, PROVIDES_INVALID_FIELDS_TYPE: `fields` is no string."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.errors import CompositionError
from router.compose.rules.field_sets import DIRECTIVES, field_sets
from router.compose.subgraph import Subgraph

__all__ = ["invalid_fields_type"]


def invalid_fields_type(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse field sets that are not written as one string."""
    for directive in DIRECTIVES:
        for field_set in field_sets(subgraph, directive):
            if field_set.text is None:
                yield field_set.error("INVALID_FIELDS_TYPE", 'fields must be one string, such as fields: "id name"')
