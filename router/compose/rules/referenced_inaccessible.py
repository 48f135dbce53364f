"""REFERENCED_INACCESSIBLE: what clients see has a type that they do not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from router.compose.definitions import Field, InputValue
from router.compose.errors import CompositionError
from router.compose.merge.schema import MergedSchema
from router.compose.rules.supergraph_elements import ApiElements, element_error

__all__ = ["referenced_inaccessible"]


def referenced_inaccessible(schema: MergedSchema) -> Iterator[CompositionError]:
    """Refuse visible fields, arguments and input fields of @inaccessible types."""
    api = ApiElements(schema)
    elements: Iterator[Field | InputValue] = chain((field for _, field in api.fields()), api.inputs())
    for element in elements:
        if api.hides_type(element.type_name):
            complaint = (
                f"is in the API schema, but its type {element.type_name} is @inaccessible; hide {element.coordinate} too, "
                f"or make {element.type_name} accessible"
            )
            yield element_error(schema, "REFERENCED_INACCESSIBLE", element.coordinate, complaint)
