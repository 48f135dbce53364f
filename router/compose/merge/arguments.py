"""Arguments of fields and directives: those that every subgraph takes, as strict as the strictest takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from router.compose.definitions import InputValue
from router.compose.merge.applied_directives import merge_uses
from router.compose.merge.context import MergeContext, Sources, named
from router.compose.merge.descriptions import merge_description
from router.compose.merge.type_references import most_specific
from router.compose.subgraph import Subgraph
from router.compose.values import canonical_text, read_value

__all__ = ["merge_arguments", "merge_input_type", "merged_default"]


def merge_arguments(
    context: MergeContext, coordinate: str, sources: Sequence[tuple[Subgraph, Mapping[str, InputValue]]]
) -> dict[str, InputValue]:
    """Return the arguments that all sources have; one that is required somewhere and missing elsewhere is an error.

    An argument that the gateway fills in (`@fromContext`) is none of the supergraph's.
    """
    merged: dict[str, InputValue] = {}
    for name in dict.fromkeys(name for _, arguments in sources for name in arguments):
        having = [(subgraph, arguments[name]) for subgraph, arguments in sources if name in arguments]
        missing = [subgraph for subgraph, arguments in sources if name not in arguments]
        argument = f"{coordinate}({name}:)"
        contextual = [subgraph for subgraph, found in having if found.has("fromContext")]
        if contextual:
            _check_contextual(context, argument, having, contextual)
        elif missing:
            _check_optional(context, argument, having, missing)
        else:
            merged[name] = _merge(context, argument, having)
    return merged


def merge_input_type(context: MergeContext, coordinate: str, sources: Sources[InputValue], code: str, kind: str) -> str:
    """Return the type that every subgraph accepts; none is the error `code`."""
    types = list(dict.fromkeys(found.type for _, found in sources))
    merged = most_specific(types, context.supertypes)
    if merged is None:
        context.error(
            code,
            f'{kind} "{coordinate}" has incompatible types across subgraphs: it has {_by_type(sources)}. '
            "Give it the same type everywhere.",
            [(subgraph, found.node) for subgraph, found in sources],
        )
        return types[0]
    if len(types) > 1:
        context.hint(
            "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE" if kind == "Argument" else "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            f'{kind} "{coordinate}" has compatible but different types across subgraphs: it has {_by_type(sources)}; '
            f'the supergraph has "{merged}".',
            [(subgraph, found.node) for subgraph, found in sources],
        )
    return merged


def merged_default(context: MergeContext, coordinate: str, sources: Sources[InputValue], code: str, kind: str) -> InputValue:
    """Return a source with the default to use: the one that all have, or none when some have none; two defaults are an error."""
    defaults = {text: found for _, found in sources if (text := _comparable(found)) is not None}
    if len(defaults) > 1:
        context.error(
            code,
            f'{kind} "{coordinate}" has incompatible default values across subgraphs: '
            + " and ".join(f"{found.default_text} in {named([subgraph])}" for subgraph, found in sources if found.default)
            + ". Give it the same default everywhere.",
            [(subgraph, found.node) for subgraph, found in sources],
        )
    without = [subgraph for subgraph, found in sources if found.default is None]
    if defaults and without and len(defaults) == 1:
        context.hint(
            "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
            f'{kind} "{coordinate}" has a default value in only some subgraphs: the supergraph has none, because '
            f"{named(without)} has none.",
            [(subgraph, found.node) for subgraph, found in sources],
        )
    return next((found for _, found in sources if found.default is None), sources[0][1])


def _comparable(found: InputValue) -> str | None:
    return None if found.default is None else canonical_text(read_value(found.default))


def _merge(context: MergeContext, coordinate: str, sources: Sources[InputValue]) -> InputValue:
    first = sources[0][1]
    type_ = merge_input_type(context, coordinate, sources, "FIELD_ARGUMENT_TYPE_MISMATCH", "Argument")
    default = merged_default(context, coordinate, sources, "FIELD_ARGUMENT_DEFAULT_MISMATCH", "Argument")
    context.input_types.add(first.type_name)
    return InputValue(
        name=first.name,
        coordinate=coordinate,
        description=merge_description(context, coordinate, sources),
        uses=merge_uses(context, coordinate, sources),
        node=None,
        type=type_,
        type_name=type_.strip("[]!"),
        default=default.default,
    )


def _check_optional(context: MergeContext, coordinate: str, having: Sources[InputValue], missing: Sequence[Subgraph]) -> None:
    requiring = [subgraph for subgraph, found in having if found.required]
    nodes = [(subgraph, found.node) for subgraph, found in having]
    if requiring:
        context.error(
            "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
            f'Argument "{coordinate}" is required in {named(requiring)} but does not exist in {named(missing)}: an argument that '
            "some subgraph requires has to exist in all. Add it there, or make it optional.",
            nodes,
        )
        return
    context.hint(
        "INCONSISTENT_ARGUMENT_PRESENCE",
        f'Optional argument "{coordinate}" is not in the supergraph: it is defined in '
        f"{named(subgraph for subgraph, _ in having)} but not in {named(missing)}.",
        nodes,
    )


def _check_contextual(
    context: MergeContext,
    coordinate: str,
    having: Sources[InputValue],
    contextual: Sequence[Subgraph],
) -> None:
    """A contextual argument may be missing elsewhere; an ordinary one of its name is never sent, so it has to be optional."""
    ordinary = [(subgraph, found) for subgraph, found in having if subgraph not in contextual]
    requiring = [subgraph for subgraph, found in ordinary if found.required]
    if requiring:
        context.error(
            "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
            f'Argument "{coordinate}" is filled from a context in {named(contextual)} but required in {named(requiring)}, where '
            "no client can give it. Set it from a context there too, or make it optional or give it a default.",
            [(subgraph, found.node) for subgraph, found in having],
        )
    elif ordinary:
        context.hint(
            "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
            f'Argument "{coordinate}" is filled from a context in {named(contextual)} only, and is not in the supergraph.',
            [(subgraph, found.node) for subgraph, found in having],
        )


def _by_type(sources: Sources[InputValue]) -> str:
    by_type: dict[str, list[Subgraph]] = {}
    for subgraph, found in sources:
        by_type.setdefault(found.type, []).append(subgraph)
    return " and ".join(f'type "{type_}" in {named(subgraphs)}' for type_, subgraphs in by_type.items())
