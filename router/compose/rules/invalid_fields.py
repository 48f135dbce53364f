"""KEY_INVALID_FIELDS, REQUIRES_INVALID_FIELDS, PROVIDES_INVALID_FIELDS: the field set is no selection on its type."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.errors import CompositionError
from router.compose.rules.field_sets import DIRECTIVES, complaints, field_sets
from router.compose.subgraph import Subgraph

__all__ = ["invalid_fields"]


def invalid_fields(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse field sets that do not parse, name what does not exist, or end at a type that has fields."""
    for directive in DIRECTIVES:
        for field_set in field_sets(subgraph, directive):
            if field_set.text is not None:
                for complaint in complaints(field_set):
                    yield field_set.error("INVALID_FIELDS", complaint)
