"""The elements of a merged schema that clients see, and where the subgraphs have them: the ground of the supergraph's rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from router.compose.definitions import Element, Field, InputValue, TypeDefinition
from router.compose.errors import CompositionError, SourceLocation
from router.compose.merge.schema import MergedSchema
from router.compose.subgraph import Subgraph, locations

__all__ = ["ApiElements", "element_error", "element_locations"]


@dataclass(frozen=True)
class ApiElements:
    """What of a merged schema is in the API schema: neither @inaccessible nor part of something that is."""

    schema: MergedSchema

    @cached_property
    def types(self) -> dict[str, TypeDefinition]:
        """The types that clients see, by name."""
        return {name: type_ for name, type_ in self.schema.types.items() if not is_inaccessible(type_)}

    def fields(self) -> Iterator[tuple[TypeDefinition, Field]]:
        """Yield the fields that clients see."""
        for type_ in self.types.values():
            for field in type_.fields.values():
                if not is_inaccessible(field):
                    yield type_, field

    def inputs(self) -> Iterator[InputValue]:
        """Yield the arguments and input fields that clients see."""
        for _, field in self.fields():
            yield from (argument for argument in field.arguments.values() if not is_inaccessible(argument))
        for type_ in self.types.values():
            yield from (field for field in type_.input_fields.values() if not is_inaccessible(field))

    def hides_type(self, name: str) -> bool:
        """Whether the type exists and is @inaccessible."""
        return name in self.schema.types and name not in self.types


def is_inaccessible(element: Element) -> bool:
    """Whether the element itself is marked @inaccessible."""
    return element.has("inaccessible")


def element_error(schema: MergedSchema, code: str, coordinate: str, complaint: str) -> CompositionError:
    """Return an error about an element, located wherever subgraphs have it."""
    return CompositionError(code, f"{coordinate} {complaint}.", element_locations(schema, coordinate))


def element_locations(schema: MergedSchema, coordinate: str) -> tuple[SourceLocation, ...]:
    """Return where the subgraphs have `Type`, `Type.member` or `Type.field(argument:)`."""
    return tuple(place for subgraph in schema.subgraphs for place in _locations(subgraph, coordinate))


def _locations(subgraph: Subgraph, coordinate: str) -> tuple[SourceLocation, ...]:
    holder, _, argument = coordinate.partition("(")
    type_name, _, member = holder.partition(".")
    type_ = subgraph.types.get(type_name)
    if type_ is None:
        return ()
    if not member:
        return locations(subgraph, *type_.nodes)
    field = type_.fields.get(member)
    if argument and field is not None:
        found: Element | None = field.arguments.get(argument.removesuffix(":)"))
    else:
        found = field or type_.input_fields.get(member) or type_.values.get(member)
    return locations(subgraph, found.node) if found is not None else ()
