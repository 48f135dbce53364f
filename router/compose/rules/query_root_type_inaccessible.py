"""QUERY_ROOT_TYPE_INACCESSIBLE: clients could not ask anything."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.errors import CompositionError
from router.compose.merge.schema import MergedSchema
from router.compose.rules.supergraph_elements import ApiElements, element_error

__all__ = ["query_root_type_inaccessible"]


def query_root_type_inaccessible(schema: MergedSchema) -> Iterator[CompositionError]:
    """Refuse an @inaccessible query root type."""
    root = schema.roots.get("query", "Query")
    if ApiElements(schema).hides_type(root):
        complaint = "is the query root type and cannot be @inaccessible; mark single fields of it"
        yield element_error(schema, "QUERY_ROOT_TYPE_INACCESSIBLE", root, complaint)
