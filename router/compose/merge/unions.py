"""Union types: the members of all subgraphs."""

from __future__ import annotations

from router.compose.definitions import Reference, TypeDefinition, TypeKind, Use
from router.compose.merge.applied_directives import merge_uses
from router.compose.merge.context import MergeContext, Sources, named
from router.compose.merge.contexts import merge_contexts
from router.compose.merge.descriptions import merge_description
from router.compose.merge.join_types import join_types
from router.compose.merge.schema import JOIN

__all__ = ["merge_union"]


def merge_union(context: MergeContext, name: str, sources: Sources[TypeDefinition]) -> TypeDefinition:
    """Return the union, with `join__unionMember` uses that say which subgraph has which member."""
    members: dict[str, Reference] = {}
    uses: list[Use] = []
    for member in dict.fromkeys(found for _, type_ in sources for found in type_.members):
        members[member] = Reference(member, None)
        having = [subgraph for subgraph, type_ in sources if member in type_.members]
        uses += (Use("unionMember", {"graph": subgraph.graph_enum, "member": member}, JOIN) for subgraph in having)
        missing = [subgraph for subgraph, type_ in sources if member not in type_.members]
        if missing:
            context.hint(
                "INCONSISTENT_UNION_MEMBER",
                f'Union type "{name}" has member type "{member}" in {named(having)} but not in {named(missing)}.',
                [(subgraph, type_.members[member].node) for subgraph, type_ in sources if member in type_.members],
            )
    return TypeDefinition(
        name=name,
        coordinate=name,
        description=merge_description(context, name, sources),
        uses=(*join_types(sources), *uses, *merge_contexts(sources), *merge_uses(context, name, sources)),
        node=None,
        kind=TypeKind.UNION,
        members=members,
    )
