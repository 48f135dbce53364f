"""IMPLEMENTED_BY_INACCESSIBLE: clients see an interface's field or argument, but not the implementing type's."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import Field, TypeDefinition
from router.compose.errors import CompositionError
from router.compose.merge.schema import MergedSchema
from router.compose.rules.supergraph_elements import ApiElements, element_error, is_inaccessible

__all__ = ["implemented_by_inaccessible"]

_CODE = "IMPLEMENTED_BY_INACCESSIBLE"


def implemented_by_inaccessible(schema: MergedSchema) -> Iterator[CompositionError]:
    """Refuse @inaccessible fields, and arguments of them, that a visible interface of a visible type demands."""
    api = ApiElements(schema)
    for type_ in api.types.values():
        for interface in _visible_interfaces(api, type_):
            for demanded in interface.fields.values():
                field = type_.fields.get(demanded.name)
                if field is None or is_inaccessible(demanded):
                    continue
                if is_inaccessible(field):
                    complaint = (
                        f"is @inaccessible, but implements {demanded.coordinate}, which is in the API schema; hide both, or none"
                    )
                    yield element_error(schema, _CODE, field.coordinate, complaint)
                else:
                    yield from _arguments(schema, field, demanded)


def _visible_interfaces(api: ApiElements, type_: TypeDefinition) -> Iterator[TypeDefinition]:
    return (api.types[name] for name in type_.interfaces if name in api.types)


def _arguments(schema: MergedSchema, field: Field, demanded: Field) -> Iterator[CompositionError]:
    for name, argument in demanded.arguments.items():
        own = field.arguments.get(name)
        if own is not None and is_inaccessible(own) and not is_inaccessible(argument):
            complaint = f"is @inaccessible, but implements {argument.coordinate}, which is in the API schema; hide both, or none"
            yield element_error(schema, _CODE, own.coordinate, complaint)
