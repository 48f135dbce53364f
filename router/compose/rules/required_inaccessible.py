"""REQUIRED_INACCESSIBLE: clients must give what they do not see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from router.compose.definitions import InputValue
from router.compose.errors import CompositionError
from router.compose.merge.schema import MergedSchema
from router.compose.rules.supergraph_elements import ApiElements, element_error, is_inaccessible

__all__ = ["required_inaccessible"]


def required_inaccessible(schema: MergedSchema) -> Iterator[CompositionError]:
    """Refuse required arguments and input fields that are @inaccessible in a visible field or type."""
    api = ApiElements(schema)
    for _, field in api.fields():
        yield from _refused(schema, field.arguments.values(), field.coordinate)
    for type_ in api.types.values():
        yield from _refused(schema, type_.input_fields.values(), type_.name)


def _refused(schema: MergedSchema, inputs: Iterable[InputValue], holder: str) -> Iterator[CompositionError]:
    for value in inputs:
        if value.required and is_inaccessible(value):
            complaint = f"is @inaccessible, but required by {holder}; give it a default, make it nullable, or hide {holder} too"
            yield element_error(schema, "REQUIRED_INACCESSIBLE", value.coordinate, complaint)
