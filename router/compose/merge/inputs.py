"""Input object types: the fields that every subgraph knows."""

from __future__ import annotations

from router.compose.definitions import InputValue, TypeDefinition, TypeKind, Use
from router.compose.merge.applied_directives import merge_uses
from router.compose.merge.arguments import merge_input_type, merged_default
from router.compose.merge.context import MergeContext, Sources, named
from router.compose.merge.descriptions import merge_description
from router.compose.merge.join_types import join_types
from router.compose.merge.schema import JOIN

__all__ = ["merge_input"]


def merge_input(context: MergeContext, name: str, sources: Sources[TypeDefinition]) -> TypeDefinition:
    """Return the input type; that there is no common field is an error, and so is a required field that some do not know."""
    fields: dict[str, InputValue] = {}
    for field_name in dict.fromkeys(field for _, type_ in sources for field in type_.input_fields):
        having = [(subgraph, type_.input_fields[field_name]) for subgraph, type_ in sources if field_name in type_.input_fields]
        if len(having) == len(sources) or any(field.has("inaccessible") for _, field in having):
            fields[field_name] = _merge_field(context, f"{name}.{field_name}", having, in_all=len(having) == len(sources))
        else:
            _check_optional(context, f"{name}.{field_name}", having, sources)
    if not fields and any(type_.input_fields for _, type_ in sources):
        context.error(
            "EMPTY_MERGED_INPUT_TYPE",
            f'None of the fields of input type "{name}" are in all the subgraphs that define it '
            f"({named(subgraph for subgraph, _ in sources)}): a client could give none. Have at least one field in all of them.",
            [(subgraph, type_.node) for subgraph, type_ in sources],
        )
    return TypeDefinition(
        name=name,
        coordinate=name,
        description=merge_description(context, name, sources),
        uses=(*join_types(sources), *merge_uses(context, name, sources)),
        node=None,
        kind=TypeKind.INPUT,
        input_fields=fields,
    )


def _merge_field(context: MergeContext, coordinate: str, sources: Sources[InputValue], in_all: bool) -> InputValue:
    """Inaccessible fields never meet a client, and are kept though not all subgraphs have them."""
    first = sources[0][1]
    type_ = merge_input_type(context, coordinate, sources, "FIELD_TYPE_MISMATCH", "Input field")
    default = merged_default(context, coordinate, sources, "INPUT_FIELD_DEFAULT_MISMATCH", "Input field")
    context.input_types.add(first.type_name)
    joins: tuple[Use, ...] = ()
    if len({found.type for _, found in sources}) > 1:
        joins = tuple(Use("field", {"graph": subgraph.graph_enum, "type": found.type}, JOIN) for subgraph, found in sources)
    elif not in_all:
        joins = tuple(Use("field", {"graph": subgraph.graph_enum}, JOIN) for subgraph, _ in sources)
    return InputValue(
        name=first.name,
        coordinate=coordinate,
        description=merge_description(context, coordinate, sources),
        uses=(*joins, *merge_uses(context, coordinate, sources)),
        node=None,
        type=type_,
        type_name=type_.strip("[]!"),
        default=default.default,
    )


def _check_optional(
    context: MergeContext, coordinate: str, having: Sources[InputValue], sources: Sources[TypeDefinition]
) -> None:
    known = {subgraph.name for subgraph, _ in having}
    missing = [subgraph for subgraph, _ in sources if subgraph.name not in known]
    requiring = [subgraph for subgraph, found in having if found.required]
    nodes = [(subgraph, found.node) for subgraph, found in having]
    if requiring:
        context.error(
            "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
            f'Input object field "{coordinate}" is required in {named(requiring)} but does not exist in {named(missing)}: a '
            "field that some subgraph requires has to exist in all. Add it there, or make it optional.",
            nodes,
        )
        return
    context.hint(
        "INCONSISTENT_INPUT_OBJECT_FIELD",
        f'Input object field "{coordinate}" is not in the supergraph: it is defined in '
        f"{named(subgraph for subgraph, _ in having)} but not in {named(missing)}.",
        nodes,
    )
