"""What an operation that works against one API schema can lose when another takes its place.

Breaking: an operation that was valid may be refused, or its answer may have a shape its client does not expect. Dangerous: it
stays valid, but may behave otherwise. Directives of schema elements do not count: no client can use them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias, TypeVar

from graphql import (
    GraphQLDirective,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_required_argument,
    is_required_input_field,
    is_specified_scalar_type,
)
from graphql.utilities import (
    BreakingChangeType,
    DangerousChangeType,
    find_schema_changes,
)

from router.compose.executable_locations import EXECUTABLE_LOCATIONS

__all__ = ["SchemaChange", "breaking_changes", "dangerous_changes"]


T = TypeVar("T", bound=GraphQLNamedType)
_WithFields: TypeAlias = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True, slots=True, order=True)
class SchemaChange:
    """One difference between two API schemas. `code` is stable, such as `FIELD_REMOVED`; the message names the coordinate."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def breaking_changes(old_api: GraphQLSchema, new_api: GraphQLSchema) -> list[SchemaChange]:
    """Return what breaks valid operations or the clients that read their answers, in order of code and message."""
    gone_scalars = {name for name, type_ in old_api.type_map.items() if is_specified_scalar_type(type_)} - set(new_api.type_map)
    found = {
        SchemaChange(change.type.name, change.description)
        for change in find_schema_changes(_for_clients(old_api), _for_clients(new_api))
        if isinstance(change.type, BreakingChangeType)
        # A specified scalar leaves with its last use, which is a change of its own.
        and not any(f"scalar {name} was removed" in change.description for name in gone_scalars)
    }
    found.update(_changed_roots(old_api, new_api))
    found.update(_became_one_of(old_api, new_api))
    found.update(
        SchemaChange(code, f"{coordinate} lost its default and is required.")
        for code, coordinate in _became_required(old_api, new_api)
    )
    return sorted(found)


def dangerous_changes(old_api: GraphQLSchema, new_api: GraphQLSchema) -> list[SchemaChange]:
    """Return what keeps operations valid but may change what they do or answer, in order of code and message."""
    told_as_breaking = {f"{coordinate} defaultValue was removed." for _, coordinate in _became_required(old_api, new_api)}
    return sorted(
        SchemaChange(change.type.name, change.description)
        for change in find_schema_changes(_for_clients(old_api), _for_clients(new_api))
        if isinstance(change.type, DangerousChangeType) and change.description not in told_as_breaking
    )


def _for_clients(api: GraphQLSchema) -> GraphQLSchema:
    """Return the schema with only the directives, and locations of them, that operations can use."""
    directives = []
    for directive in api.directives:
        usable = directive.to_kwargs()
        usable["locations"] = tuple(place for place in directive.locations if place.name in EXECUTABLE_LOCATIONS)
        if usable["locations"]:
            directives.append(GraphQLDirective(**usable))
    reduced = api.to_kwargs()
    reduced["directives"] = tuple(directives)
    return GraphQLSchema(**reduced)


def _changed_roots(old_api: GraphQLSchema, new_api: GraphQLSchema) -> Iterator[SchemaChange]:
    """An operation whose root type is gone or another one: the old type's fields may still exist, out of reach."""
    for operation in ("query", "mutation", "subscription"):
        old: GraphQLObjectType | None = getattr(old_api, f"{operation}_type")
        new: GraphQLObjectType | None = getattr(new_api, f"{operation}_type")
        if old is None or (new is not None and new.name == old.name):
            continue
        if new is None:
            yield SchemaChange("OPERATION_REMOVED", f"The schema has no {operation} operations any more (root type {old.name}).")
        else:
            yield SchemaChange("OPERATION_TYPE_CHANGED", f"The {operation} root type changed from {old.name} to {new.name}.")


def _became_one_of(old_api: GraphQLSchema, new_api: GraphQLSchema) -> Iterator[SchemaChange]:
    """Input objects that now want exactly one field, where several, or none, were allowed."""
    for old, new in _shared(old_api, new_api, GraphQLInputObjectType):
        if new.is_one_of and not old.is_one_of:
            yield SchemaChange("INPUT_OBJECT_BECAME_ONE_OF", f"{new} became a @oneOf input object.")


def _became_required(old_api: GraphQLSchema, new_api: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Code and coordinate of non-null inputs that lost their default: what could be left out must now be given.

    A changed type is reported as that.
    """
    for old_input, new_input in _shared(old_api, new_api, GraphQLInputObjectType):
        for name, field in new_input.fields.items():
            was = old_input.fields.get(name)
            if was and str(was.type) == str(field.type) and is_required_input_field(field) > is_required_input_field(was):
                yield "INPUT_FIELD_BECAME_REQUIRED", f"{new_input}.{name}"
    objects: Iterator[tuple[_WithFields, _WithFields]] = _shared(old_api, new_api, GraphQLObjectType)
    interfaces: Iterator[tuple[_WithFields, _WithFields]] = _shared(old_api, new_api, GraphQLInterfaceType)
    for old_type, new_type in chain(objects, interfaces):
        for name in old_type.fields.keys() & new_type.fields.keys():
            for argument_name, argument in new_type.fields[name].args.items():
                before = old_type.fields[name].args.get(argument_name)
                same_type = before is not None and str(before.type) == str(argument.type)
                if before and same_type and is_required_argument(argument) > is_required_argument(before):
                    yield "ARG_BECAME_REQUIRED", f"{new_type}.{name}({argument_name}:)"


def _shared(old_api: GraphQLSchema, new_api: GraphQLSchema, kind: type[T]) -> Iterator[tuple[T, T]]:
    for name, old in old_api.type_map.items():
        new = new_api.type_map.get(name)
        if isinstance(old, kind) and isinstance(new, kind):
            yield old, new
