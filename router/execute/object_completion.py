"""Completes objects and their fields (GraphQL section 6.4.3, null propagation: section 6.4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    SelectionSetNode,
    is_composite_type,
    is_list_type,
    is_object_type,
)

from router.execute.completion import Completer, LinkedPath, Run
from router.execute.field_collection import Fragments, collect_fields
from router.execute.leaf_completion import ANYTHING, LEAVES, EnumCompleter, ListCompleter, NoPlainClass
from router.execute.object_code import CompiledField, ObjectFunction, compile_object
from router.execute.response_tree import Object

__all__ = ["ObjectCompleter"]


class ObjectCompleter:
    """Completes objects: the fields selected for their runtime type, in the operation's order."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Fragments,
        booleans: Mapping[str, bool],
        type_: GraphQLObjectType | GraphQLAbstractType,
        selections: tuple[SelectionSetNode, ...],
    ) -> None:
        self._context = (schema, fragments, booleans)
        self._type = type_
        self._selections = selections
        # The function for all objects, where they are of one type.
        self.direct = self._function(type_) if is_object_type(type_) else None
        self._by_type: dict[Any, ObjectFunction] = {}

    def complete(self, value: Any, path: LinkedPath, key: str | int, run: Run) -> Object | None:
        """See `Completer`; the root has the empty key."""
        if value.__class__ is not dict:
            run.refuse(f"Expected an object of type {self._type.name}.", _here(path, key))
            return None
        function = self.direct or self._of_type(value.get("__typename"))
        if function is None:
            run.refuse(f"The subgraph's type is not a possible type of {self._type.name}.", _here(path, key))
            return None
        if not run.shared:
            return function(value, path, key, run)
        memory = (id(self), id(value))
        known = run.projected.get(memory)
        if known is not None:
            return known
        before = run.anomalies
        projected = function(value, path, key, run)
        if projected is not None and run.anomalies == before:
            run.projected[memory] = projected
        return projected

    def _of_type(self, name: Any) -> ObjectFunction | None:
        """Return the function for a `__typename`, compiled at its first occurrence."""
        if name.__class__ is not str and name is not None:
            return None
        known = self._by_type.get(name)
        if known is not None:
            return known
        schema = self._context[0]
        # Fields of the abstract type itself can be selected without asking for the runtime type.
        runtime_type = self._type if name is None else schema.type_map.get(name)
        if runtime_type is None:
            return None
        if runtime_type is not self._type and not (
            is_object_type(runtime_type) and schema.is_sub_type(self._type, runtime_type)  # type: ignore[arg-type]
        ):
            return None
        if runtime_type is self._type and self._asks_typename():
            # An abstract type's name is never the value of `__typename`.
            return None
        function = self._by_type[name] = self._function(runtime_type)
        return function

    def _asks_typename(self) -> bool:
        fields = collect_fields(*self._context, self._type, self._selections)
        return any(nodes[0].name.value == "__typename" for nodes in fields.values())

    def _function(self, runtime_type: GraphQLObjectType | GraphQLAbstractType) -> ObjectFunction:
        fields = collect_fields(*self._context, runtime_type, self._selections)
        return compile_object([self._field(runtime_type, name, nodes) for name, nodes in fields.items()])

    def _field(self, runtime_type: GraphQLObjectType | GraphQLAbstractType, name: str, nodes: list[FieldNode]) -> CompiledField:
        field_name = nodes[0].name.value
        if field_name == "__typename":
            return CompiledField(name, NoPlainClass, True, None, constant=runtime_type.name)
        coordinate = f"{runtime_type.name}.{field_name}"
        field = self._context[0].get_field(runtime_type, field_name)
        if field is None:
            raise ValueError(f"The API schema has no field {coordinate}.")
        if field_name in {"__schema", "__type"}:
            return CompiledField(name, dict, False, ANYTHING, coordinate)
        sub_selections = tuple(node.selection_set for node in nodes if node.selection_set)
        completer, plain, non_null = _completer(field.type, *self._context, sub_selections)
        return CompiledField(name, plain, non_null, completer, coordinate)


def _here(path: LinkedPath, key: str | int) -> LinkedPath:
    return (path, key) if key != "" else None


def _completer(
    type_: GraphQLOutputType,
    schema: GraphQLSchema,
    fragments: Fragments,
    booleans: Mapping[str, bool],
    selections: tuple[SelectionSetNode, ...],
) -> tuple[Completer, type, bool]:
    """Return the completer of a type, the class of values that need none, and whether null is not allowed."""
    if isinstance(type_, GraphQLNonNull):
        completer, plain, _ = _completer(type_.of_type, schema, fragments, booleans, selections)
        return completer, plain, True
    if is_list_type(type_):
        return ListCompleter(*_completer(type_.of_type, schema, fragments, booleans, selections)), NoPlainClass, False
    if is_composite_type(type_):
        return ObjectCompleter(schema, fragments, booleans, type_, selections), NoPlainClass, False
    if isinstance(type_, GraphQLEnumType):
        return EnumCompleter(type_), NoPlainClass, False
    leaf = LEAVES.get(type_.name)  # type: ignore[union-attr]
    return (leaf, leaf.plain, False) if leaf else (ANYTHING, str, False)
