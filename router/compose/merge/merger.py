"""Merges subgraphs into one schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from router.compose.definitions import TypeDefinition, TypeKind
from router.compose.errors import CompositionError, CompositionHint
from router.compose.merge.access import guard_interfaces
from router.compose.merge.applied_directives import merge_uses
from router.compose.merge.composed_directives import composed_directives
from router.compose.merge.composites import merge_composite
from router.compose.merge.context import MergeContext, Sources
from router.compose.merge.descriptions import merge_description
from router.compose.merge.directive_definitions import merge_directive_definitions
from router.compose.merge.directive_names import check_composed_directives, check_directive_names
from router.compose.merge.enums import merge_enum
from router.compose.merge.inputs import merge_input
from router.compose.merge.interface_objects import add_interface_object_fields
from router.compose.merge.kinds import check_kinds, merged_kind, merged_kinds
from router.compose.merge.references import check_references
from router.compose.merge.scalars import merge_scalar
from router.compose.merge.schema import MergedSchema
from router.compose.merge.unions import merge_union
from router.compose.subgraph import Subgraph

__all__ = ["Merged", "merge_subgraphs"]

_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}

# Enums last: their values follow from what the others use them for.
_MERGERS: Sequence[tuple[frozenset[TypeKind], Callable[[MergeContext, str, Sources[TypeDefinition]], TypeDefinition]]] = (
    (frozenset({TypeKind.OBJECT, TypeKind.INTERFACE}), merge_composite),
    (frozenset({TypeKind.UNION}), merge_union),
    (frozenset({TypeKind.INPUT}), merge_input),
    (frozenset({TypeKind.SCALAR}), merge_scalar),
    (frozenset({TypeKind.ENUM}), merge_enum),
)


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged schema; it means something only when there are no errors."""

    schema: MergedSchema
    errors: Sequence[CompositionError]
    hints: Sequence[CompositionHint]


def merge_subgraphs(subgraphs: Sequence[Subgraph]) -> Merged:
    """Return the merge of the subgraphs, which are sorted by name so that the result does not depend on their order."""
    subgraphs = sorted(subgraphs, key=lambda subgraph: subgraph.name)
    sources = _sources(subgraphs)
    context = MergeContext(subgraphs, sources, merged_kinds(sources), composed_directives(subgraphs))
    check_kinds(context)
    check_composed_directives(context)
    directives = merge_directive_definitions(context)
    types: dict[str, TypeDefinition] = {}
    for kinds, merge in _MERGERS:
        for name in sorted(sources):
            if context.kinds[name] in kinds:
                found = [(subgraph, type_) for subgraph, type_ in sources[name] if merged_kind(type_) is context.kinds[name]]
                types[name] = merge(context, name, found)
    check_references(context, types)
    types = guard_interfaces(add_interface_object_fields(context, types))
    schema = MergedSchema(
        subgraphs=subgraphs,
        types=dict(sorted(types.items())),
        directives=directives,
        roots={operation: name for operation, name in _ROOTS.items() if name in types},
        schema_uses=merge_uses(context, "schema", [(found, _Schema(found)) for found in subgraphs]),
        description=merge_description(context, "schema", [(found, _Schema(found)) for found in subgraphs]),
        composed=context.composed,
    )
    check_directive_names(context, schema)
    return Merged(schema, context.errors, context.hints)


class _Schema:
    """A subgraph's schema definition as an element."""

    def __init__(self, subgraph: Subgraph) -> None:
        self.uses = subgraph.schema_uses
        self.description = subgraph.schema_description


def _sources(subgraphs: Sequence[Subgraph]) -> dict[str, list[tuple[Subgraph, TypeDefinition]]]:
    """Return every type in each subgraph that has it. Every subgraph has the query type: it serves `_service`, `_entities`."""
    found: dict[str, list[tuple[Subgraph, TypeDefinition]]] = {}
    anyone_queries = any("Query" in subgraph.types for subgraph in subgraphs)
    for subgraph in subgraphs:
        types: Mapping[str, TypeDefinition] = subgraph.types
        if anyone_queries and "Query" not in types:
            types = {"Query": TypeDefinition("Query", "Query", None, (), None, TypeKind.OBJECT), **types}
        for name, type_ in types.items():
            found.setdefault(name, []).append((subgraph, type_))
    return found
