"""What kind a type has in the supergraph."""

from __future__ import annotations

from collections.abc import Mapping

from router.compose.definitions import TypeDefinition, TypeKind
from router.compose.merge.context import MergeContext, Sources, named
from router.compose.subgraph import Subgraph

__all__ = ["check_kinds", "merged_kind", "merged_kinds"]


def merged_kind(type_: TypeDefinition) -> TypeKind:
    """Return what the type is in the supergraph: an interface object is an interface."""
    return TypeKind.INTERFACE if type_.is_interface_object else type_.kind


def merged_kinds(sources: Mapping[str, Sources[TypeDefinition]]) -> dict[str, TypeKind]:
    """Return the kind of every type; of a contradictory one, the first subgraph's."""
    return {name: merged_kind(found[0][1]) for name, found in sources.items()}


def check_kinds(context: MergeContext) -> None:
    """Refuse types of one name that are different things in different subgraphs."""
    for name, sources in sorted(context.sources.items()):
        by_kind: dict[str, list[Subgraph]] = {}
        for subgraph, type_ in sources:
            noun = "interface object (@interfaceObject)" if type_.is_interface_object else type_.kind.value
            by_kind.setdefault(noun, []).append(subgraph)
        if len({merged_kind(type_) for _, type_ in sources}) > 1:
            kinds = " and ".join(f"{noun} in {named(subgraphs)}" for noun, subgraphs in by_kind.items())
            context.error(
                "TYPE_KIND_MISMATCH",
                f'Type "{name}" has different kinds across subgraphs: it is {kinds}. '
                "Make it the same kind everywhere, or rename one.",
                [(subgraph, type_.node) for subgraph, type_ in sources],
            )
