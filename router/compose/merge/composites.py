"""Object and interface types."""

from __future__ import annotations

from collections.abc import Iterable

from router.compose.definitions import Field, Reference, TypeDefinition, TypeKind, Use
from router.compose.merge.applied_directives import merge_uses
from router.compose.merge.context import MergeContext, Sources
from router.compose.merge.contexts import merge_contexts
from router.compose.merge.descriptions import merge_description
from router.compose.merge.fields import merge_field
from router.compose.merge.inconsistent_types import hint_inconsistent_type
from router.compose.merge.join_types import join_types
from router.compose.merge.schema import JOIN

__all__ = ["interface_object_fields", "merge_composite"]


def merge_composite(context: MergeContext, name: str, sources: Sources[TypeDefinition]) -> TypeDefinition:
    """Return the type with the fields and interfaces of all subgraphs."""
    kind = context.kinds[name]
    interfaces = {reference: Reference(reference, None) for _, type_ in sources for reference in type_.interfaces}
    holders = [subgraph for subgraph, _ in sources]
    fields: dict[str, Field] = {}
    for field_name in dict.fromkeys(field for _, type_ in sources for field in type_.fields):
        having = [(subgraph, type_.fields[field_name]) for subgraph, type_ in sources if field_name in type_.fields]
        added = interface_object_fields(context, interfaces, field_name) if kind is TypeKind.OBJECT else None
        field = merge_field(context, f"{name}.{field_name}", having, holders, added)
        if field is not None:
            fields[field_name] = field
    hint_inconsistent_type(context, name, sources)
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


def interface_object_fields(context: MergeContext, interfaces: Iterable[str], field_name: str) -> Sources[Field]:
    """Return the fields of that name that interface objects add to an object type through its interfaces."""
    return [
        (subgraph, field)
        for interface in interfaces
        for subgraph, type_ in context.sources.get(interface, ())
        if type_.is_interface_object and (field := type_.fields.get(field_name)) is not None and not field.external
    ]
