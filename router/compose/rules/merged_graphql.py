"""INVALID_GRAPHQL of the merge: subgraphs that are valid each by itself make a schema that is not."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import Field
from router.compose.errors import CompositionError
from router.compose.merge.schema import MergedSchema
from router.compose.rules.supergraph_elements import element_error

__all__ = ["merged_graphql"]


def merged_graphql(schema: MergedSchema) -> Iterator[CompositionError]:
    """Refuse merged fields that do not fit the fields of an interface that their type implements."""
    for type_ in schema.types.values():
        for name in type_.interfaces:
            interface = schema.types.get(name)
            for demanded in interface.fields.values() if interface is not None else ():
                field = type_.fields.get(demanded.name)
                if field is not None:
                    yield from _implementation(schema, field, demanded)


def _implementation(schema: MergedSchema, field: Field, demanded: Field) -> Iterator[CompositionError]:
    if not _is_subtype(schema, field.type, demanded.type):
        complaint = (
            f"is of type {field.type} in the supergraph, which is no subtype of {demanded.type}, the type of "
            f"{demanded.coordinate}; change the type in the subgraphs that differ"
        )
        yield element_error(schema, "INVALID_GRAPHQL", field.coordinate, complaint)
    for name, argument in demanded.arguments.items():
        own = field.arguments.get(name)
        if own is None:
            complaint = f"lacks the argument {name} of {demanded.coordinate}, which it implements; add it in every subgraph"
            yield element_error(schema, "INVALID_GRAPHQL", field.coordinate, complaint)
        elif own.type != argument.type:
            complaint = (
                f"is of type {own.type}, but {argument.coordinate}, which it implements, of {argument.type}; make them equal"
            )
            yield element_error(schema, "INVALID_GRAPHQL", own.coordinate, complaint)
    for name, own in field.arguments.items():
        if own.required and name not in demanded.arguments:
            complaint = (
                f"is required, but no argument of {demanded.coordinate}, which {field.coordinate} implements; make it optional"
            )
            yield element_error(schema, "INVALID_GRAPHQL", own.coordinate, complaint)


def _is_subtype(schema: MergedSchema, text: str, of: str) -> bool:
    """GraphQL specification, IsValidImplementationFieldType."""
    if of.endswith("!"):
        return text.endswith("!") and _is_subtype(schema, text[:-1], of[:-1])
    text = text.removesuffix("!")
    if of.startswith("[") or text.startswith("["):
        return of.startswith("[") and text.startswith("[") and _is_subtype(schema, text[1:-1], of[1:-1])
    if text == of:
        return True
    type_, supertype = schema.types.get(text), schema.types.get(of)
    return type_ is not None and supertype is not None and (of in type_.interfaces or text in supertype.members)
