"""INTERFACE_FIELD_NO_IMPLEM: in the supergraph a type lacks a field of an interface that it implements in some subgraph."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import TypeKind
from router.compose.errors import CompositionError
from router.compose.merge.schema import MergedSchema
from router.compose.rules.supergraph_elements import element_locations
from router.compose.subgraph import Subgraph

__all__ = ["interface_field_no_implem"]


def interface_field_no_implem(schema: MergedSchema) -> Iterator[CompositionError]:
    """Refuse types without a field that a merged interface has. Each subgraph by itself may be valid."""
    for type_ in schema.types.values():
        for name in type_.interfaces:
            interface = schema.types.get(name)
            if interface is None or interface.kind is not TypeKind.INTERFACE:
                continue
            for field in interface.fields.values():
                if field.name not in type_.fields:
                    declaring = [found.name for found in schema.subgraphs if _has(found, name, field.name)]
                    message = (
                        f"{field.coordinate} is a field of the interface in {' and '.join(declaring)}, but {type_.name}, which "
                        f"implements {name}, has no such field in any subgraph; add {type_.name}.{field.name}."
                    )
                    places = (*element_locations(schema, field.coordinate), *element_locations(schema, type_.name))
                    yield CompositionError("INTERFACE_FIELD_NO_IMPLEM", message, places)


def _has(subgraph: Subgraph, type_name: str, field_name: str) -> bool:
    return type_name in subgraph.types and field_name in subgraph.types[type_name].fields
