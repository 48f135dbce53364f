"""KEY_INVALID_FIELDS, REQUIRES_INVALID_FIELDS, PROVIDES_INVALID_FIELDS: the field set is no selection on its type."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import TypeKind
from router.compose.errors import CompositionError
from router.compose.rules.field_sets import DIRECTIVES, complaints, field_sets
from router.compose.subgraph import Subgraph

__all__ = ["invalid_federation_1_fields", "invalid_fields"]


def invalid_fields(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse field sets that do not parse, name what does not exist, or end at a type that has fields."""
    for directive in DIRECTIVES:
        for field_set in field_sets(subgraph, directive):
            if field_set.text is not None:
                for complaint in complaints(field_set):
                    yield field_set.error("INVALID_FIELDS", complaint)


def invalid_federation_1_fields(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse in time what the upgrade of a Federation 1 schema would drop together with needless requirements and provisions."""
    if not subgraph.is_federation_1:
        return
    for directive in ("requires", "provides"):
        for field_set in field_sets(subgraph, directive):
            if field_set.text is not None and field_set.type.kind is TypeKind.OBJECT:
                for complaint in complaints(field_set):
                    yield field_set.error("INVALID_FIELDS", complaint)
