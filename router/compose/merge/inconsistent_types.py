"""Hints about object and interface types that the subgraphs declare differently, which may be an oversight."""

from __future__ import annotations

from collections.abc import Mapping

from router.compose.definitions import TypeDefinition, TypeKind
from router.compose.merge.context import MergeContext, Sources, named
from router.compose.subgraph import Subgraph

__all__ = ["hint_inconsistent_type"]

_MISSING: Mapping[TypeKind, tuple[str, str]] = {
    TypeKind.OBJECT: ("INCONSISTENT_OBJECT_VALUE_TYPE_FIELD", "non-entity object type"),
    TypeKind.INTERFACE: ("INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD", "interface type"),
}


def hint_inconsistent_type(context: MergeContext, name: str, sources: Sources[TypeDefinition]) -> None:
    """Hint at a type that is an entity in some subgraphs only, and at fields that a value type has in some subgraphs only."""
    if len(sources) < 2 or name in context.root_types:
        return
    keyless = [subgraph for subgraph, type_ in sources if not type_.keys]
    if not keyless:
        return
    if len(keyless) < len(sources):
        _hint_entity(context, name, sources, keyless)
        return
    code, noun = _MISSING[context.kinds[name]]
    for field_name in dict.fromkeys(field for _, type_ in sources for field in type_.fields):
        having = [(subgraph, type_.fields[field_name]) for subgraph, type_ in sources if field_name in type_.fields]
        missing = [subgraph for subgraph, type_ in sources if field_name not in type_.fields]
        if missing and not any(field.external for _, field in having):
            context.hint(
                code,
                f'Field "{name}.{field_name}" of {noun} "{name}" is defined in {named(subgraph for subgraph, _ in having)} '
                f"but not in {named(missing)}.",
                [(subgraph, field.node) for subgraph, field in having],
            )


def _hint_entity(context: MergeContext, name: str, sources: Sources[TypeDefinition], keyless: list[Subgraph]) -> None:
    keyed = [subgraph for subgraph, type_ in sources if type_.keys]
    context.hint(
        "INCONSISTENT_ENTITY",
        f'Type "{name}" has a @key in {named(keyed)} but none in {named(keyless)}, where it cannot be reached by key.',
        [(subgraph, type_.node) for subgraph, type_ in sources if not type_.keys],
    )
