"""KEY_FIELDS_SELECT_INVALID_TYPE: a key goes through a field whose values have one of several types."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import TypeKind
from router.compose.errors import CompositionError
from router.compose.rules.field_sets import readable_field_sets, selected
from router.compose.subgraph import Subgraph

__all__ = ["key_fields_select_invalid_type"]


def key_fields_select_invalid_type(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse keys with fields of an interface or union type."""
    for field_set, selection_set in readable_field_sets(subgraph, "key"):
        for found in selected(field_set, selection_set):
            type_ = subgraph.types.get(found.field.type_name)
            if type_ is not None and type_.kind in {TypeKind.INTERFACE, TypeKind.UNION}:
                complaint = (
                    f"{found.field.coordinate} is of the {type_.kind.value} type {type_.name}, which no key can contain; "
                    "select fields of scalar, enum or object types"
                )
                yield field_set.error("FIELDS_SELECT_INVALID_TYPE", complaint)
