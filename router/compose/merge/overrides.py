"""`@override`: which subgraphs no longer resolve a field, or do so only while a label is off (Federation 2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from router.compose.definitions import Field, Use
from router.compose.merge.context import MergeContext, Sources
from router.compose.subgraph import Subgraph

__all__ = ["Overrides", "merge_overrides"]


@dataclass(frozen=True)
class Overrides:
    """What the overrides of one field mean for each subgraph, by its name."""

    # Overriding subgraphs, with the use.
    overriding: Mapping[str, Use] = field(default_factory=dict)
    # Overridden subgraphs, with the label of a progressive override.
    overridden: Mapping[str, str | None] = field(default_factory=dict)
    # Those of the overridden that still need the field in their keys, requirements or interfaces.
    used: frozenset[str] = frozenset()

    def resolves(self, subgraph: Subgraph) -> bool:
        """Whether the subgraph resolves the field for good."""
        return subgraph.name not in self.overridden

    def drops(self, subgraph: Subgraph) -> bool:
        """Whether the supergraph no longer says that the subgraph has the field."""
        name = subgraph.name
        return name in self.overridden and self.overridden[name] is None and name not in self.used


def merge_overrides(context: MergeContext, coordinate: str, sources: Sources[Field]) -> Overrides:
    """Return the overrides of the field, and hint at what can be cleaned up."""
    if not any(found.uses_of("override") for _, found in sources):
        return Overrides()
    by_name = {subgraph.name: (subgraph, found) for subgraph, found in sources}
    overriding: dict[str, Use] = {}
    overridden: dict[str, str | None] = {}
    used: set[str] = set()
    for subgraph, found in sources:
        for use in found.uses_of("override"):
            origin = str(use.arguments.get("from"))
            overriding[subgraph.name] = use
            if origin not in by_name or origin == subgraph.name or by_name[origin][1].external:
                # A label without another side would leave the field unresolved while it is off.
                overriding[subgraph.name] = replace(use, arguments={"from": origin})
                _hint_needless(context, coordinate, subgraph, use, origin)
                continue
            from_subgraph, from_field = by_name[origin]
            if from_field.has("override"):
                continue  # refused: who would be taken over by whom?
            label = use.arguments.get("label")
            overridden[origin] = None if label is None else str(label)
            if from_field.coordinate in context.used_fields(from_subgraph):
                used.add(origin)
            _hint_overridden(context, coordinate, from_subgraph, from_field, label is not None, origin in used)
    return Overrides(overriding, overridden, frozenset(used))


def _hint_needless(context: MergeContext, coordinate: str, subgraph: Subgraph, use: Use, origin: str) -> None:
    if any(found.name == origin for found in context.subgraphs):
        context.hint(
            "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
            f'Field "{coordinate}" on subgraph "{subgraph.name}" is not resolved by subgraph "{origin}": '
            "the @override directive can be removed.",
            [(subgraph, use.node)],
        )
    else:
        context.hint(
            "FROM_SUBGRAPH_DOES_NOT_EXIST",
            f'Field "{coordinate}" on subgraph "{subgraph.name}" overrides "{origin}", which is no subgraph. '
            f"Subgraphs are: {', '.join(found.name for found in context.subgraphs)}.",
            [(subgraph, use.node)],
        )


def _hint_overridden(
    context: MergeContext, coordinate: str, subgraph: Subgraph, field_: Field, progressive: bool, used: bool
) -> None:
    needed = " It is still used in its keys, requirements or interfaces: mark it @external, or remove those too." if used else ""
    if progressive:
        context.hint(
            "OVERRIDE_MIGRATION_IN_PROGRESS",
            f'Field "{coordinate}" is on its way from subgraph "{subgraph.name}" by a progressive @override: remove it there '
            f"when that is done.{needed}",
            [(subgraph, field_.node)],
        )
    else:
        context.hint(
            "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
            f'Field "{coordinate}" on subgraph "{subgraph.name}" is overridden: remove it there.{needed}',
            [(subgraph, field_.node)],
        )
