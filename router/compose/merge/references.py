"""Whether every type that merged fields and arguments name is in the supergraph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from router.compose.definitions import Field, InputValue, TypeDefinition
from router.compose.merge.context import MergeContext, named

__all__ = ["check_references"]

_BUILT_IN = frozenset({"Int", "Float", "String", "Boolean", "ID"})


def check_references(context: MergeContext, types: Mapping[str, TypeDefinition]) -> None:
    """Refuse uses of types that belong to the gateway's own specifications, such as `federation__FieldSet`.

    They are defined in a subgraph for its directives only, and not merged.
    """
    for type_ in types.values():
        for element in _elements(type_):
            if element.type_name not in types and element.type_name not in _BUILT_IN:
                having = [subgraph for subgraph, _ in context.sources[type_.name]]
                context.error(
                    "INVALID_GRAPHQL",
                    f'"{element.coordinate}" has type "{element.type}", which serves the directives of a specification that '
                    f"{named(having)} links to and is not part of the supergraph. Use a type of the schema's own.",
                    [(subgraph, source.node) for subgraph, source in context.sources[type_.name]],
                )


def _elements(type_: TypeDefinition) -> Iterator[Field | InputValue]:
    yield from type_.input_fields.values()
    for field in type_.fields.values():
        yield field
        yield from field.arguments.values()
