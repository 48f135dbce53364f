"""Collects the fields of a selection set for one runtime type (GraphQL section 6.3.2, CollectFields)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.language import BooleanValueNode
from graphql.type import is_abstract_type, is_non_null_type

__all__ = ["Fragments", "collect_fields", "condition_variables", "included", "non_null_fields", "selected_path"]

Fragments: TypeAlias = Mapping[str, FragmentDefinitionNode]


def collect_fields(
    schema: GraphQLSchema,
    fragments: Fragments,
    booleans: Mapping[str, bool],
    runtime_type: GraphQLNamedType,
    selection_sets: Iterable[SelectionSetNode],
) -> dict[str, list[FieldNode]]:
    """Return the selected fields by response name, in the order of the operation."""
    collected: dict[str, list[FieldNode]] = {}

    def visit(selections: Iterable[SelectionNode]) -> None:
        for selection in selections:
            if not included(selection.directives, booleans):
                continue
            if isinstance(selection, FieldNode):
                name = selection.alias.value if selection.alias else selection.name.value
                collected.setdefault(name, []).append(selection)
                continue
            if isinstance(selection, FragmentSpreadNode):
                fragment: FragmentDefinitionNode | InlineFragmentNode = fragments[selection.name.value]
            elif isinstance(selection, InlineFragmentNode):
                fragment = selection
            else:
                continue
            condition = fragment.type_condition
            if condition is None or _applies(schema, condition.name.value, runtime_type):
                visit(fragment.selection_set.selections)

    for selection_set in selection_sets:
        visit(selection_set.selections)
    return collected


def _applies(schema: GraphQLSchema, condition: str, runtime_type: GraphQLNamedType) -> bool:
    if condition == runtime_type.name:
        return True
    type_ = schema.type_map.get(condition)
    return type_ is not None and is_abstract_type(type_) and schema.is_sub_type(type_, runtime_type)


def included(directives: Iterable[DirectiveNode] | None, booleans: Mapping[str, bool]) -> bool:
    """Evaluate `@skip` and `@include` (section 3.13)."""
    for directive in directives or ():
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is not None and _condition(directive, booleans) is not wanted:
            return False
    return True


def _condition(directive: DirectiveNode, booleans: Mapping[str, bool]) -> bool:
    for argument in directive.arguments or ():
        if argument.name.value == "if":
            if isinstance(argument.value, VariableNode):
                return booleans[argument.value.name.value]
            if isinstance(argument.value, BooleanValueNode):
                return argument.value.value
    raise ValueError(f"@{directive.name.value} has no Boolean 'if'")


def condition_variables(selection_set: SelectionSetNode, fragments: Fragments) -> tuple[str, ...]:
    """Return the names of the variables that decide what is included, sorted."""
    names: set[str] = set()
    seen: set[str] = set()

    def visit(selections: Iterable[SelectionNode]) -> None:
        for selection in selections:
            for directive in selection.directives or ():
                if directive.name.value in {"skip", "include"}:
                    values = (argument.value for argument in directive.arguments or ())
                    names.update(value.name.value for value in values if isinstance(value, VariableNode))
            if isinstance(selection, FragmentSpreadNode):
                if selection.name.value not in seen:
                    seen.add(selection.name.value)
                    visit(fragments[selection.name.value].selection_set.selections)
            elif isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set:
                visit(selection.selection_set.selections)

    visit(selection_set.selections)
    return tuple(sorted(names))


def selected_path(selection_set: SelectionSetNode, fragments: Fragments, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return the part of a response path that the operation selects, from the root down."""
    selections = [selection_set]
    for length, key in enumerate(path):
        if isinstance(key, int):
            continue
        nodes = [node for selected in selections for node in _named(selected, fragments, key)]
        if not nodes:
            return path[:length]
        selections = [node.selection_set for node in nodes if node.selection_set]
    return path


def non_null_fields(
    schema: GraphQLSchema, type_: GraphQLObjectType, selection_set: SelectionSetNode, fragments: Fragments
) -> frozenset[str]:
    """Return the response names of the fields, on any conditions, that must not be null."""
    found: set[str] = set()

    def visit(selections: Iterable[SelectionNode]) -> None:
        for selection in selections:
            if isinstance(selection, FieldNode):
                field = schema.get_field(type_, selection.name.value)
                if field is not None and is_non_null_type(field.type):
                    found.add((selection.alias or selection.name).value)
            elif isinstance(selection, FragmentSpreadNode):
                visit(fragments[selection.name.value].selection_set.selections)
            elif isinstance(selection, InlineFragmentNode):
                visit(selection.selection_set.selections)

    visit(selection_set.selections)
    return frozenset(found)


def _named(selection_set: SelectionSetNode, fragments: Fragments, response_name: str) -> Iterable[FieldNode]:
    for selection in selection_set.selections:
        if isinstance(selection, FieldNode):
            if response_name == (selection.alias or selection.name).value:
                yield selection
        elif isinstance(selection, FragmentSpreadNode):
            yield from _named(fragments[selection.name.value].selection_set, fragments, response_name)
        elif isinstance(selection, InlineFragmentNode):
            yield from _named(selection.selection_set, fragments, response_name)
