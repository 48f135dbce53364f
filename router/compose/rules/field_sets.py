"""The field sets of one subgraph and what is wrong with them: the ground of the KEY_, REQUIRES_ and PROVIDES_ rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    SelectionSetNode,
)

from router.compose.definitions import Field, InputValue, TypeDefinition, TypeKind, Use
from router.compose.errors import CompositionError
from router.compose.field_set import parse_field_set
from router.compose.rules.input_values import value_complaint
from router.compose.subgraph import Subgraph, locations
from router.compose.values import print_value, read_value

__all__ = ["DIRECTIVES", "FieldSet", "Selected", "complaints", "field_sets", "readable_field_sets", "selected"]

DIRECTIVES = ("key", "requires", "provides")
"""The directives with a field set."""


@dataclass(frozen=True, slots=True)
class FieldSet:
    """One `@key`, `@requires` or `@provides`."""

    subgraph: Subgraph
    directive: str
    # The type or field that the directive stands on.
    holder: TypeDefinition | Field
    # The type that the directive stands on, or on a field of.
    type: TypeDefinition
    # The type that the selection starts at.
    parent: str
    use: Use

    @property
    def text(self) -> str | None:
        """The selection as written; None when the argument is no string, nor the name or list that Federation 1 took, too."""
        fields = self.use.arguments.get("fields")
        items: list[Any] = fields if isinstance(fields, list) else [fields]
        if type(fields) is not str and self.subgraph.is_federation_1 and all(isinstance(item, str) for item in items):
            return " ".join(items)
        return fields if type(fields) is str else None

    def error(self, code: str, complaint: str) -> CompositionError:
        """Return an error of this directive's family: `HAS_ARGS` becomes `KEY_FIELDS_HAS_ARGS`."""
        name = self.subgraph.links.directive_name(self.directive)
        where = f"@{name}(fields: {print_value(self.use.arguments.get('fields'))}) on {self.holder.coordinate}"
        message = f"[{self.subgraph.name}] {where}: {complaint}."
        return CompositionError(f"{self.directive.upper()}_{code}", message, locations(self.subgraph, self.use.node))


@dataclass(frozen=True, slots=True)
class Selected:
    """One field of a selection, with the fields above it from the outermost on."""

    type: TypeDefinition
    field: Field
    node: FieldNode
    above: tuple[Field, ...]


def field_sets(subgraph: Subgraph, directive: str) -> Iterator[FieldSet]:
    """Yield every application of `key`, `requires` or `provides` in the order of the SDL."""
    for type_ in subgraph.types.values():
        if type_.kind not in {TypeKind.OBJECT, TypeKind.INTERFACE}:
            continue
        if directive == "key":
            for use in type_.uses_of(directive):
                yield FieldSet(subgraph, directive, type_, type_, type_.name, use)
            continue
        for field in type_.fields.values():
            for use in field.uses_of(directive):
                parent = type_.name if directive == "requires" else field.type_name
                yield FieldSet(subgraph, directive, field, type_, parent, use)


def readable_field_sets(subgraph: Subgraph, directive: str) -> Iterator[tuple[FieldSet, SelectionSetNode]]:
    """Yield the field sets that parse and name only what exists, the others being refused already, with their selections."""
    for field_set in field_sets(subgraph, directive):
        parent = subgraph.types.get(field_set.parent)
        if parent is None or not parent.is_composite or field_set.text is None:
            continue
        if not any(True for _ in complaints(field_set)):
            yield field_set, parse_field_set(field_set.text)


def selected(field_set: FieldSet, selection_set: SelectionSetNode) -> Iterator[Selected]:
    """Yield every field of a readable selection, parents before children; `__typename` is left out."""

    def walk(parent: str, selections: SelectionSetNode, above: tuple[Field, ...]) -> Iterator[Selected]:
        type_ = field_set.subgraph.types[parent]
        for selection in selections.selections:
            if isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                yield from walk(condition.name.value if condition else parent, selection.selection_set, above)
            elif isinstance(selection, FieldNode) and selection.name.value != "__typename":
                field = type_.fields[selection.name.value]
                yield Selected(type_, field, selection, above)
                if selection.selection_set is not None:
                    yield from walk(field.type_name, selection.selection_set, (*above, field))

    yield from walk(field_set.parent, selection_set, ())


def complaints(field_set: FieldSet) -> Iterator[str]:
    """Yield what makes the text no selection on its type. Only for field sets with text."""
    try:
        selection_set = parse_field_set(field_set.text or "")
    except GraphQLSyntaxError as error:
        yield f"it does not parse: {error.message.removeprefix('Syntax Error: ').rstrip('.')}"
        return
    parent = field_set.subgraph.types.get(field_set.parent)
    if parent is not None and parent.is_composite:
        yield from _complaints(field_set, parent, selection_set)


def _complaints(field_set: FieldSet, parent: TypeDefinition, selection_set: SelectionSetNode) -> Iterator[str]:
    types = field_set.subgraph.types
    if not selection_set.selections:
        yield f"it selects nothing of {parent.name}; name at least one field"
    for selection in selection_set.selections:
        yield from _directive_complaints(field_set, selection.directives or ())
        if isinstance(selection, FragmentSpreadNode):
            yield f"a named fragment cannot be used here; write out what ...{selection.name.value} selects"
        elif isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else parent.name
            target = types.get(condition)
            if target is None or not target.is_composite:
                yield f"the condition on {condition} names no object, interface or union type of this subgraph"
            else:
                yield from _complaints(field_set, target, selection.selection_set)
        elif isinstance(selection, FieldNode):
            if selection.alias is not None:
                yield f"the alias {selection.alias.value} cannot be used here; select {selection.name.value} under its own name"
            elif selection.name.value != "__typename":
                yield from _field_complaints(field_set, parent, selection)


def _field_complaints(field_set: FieldSet, parent: TypeDefinition, node: FieldNode) -> Iterator[str]:
    field = parent.fields.get(node.name.value)
    if field is None:
        yield (
            f"{parent.name} has no field {node.name.value} in this subgraph; correct the name, or declare the field "
            "(with @external, when another subgraph resolves it)"
        )
        return
    yield from _argument_complaints(field_set, field, node.arguments or ())
    type_ = field_set.subgraph.types.get(field.type_name)
    composite = type_ is not None and type_.is_composite
    if composite and node.selection_set is None:
        if field_set.directive == "key" and type_ is not None and type_.kind is not TypeKind.OBJECT:
            # Selecting fields of it would not help: KEY_FIELDS_SELECT_INVALID_TYPE.
            return
        yield f"{field.coordinate} is of type {field.type}; select fields of it, {field.name} {{ … }}"
    elif not composite and node.selection_set is not None:
        yield f"{field.coordinate} is of type {field.type}, which has no fields to select"
    elif type_ is not None and node.selection_set is not None:
        yield from _complaints(field_set, type_, node.selection_set)


def _argument_complaints(field_set: FieldSet, field: Field, arguments: tuple[ArgumentNode, ...]) -> Iterator[str]:
    given = {argument.name.value: argument.value for argument in arguments}
    for name, value in given.items():
        definition: InputValue | None = field.arguments.get(name)
        if definition is None:
            yield f"{field.coordinate} has no argument {name}"
            continue
        complaint = value_complaint(field_set.subgraph, definition.type, read_value(value))  # type: ignore[arg-type]  # no variables here
        if complaint is not None:
            yield f"the argument {name} of {field.coordinate} {complaint}"
    for name, definition in field.arguments.items():
        if definition.required and name not in given:
            # What a key or @provides selects has no arguments, given or not: KEY_FIELDS_HAS_ARGS.
            remedy = "" if field_set.directive == "requires" else "; select only fields without arguments"
            yield f"{field.coordinate} must be given its argument {name}{remedy}"


def _directive_complaints(field_set: FieldSet, directives: tuple[DirectiveNode, ...]) -> Iterator[str]:
    known: Any = {*field_set.subgraph.directives, "skip", "include"}
    for directive in directives:
        name = directive.name.value
        if name not in known and field_set.subgraph.links.directive(name)[0] is None:
            yield f"the directive @{name} does not exist"
