"""`@interfaceObject` (Federation 2.3): fields that a subgraph adds to all implementations of an interface unknown to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from router.compose.definitions import Field, TypeDefinition, TypeKind, Use
from router.compose.merge.access import with_access
from router.compose.merge.composites import interface_object_fields
from router.compose.merge.context import MergeContext
from router.compose.merge.schema import JOIN
from router.compose.merge.sharing import check_sharing

__all__ = ["add_interface_object_fields"]


def add_interface_object_fields(context: MergeContext, types: Mapping[str, TypeDefinition]) -> dict[str, TypeDefinition]:
    """Return the types, each object with the fields that interface objects add to it.

    Such a field has one `join__field` without graph: no subgraph resolves it for the object type itself. Of a field that the
    object has anyway, an interface object is one more source, whose access demands hold as well.
    """
    added = {
        name: [field for field in type_.fields.values() if _is_added(context, name, field.name)]
        for name, type_ in types.items()
        if type_.kind is TypeKind.INTERFACE
    }
    return {
        name: _with_fields(context, type_, added) if type_.kind is TypeKind.OBJECT else type_ for name, type_ in types.items()
    }


def _is_added(context: MergeContext, interface: str, field_name: str) -> bool:
    return any(
        type_.is_interface_object and field_name in type_.fields and not type_.fields[field_name].external
        for _, type_ in context.sources[interface]
    )


def _with_fields(context: MergeContext, type_: TypeDefinition, added: Mapping[str, list[Field]]) -> TypeDefinition:
    fields = dict(type_.fields)
    for interface in type_.interfaces:
        for field in added.get(interface, ()):
            own = fields.get(field.name)
            if own is None:
                sources = interface_object_fields(context, type_.interfaces, field.name)
                check_sharing(context, f"{type_.name}.{field.name}", sources)
            fields[field.name] = _copied(type_.name, field) if own is None else with_access(own, [field])
    return replace(type_, fields=fields)


def _copied(type_name: str, field: Field) -> Field:
    coordinate = f"{type_name}.{field.name}"
    uses = (Use("field", {}, JOIN), *(use for use in field.uses if use.spec != JOIN))
    arguments = {name: replace(argument, coordinate=f"{coordinate}({name}:)") for name, argument in field.arguments.items()}
    return replace(field, coordinate=coordinate, uses=uses, arguments=arguments)
