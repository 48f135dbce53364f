"""Definitions of directives: executable ones that every subgraph understands, and those that subgraphs compose."""

from __future__ import annotations

from collections.abc import Sequence

from router.compose.definitions import DirectiveDefinition
from router.compose.executable_locations import EXECUTABLE_LOCATIONS
from router.compose.merge.arguments import merge_arguments
from router.compose.merge.context import MergeContext, Sources, named
from router.compose.merge.descriptions import merge_description
from router.compose.subgraph import Subgraph

__all__ = ["merge_directive_definitions"]

# Defined by the GraphQL specification, whether a subgraph repeats it or not.
_BUILT_IN = frozenset({"skip", "include", "deprecated", "specifiedBy", "oneOf", "defer", "stream"})


def merge_directive_definitions(context: MergeContext) -> dict[str, DirectiveDefinition]:
    """Return the supergraph's directives of the subgraphs' own, by name."""
    merged = {found.name: found.definition for found in context.composed.by_key.values()}
    for composed in merged.values():
        context.input_types.update(argument.type_name for argument in composed.arguments.values())
    for name in dict.fromkeys(name for subgraph in context.subgraphs for name in subgraph.directives):
        if name in _BUILT_IN or name in merged:
            continue
        having = [(subgraph, found) for subgraph in context.subgraphs if (found := subgraph.directives.get(name)) is not None]
        if any(_executable(found) for _, found in having):
            definition = _merge_executable(context, name, having)
            if definition is not None:
                merged[name] = definition
    return dict(sorted(merged.items()))


def _merge_executable(context: MergeContext, name: str, sources: Sources[DirectiveDefinition]) -> DirectiveDefinition | None:
    """Return the directive that clients may use: only if every subgraph has it, where and as every subgraph takes it."""
    nodes = [(subgraph, found.node) for subgraph, found in sources]
    executing = [subgraph for subgraph, found in sources if _executable(found)]
    missing = [subgraph for subgraph in context.subgraphs if subgraph not in executing]
    if missing:
        context.hint(
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
            f'Executable directive "@{name}" is not in the supergraph: it is defined in {named(executing)} '
            f"but not in {named(missing)}.",
            nodes,
        )
        return None
    locations = [place for place in _executable(sources[0][1]) if all(place in found.locations for _, found in sources)]
    if not locations:
        context.hint(
            "NO_EXECUTABLE_DIRECTIVE_LOCATIONS_INTERSECTION",
            f'Executable directive "@{name}" is not in the supergraph: the subgraphs have no common location for it.',
            nodes,
        )
        return None
    _hint_differences(context, name, sources, locations)
    return DirectiveDefinition(
        name=name,
        description=merge_description(context, f"@{name}", sources),
        arguments=merge_arguments(context, f"@{name}", [(subgraph, found.arguments) for subgraph, found in sources]),
        locations=tuple(locations),
        repeatable=all(found.repeatable for _, found in sources),
    )


def _hint_differences(context: MergeContext, name: str, sources: Sources[DirectiveDefinition], locations: Sequence[str]) -> None:
    nodes = [(subgraph, found.node) for subgraph, found in sources]
    if any(len(_executable(found)) > len(locations) for _, found in sources):
        context.hint(
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
            f'Executable directive "@{name}" has different locations across subgraphs: the supergraph has the common ones, '
            f"{', '.join(locations)}.",
            nodes,
        )
    if len({found.repeatable for _, found in sources}) > 1:
        once: list[Subgraph] = [subgraph for subgraph, found in sources if not found.repeatable]
        context.hint(
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
            f'Executable directive "@{name}" is not repeatable in the supergraph, because it is not in {named(once)}.',
            nodes,
        )


def _executable(definition: DirectiveDefinition) -> list[str]:
    return [place for place in definition.locations if place in EXECUTABLE_LOCATIONS]
