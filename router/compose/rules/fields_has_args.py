"""KEY_FIELDS_HAS_ARGS, PROVIDES_FIELDS_HAS_ARGS: a selected field has arguments, so that its value is not one value."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.errors import CompositionError
from router.compose.rules.field_sets import readable_field_sets, selected
from router.compose.subgraph import Subgraph

__all__ = ["fields_has_args"]


def fields_has_args(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse keys and provided selections with fields that have arguments; @requires may give them."""
    for directive in ("key", "provides"):
        for field_set, selection_set in readable_field_sets(subgraph, directive):
            for found in selected(field_set, selection_set):
                if found.field.arguments:
                    complaint = f"{found.field.coordinate} has arguments; select only fields without"
                    yield field_set.error("FIELDS_HAS_ARGS", complaint)
