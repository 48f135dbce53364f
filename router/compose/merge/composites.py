"""Object and interface types."""

from __future__ import annotations

from collections.abc import Mapping

from router.compose.definitions import Field, Reference, TypeDefinition, TypeKind, Use
from router.compose.merge.applied_directives import merge_uses
from router.compose.merge.context import MergeContext, Sources, named
from router.compose.merge.contexts import merge_contexts
from router.compose.merge.descriptions import merge_description
from router.compose.merge.fields import merge_field
from router.compose.merge.join_types import join_types
from router.compose.merge.schema import JOIN

__all__ = ["merge_composite"]


def merge_composite(context: MergeContext, name: str, sources: Sources[TypeDefinition]) -> TypeDefinition:
    """Return the type with the fields and interfaces of all subgraphs."""
    kind = context.kinds[name]
    holders = [subgraph for subgraph, _ in sources]
    fields: dict[str, Field] = {}
    for field_name in dict.fromkeys(field for _, type_ in sources for field in type_.fields):
        having = [(subgraph, type_.fields[field_name]) for subgraph, type_ in sources if field_name in type_.fields]
        added = _from_interface_objects(context, sources, field_name) if kind is TypeKind.OBJECT else None
        field = merge_field(context, f"{name}.{field_name}", having, holders, added)
        if field is not None:
            fields[field_name] = field
    _hint_missing_fields(context, name, sources)
    interfaces = {reference: Reference(reference, None) for _, type_ in sources for reference in type_.interfaces}
    implements = tuple(
        Use("implements", {"graph": subgraph.graph_enum, "interface": interface}, JOIN)
        for subgraph, type_ in sources
        for interface in type_.interfaces
    )
    return TypeDefinition(
        name=name,
        coordinate=name,
        description=merge_description(context, name, sources),
        uses=(*implements, *join_types(sources), *merge_contexts(sources), *merge_uses(context, name, sources)),
        node=None,
        kind=kind,
        fields=fields,
        interfaces=interfaces,
    )


def _from_interface_objects(context: MergeContext, sources: Sources[TypeDefinition], field_name: str) -> Sources[Field]:
    """Return the fields of that name that interface objects add to an object type through its interfaces."""
    interfaces = dict.fromkeys(interface for _, type_ in sources for interface in type_.interfaces)
    return [
        (subgraph, field)
        for interface in interfaces
        for subgraph, type_ in context.sources.get(interface, ())
        if type_.is_interface_object and (field := type_.fields.get(field_name)) is not None and not field.external
    ]


def _hint_missing_fields(context: MergeContext, name: str, sources: Sources[TypeDefinition]) -> None:
    """A value type whose fields differ is resolved only where each field is: often an oversight."""
    if len(sources) < 2 or name in context.root_types or any(type_.keys for _, type_ in sources):
        return
    code, noun = _MISSING[context.kinds[name]]
    for field_name in dict.fromkeys(field for _, type_ in sources for field in type_.fields):
        missing = [subgraph for subgraph, type_ in sources if field_name not in type_.fields]
        if missing:
            having = [(subgraph, type_.fields[field_name]) for subgraph, type_ in sources if field_name in type_.fields]
            context.hint(
                code,
                f'Field "{name}.{field_name}" of {noun} "{name}" is defined in {named(subgraph for subgraph, _ in having)} '
                f"but not in {named(missing)}.",
                [(subgraph, field.node) for subgraph, field in having],
            )


_MISSING: Mapping[TypeKind, tuple[str, str]] = {
    TypeKind.OBJECT: ("INCONSISTENT_OBJECT_VALUE_TYPE_FIELD", "non-entity object type"),
    TypeKind.INTERFACE: ("INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD", "interface type"),
}
