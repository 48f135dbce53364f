"""Enum types: which values they have follows from where clients meet them."""

from __future__ import annotations

from collections.abc import Sequence

from router.compose.definitions import EnumValue, TypeDefinition, TypeKind, Use
from router.compose.merge.applied_directives import merge_uses
from router.compose.merge.context import MergeContext, Sources, named
from router.compose.merge.descriptions import merge_description
from router.compose.merge.join_types import join_types
from router.compose.merge.schema import JOIN
from router.compose.subgraph import Subgraph

__all__ = ["merge_enum"]


def merge_enum(context: MergeContext, name: str, sources: Sources[TypeDefinition]) -> TypeDefinition:
    """Return the enum; call it when all fields and arguments are merged.

    Clients can get any value that some subgraph has: of an output enum there are all. They may send only what every subgraph
    knows: of an input enum there are the common ones. Of an enum that is both, all subgraphs have to have the same values.
    Inaccessible values never meet a client and are kept.
    """
    is_input, is_output = name in context.input_types, name in context.output_types
    values: dict[str, EnumValue] = {}
    for value in dict.fromkeys(found for _, type_ in sources for found in type_.values):
        having = [(subgraph, type_.values[value]) for subgraph, type_ in sources if value in type_.values]
        missing = [subgraph for subgraph, type_ in sources if value not in type_.values]
        hidden = any(found.has("inaccessible") for _, found in having)
        if missing and not hidden:
            if is_input and is_output:
                _refuse(context, f"{name}.{value}", having, missing)
            elif is_input:
                _hint_dropped(context, f"{name}.{value}", having, missing)
                continue
            else:
                _hint_added(context, f"{name}.{value}", having, missing)
        values[value] = _merge_value(context, f"{name}.{value}", having)
    if not values and any(type_.values for _, type_ in sources):
        context.error(
            "EMPTY_MERGED_ENUM_TYPE",
            f'None of the values of enum type "{name}" are in all the subgraphs that define it '
            f"({named(subgraph for subgraph, _ in sources)}), as an enum in arguments must have. "
            "Have at least one in all of them.",
            [(subgraph, type_.node) for subgraph, type_ in sources],
        )
    if not is_input and not is_output and name not in context.directive_types:
        context.hint("UNUSED_ENUM_TYPE", f'Enum type "{name}" is used by no field or argument: it is merged as an output type.')
    return TypeDefinition(
        name=name,
        coordinate=name,
        description=merge_description(context, name, sources),
        uses=(*join_types(sources), *merge_uses(context, name, sources)),
        node=None,
        kind=TypeKind.ENUM,
        values=values,
    )


def _merge_value(context: MergeContext, coordinate: str, sources: Sources[EnumValue]) -> EnumValue:
    joins = tuple(Use("enumValue", {"graph": subgraph.graph_enum}, JOIN) for subgraph, _ in sources)
    return EnumValue(
        name=sources[0][1].name,
        coordinate=coordinate,
        description=merge_description(context, coordinate, sources),
        uses=(*joins, *merge_uses(context, coordinate, sources)),
        node=None,
    )


def _refuse(context: MergeContext, coordinate: str, having: Sources[EnumValue], missing: Sequence[Subgraph]) -> None:
    context.error(
        "ENUM_VALUE_MISMATCH",
        f'Enum value "{coordinate}" is defined in {named(subgraph for subgraph, _ in having)} but not in {named(missing)}, and '
        "the enum is used both in arguments and in results. Define the value in all of them.",
        [(subgraph, found.node) for subgraph, found in having],
    )


def _hint_dropped(context: MergeContext, coordinate: str, having: Sources[EnumValue], missing: Sequence[Subgraph]) -> None:
    context.hint(
        "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
        f'Enum value "{coordinate}" is not in the supergraph: it is defined in {named(subgraph for subgraph, _ in having)} '
        f"but not in {named(missing)}, and the enum is used in arguments.",
        [(subgraph, found.node) for subgraph, found in having],
    )


def _hint_added(context: MergeContext, coordinate: str, having: Sources[EnumValue], missing: Sequence[Subgraph]) -> None:
    context.hint(
        "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
        f'Enum value "{coordinate}" is in the supergraph, but only defined in {named(subgraph for subgraph, _ in having)} '
        f"and not in {named(missing)}.",
        [(subgraph, found.node) for subgraph, found in having],
    )
