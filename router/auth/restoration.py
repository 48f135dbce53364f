"""Puts what the operation filter took out back into the answer: null, an error with its path, and null propagation.

The answer is rebuilt by the client's own document (GraphQL section 6.3.2, field collection; 6.4.4, handling field
errors). For every object type that is met at a position of the document the list of its fields is compiled once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLOutputType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)
from graphql.language import BooleanValueNode
from graphql.utilities import type_from_ast

from router.auth.access import FieldAccess
from router.auth.scopes import Grants

__all__ = ["UNAUTHORIZED_CODE", "Restoration"]

UNAUTHORIZED_CODE = "UNAUTHORIZED_FIELD_OR_TYPE"

# One error is owed per withheld value (GraphQL section 7.1.2); a list of many rows ends here, so that an answer
# is not made of errors.
MAX_ERRORS = 500

# (variable, value it must have), all of which must hold
Conditions = frozenset[tuple[str, bool]]
Path = tuple[str | int, ...]


class _Bubble:
    """A null where the schema has a non-null type: the parent becomes null instead."""


BUBBLE: Final = _Bubble()


class Restoration:
    """The compiled way back from the filtered operation's answer to the client's."""

    def __init__(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        access: FieldAccess,
        grants: Grants,
        typename_key: str,
    ) -> None:
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._access = access
        self._grants = grants
        self._typename_key = typename_key
        self._defaults = {
            definition.variable.name.value: definition.default_value.value
            for definition in operation.variable_definitions or ()
            if isinstance(definition.default_value, BooleanValueNode)
        }
        root = access.schema.get_root_type(operation.operation)
        self._root = _Position((_Selected(operation.selection_set, root.name if root else "", refusal=None),), root)

    def apply(
        self, data: dict[str, Any] | None, variables: Mapping[str, Any]
    ) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Return the client's data, and one error for every value that is withheld."""
        if data is None:
            return None, []
        run = _Run(self._access, self._typename_key, self, {**self._defaults, **variables})
        restored = run.object(self._root, data, ())
        return (None if isinstance(restored, _Bubble) else restored), run.errors

    def shape(self, position: _Position, type_: GraphQLObjectType) -> Sequence[_Entry]:
        """Return the fields of a position for one object type, in the order of the client's document."""
        shape = position.shapes.get(type_.name)
        if shape is None:
            entries: dict[str, _Entry] = {}
            seen: set[tuple[str, Conditions]] = set()
            for selected in position.selected:
                self._collect(selected, type_, frozenset(), entries, seen)
            shape = position.shapes[type_.name] = list(entries.values())
            for entry in shape:
                named = get_named_type(entry.type)
                if is_composite_type(named) and entry.allowed:
                    entry.child = _Position(tuple(entry.selected), named)
        return shape

    def _collect(
        self,
        selected: _Selected,
        type_: GraphQLObjectType,
        conditions: Conditions,
        entries: dict[str, _Entry],
        seen: set[tuple[str, Conditions]],
    ) -> None:
        for selection in selected.selection_set.selections:
            holds = _conditions(selection.directives or (), conditions)
            if holds is None:
                continue
            if isinstance(selection, FieldNode):
                self._collect_field(selection, selected, type_, holds, entries)
                continue
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if (name, holds) in seen:
                    continue
                seen.add((name, holds))
                fragment: FragmentDefinitionNode | InlineFragmentNode = self._fragments[name]
            elif isinstance(selection, InlineFragmentNode):
                fragment = selection
            else:
                continue
            parent = selected.parent
            if fragment.type_condition is not None:
                condition = type_from_ast(self._access.schema, fragment.type_condition)
                if not is_composite_type(condition) or type_.name not in self._access.possible_names(condition):
                    continue
                parent = condition.name
            nested = _Selected(fragment.selection_set, parent, selected.refusal)
            self._collect(nested, type_, holds, entries, seen)

    def _collect_field(
        self,
        node: FieldNode,
        selected: _Selected,
        type_: GraphQLObjectType,
        conditions: Conditions,
        entries: dict[str, _Entry],
    ) -> None:
        name = node.name.value
        definition = self._access.schema.get_field(type_, name)
        if definition is None:
            return
        refusal = None if name.startswith("__") else selected.refusal or self._refusal(selected.parent, type_.name, name)
        key = (node.alias or node.name).value
        entry = entries.get(key)
        if entry is None:
            entry = entries[key] = _Entry(key, definition.type)
        if refusal is None:
            entry.allowed.append(conditions)
        else:
            entry.denied.append((conditions, refusal))
        if node.selection_set is not None:
            named = get_named_type(definition.type)
            entry.selected.append(_Selected(node.selection_set, named.name, refusal))

    def _refusal(self, parent: str, type_name: str, field_name: str) -> str | None:
        access, grants = self._access, self._grants
        refusal = access.refusal(grants, type_name, field_name)
        return refusal if refusal or parent == type_name else access.refusal(grants, parent, field_name)


@dataclass(slots=True)
class _Selected:
    """A selection set, the name of the type that it is written on, and why the filter took it out, if it did."""

    selection_set: SelectionSetNode
    parent: str
    refusal: str | None


@dataclass(slots=True)
class _Entry:
    """A response key, and under which conditions it is selected: where it may be seen, and where it may not, and why.

    Both at once where the object type allows what one of its interfaces refuses.
    """

    key: str
    type: GraphQLOutputType
    allowed: list[Conditions] = field(default_factory=list)
    denied: list[tuple[Conditions, str]] = field(default_factory=list)
    selected: list[_Selected] = field(default_factory=list)
    child: _Position | None = None


@dataclass(slots=True)
class _Position:
    """A place of the document where objects appear: the merged selection sets, and their fields per object type."""

    selected: tuple[_Selected, ...]
    type: Any
    shapes: dict[str, list[_Entry]] = field(default_factory=dict)


@dataclass(slots=True)
class _Run:
    access: FieldAccess
    typename_key: str
    restoration: Restoration
    variables: Mapping[str, Any]
    errors: list[dict[str, Any]] = field(default_factory=list)

    def object(self, position: _Position, data: dict[str, Any], path: Path) -> dict[str, Any] | _Bubble:
        type_ = position.type
        if not isinstance(type_, GraphQLObjectType):
            type_ = self.access.schema.get_type(data[self.typename_key])
        result: dict[str, Any] = {}
        for entry in self.restoration.shape(position, type_):
            key = entry.key
            value: Any
            if key not in data:
                refusal = self._included(entry.denied)
                if refusal is None:
                    continue
                self._withheld((*path, key), refusal)
                value = BUBBLE if is_non_null_type(entry.type) else None
            elif entry.child is None or data[key] is None:
                value = data[key]
            else:
                value = self.complete(entry.type, entry.child, data[key], (*path, key))
            if isinstance(value, _Bubble):
                return value
            result[key] = value
        return result

    def complete(self, type_: Any, position: _Position, value: Any, path: Path) -> Any:
        if is_non_null_type(type_):
            inner = self.complete(type_.of_type, position, value, path)
            return BUBBLE if inner is None else inner
        if value is None:
            return None
        if is_list_type(type_):
            items = []
            for index, item in enumerate(value):
                completed = self.complete(type_.of_type, position, item, (*path, index))
                if completed is BUBBLE:
                    return None
                items.append(completed)
            return items
        restored = self.object(position, value, path)
        return None if restored is BUBBLE else restored

    def _included(self, alternatives: list[tuple[Conditions, str]]) -> str | None:
        """Return why a field that `@skip` and `@include` leave in for these variables is withheld; None when they do not."""
        for conditions, refusal in alternatives:
            if all(self.variables.get(name) is value for name, value in conditions):
                return refusal
        return None

    def _withheld(self, path: Path, refusal: str) -> None:
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(
                {
                    "message": refusal,
                    "path": list(path),
                    "extensions": {"code": UNAUTHORIZED_CODE},
                }
            )


def _conditions(directives: Sequence[DirectiveNode], outer: Conditions) -> Conditions | None:
    """Return what must hold for a selection to be included; None when it never is."""
    conditions = set(outer)
    for directive in directives:
        if directive.name.value not in {"skip", "include"} or not directive.arguments:
            continue
        wanted = directive.name.value == "include"
        value = directive.arguments[0].value
        if isinstance(value, VariableNode):
            conditions.add((value.name.value, wanted))
        elif isinstance(value, BooleanValueNode) and value.value is not wanted:
            return None
    return frozenset(conditions)
