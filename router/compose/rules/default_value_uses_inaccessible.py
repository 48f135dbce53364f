"""DEFAULT_VALUE_USES_INACCESSIBLE: a default that clients see contains what they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from router.compose.errors import CompositionError
from router.compose.merge.schema import MergedSchema
from router.compose.rules.supergraph_elements import ApiElements, element_error, is_inaccessible
from router.compose.values import EnumName, read_value

__all__ = ["default_value_uses_inaccessible"]


def default_value_uses_inaccessible(schema: MergedSchema) -> Iterator[CompositionError]:
    """Refuse defaults of visible arguments and input fields with @inaccessible enum values or input fields in them."""
    for value in ApiElements(schema).inputs():
        if value.default is None:
            continue
        for coordinate in _hidden(schema, value.type_name, read_value(value.default)):
            complaint = (
                f"has a default with {coordinate}, which is @inaccessible; choose another default, or hide {value.coordinate}"
            )
            yield element_error(schema, "DEFAULT_VALUE_USES_INACCESSIBLE", value.coordinate, complaint)


def _hidden(schema: MergedSchema, type_name: str, value: Any) -> Iterator[str]:
    """Yield the coordinates of the @inaccessible elements in a value."""
    type_ = schema.types.get(type_name)
    if type_ is None:
        return
    if isinstance(value, list):
        for item in value:
            yield from _hidden(schema, type_name, item)
    elif isinstance(value, EnumName):
        found = type_.values.get(value)
        if found is not None and is_inaccessible(found):
            yield found.coordinate
    elif isinstance(value, Mapping):
        for name, item in value.items():
            field = type_.input_fields.get(name)
            if field is None:
                continue
            if is_inaccessible(field):
                yield field.coordinate
            yield from _hidden(schema, field.type_name, item)
