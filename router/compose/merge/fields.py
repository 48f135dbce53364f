"""Fields of object and interface types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from router.compose.definitions import Field, Use
from router.compose.merge.applied_directives import merge_uses
from router.compose.merge.arguments import merge_arguments
from router.compose.merge.context import MergeContext, Sources, named
from router.compose.merge.contexts import context_arguments
from router.compose.merge.descriptions import merge_description
from router.compose.merge.externals import check_externals
from router.compose.merge.overrides import Overrides, merge_overrides
from router.compose.merge.schema import JOIN
from router.compose.merge.sharing import check_sharing
from router.compose.merge.type_references import most_general
from router.compose.subgraph import Subgraph

__all__ = ["merge_field"]


def merge_field(
    context: MergeContext,
    coordinate: str,
    sources: Sources[Field],
    holders: Sequence[Subgraph],
    interface_objects: Sources[Field] | None,
) -> Field | None:
    """Return the field as clients see it, with `join__field` uses that say what each subgraph has of it.

    `holders` are the subgraphs that have the type. `interface_objects` are fields of the same name that interface objects add to
    this type; None for fields of interfaces, which may be shared freely.

    Returns None when the field is only external: nothing resolves it (EXTERNAL_MISSING_ON_BASE).
    """
    own = [(subgraph, found) for subgraph, found in sources if not found.external]
    if not own and interface_objects:
        own = [*sources]
    if not own:
        _refuse_external(context, coordinate, sources)
        return None
    overrides = merge_overrides(context, coordinate, sources)
    resolving = [(subgraph, found) for subgraph, found in sources if _resolves(context, subgraph, found, overrides)]
    if interface_objects is not None:
        check_sharing(context, coordinate, [*resolving, *interface_objects])
    check_externals(context, coordinate, own, sources)
    type_ = _merge_type(context, coordinate, own)
    context.output_types.add(type_.strip("[]!"))
    first = sources[0][1]
    return Field(
        name=first.name,
        coordinate=coordinate,
        description=merge_description(context, coordinate, own),
        uses=(*_join_fields(sources, holders, overrides), *merge_uses(context, coordinate, own)),
        node=None,
        type=type_,
        type_name=type_.strip("[]!"),
        arguments=merge_arguments(context, coordinate, [(subgraph, found.arguments) for subgraph, found in own]),
    )


def _resolves(context: MergeContext, subgraph: Subgraph, field: Field, overrides: Overrides) -> bool:
    """Whether the subgraph resolves the field, be it only on the paths that provide it."""
    if field.external:
        return field.coordinate in context.provided_fields(subgraph)
    return overrides.resolves(subgraph)


def _refuse_external(context: MergeContext, coordinate: str, sources: Sources[Field]) -> None:
    context.error(
        "EXTERNAL_MISSING_ON_BASE",
        f'Field "{coordinate}" is marked @external on all the subgraphs in which it is listed '
        f"({named(subgraph for subgraph, _ in sources)}): no subgraph resolves it. Remove @external where it is resolved.",
        [(subgraph, found.node) for subgraph, found in sources],
    )


def _merge_type(context: MergeContext, coordinate: str, sources: Sources[Field]) -> str:
    """Return the type that every subgraph's type is a subtype of."""
    types = list(dict.fromkeys(found.type for _, found in sources))
    merged = most_general(types, context.supertypes)
    if len(types) == 1:
        return types[0]
    by_type = " and ".join(
        f'type "{type_}" in {named(subgraph for subgraph, found in sources if found.type == type_)}' for type_ in types
    )
    nodes = [(subgraph, found.node) for subgraph, found in sources]
    if merged is None:
        context.error(
            "FIELD_TYPE_MISMATCH",
            f'Type of field "{coordinate}" is incompatible across subgraphs: it has {by_type}. Give it the same type everywhere.',
            nodes,
        )
        return types[0]
    context.hint(
        "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
        f'Type of field "{coordinate}" is compatible but different across subgraphs: it has {by_type}; '
        f'the supergraph has "{merged}".',
        nodes,
    )
    return merged


def _join_fields(sources: Sources[Field], holders: Sequence[Subgraph], overrides: Overrides) -> tuple[Use, ...]:
    """Return what each subgraph has of the field (join, `@join__field`); nothing when all that have the type have it plainly."""
    same_type = len({found.type for _, found in sources}) == 1
    uses = [
        Use("field", _arguments(subgraph, found, overrides, same_type), JOIN)
        for subgraph, found in sources
        if not overrides.drops(subgraph)
    ]
    plain = all(use.arguments.keys() == {"graph"} for use in uses)
    return () if plain and len(uses) == len(holders) else tuple(uses)


def _arguments(subgraph: Subgraph, field: Field, overrides: Overrides, same_type: bool) -> dict[str, Any]:
    name = subgraph.name
    override = overrides.overriding.get(name)
    arguments: dict[str, Any] = {
        "graph": subgraph.graph_enum,
        "requires": _field_set(field, "requires"),
        "provides": _field_set(field, "provides"),
        "type": None if same_type else field.type,
        "external": field.external or None,
        "override": override.arguments.get("from") if override else None,
        "usedOverridden": True if name in overrides.used else None,
        "overrideLabel": override.arguments.get("label") if override else overrides.overridden.get(name),
        "contextArguments": context_arguments(subgraph, field) or None,
    }
    return {key: value for key, value in arguments.items() if value is not None}


def _field_set(field: Field, directive: str) -> str | None:
    return next((str(use.arguments["fields"]) for use in field.uses_of(directive) if "fields" in use.arguments), None)
