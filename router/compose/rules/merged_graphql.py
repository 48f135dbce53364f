"""INVALID_GRAPHQL of the merge: subgraphs that are valid each by itself make a schema that is not.

Misplaced directives have no code in the federation error catalogue, and none here.
"""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import Element, Field, TypeKind
from router.compose.errors import CompositionError
from router.compose.links import FEDERATION, GRAPHQL
from router.compose.merge.schema import JOIN, MergedSchema
from router.compose.rules.supergraph_elements import element_error

__all__ = ["merged_graphql"]

_NO_CODE = ""
_LOCATIONS = {
    TypeKind.OBJECT: "OBJECT",
    TypeKind.INTERFACE: "INTERFACE",
    TypeKind.UNION: "UNION",
    TypeKind.ENUM: "ENUM",
    TypeKind.INPUT: "INPUT_OBJECT",
    TypeKind.SCALAR: "SCALAR",
}


def merged_graphql(schema: MergedSchema) -> Iterator[CompositionError]:
    """Refuse merged fields that do not fit their interface's, and composed directives where their definition is not for."""
    for type_ in schema.types.values():
        for name in type_.interfaces:
            interface = schema.types.get(name)
            for demanded in interface.fields.values() if interface is not None else ():
                field = type_.fields.get(demanded.name)
                if field is not None:
                    yield from _implementation(schema, field, demanded)
    for element, location in _elements(schema):
        for use in element.uses:
            definition = schema.directives.get(use.name)
            if use.spec not in {FEDERATION, GRAPHQL, JOIN} and definition is not None and location not in definition.locations:
                complaint = (
                    f"has @{use.name}, whose definition in the supergraph is not for {location}; the subgraphs that compose it "
                    "must define it for the same locations"
                )
                yield element_error(schema, _NO_CODE, element.coordinate, complaint)


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


def _elements(schema: MergedSchema) -> Iterator[tuple[Element, str]]:
    """Yield every element with the name of its directive location."""
    for type_ in schema.types.values():
        yield type_, _LOCATIONS[type_.kind]
        for field in type_.fields.values():
            yield field, "FIELD_DEFINITION"
            for argument in field.arguments.values():
                yield argument, "ARGUMENT_DEFINITION"
        for input_field in type_.input_fields.values():
            yield input_field, "INPUT_FIELD_DEFINITION"
        for value in type_.values.values():
            yield value, "ENUM_VALUE"
