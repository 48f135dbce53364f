"""Completes objects and their fields (GraphQL section 6.4.3, null propagation: section 6.4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
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
        self._static = self._fields(type_) if is_object_type(type_) else None
        self._by_type: dict[Any, _Fields] = {}

    def complete(self, value: Any, path: LinkedPath, key: str | int, run: Run) -> Object | None:
        """See `Completer`; the root has the empty key."""
        here: LinkedPath = (path, key) if key != "" else None
        if value.__class__ is not dict:
            run.refuse(f"Expected an object of type {self._type.name}.", here)
            return None
        if run.shared:
            memory = (id(self), id(value))
            known = run.projected.get(memory)
            if known is not None:
                return known
            before = run.anomalies
            projected = self._project(value, here, run)
            if projected is not None and run.anomalies == before:
                run.projected[memory] = projected
            return projected
        return self._project(value, here, run)

    def _project(self, value: Object, here: LinkedPath, run: Run) -> Object | None:
        fields = self._static or self._resolve(value)
        if fields is None:
            run.refuse(f"The subgraph's type is not a possible type of {self._type.name}.", here)
            return None
        projected = fields.template.copy()
        get = value.get
        for name, plain, non_null, completer in fields.entries:
            found = get(name)
            if found.__class__ is plain:
                projected[name] = found
            elif found is not None:
                completed = completer.complete(found, here, name, run)
                if completed is None:
                    if non_null:
                        return None
                else:
                    projected[name] = completed
            elif non_null:
                run.refuse(f"Cannot return null for non-nullable field {fields.coordinates[name]}.", (here, name))
                return None
        return projected

    def _resolve(self, value: Object) -> _Fields | None:
        """Return the fields for the object's `__typename`, compiled at its first occurrence."""
        name = value.get("__typename")
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
        fields = self._fields(runtime_type)
        if runtime_type is self._type and self._type.name in fields.template.values():
            # `__typename` is selected, and an abstract type's name is never its value.
            return None
        self._by_type[name] = fields
        return fields

    def _fields(self, runtime_type: GraphQLObjectType | GraphQLAbstractType) -> _Fields:
        return _Fields(*self._context, runtime_type, self._selections)


class _Fields:
    """The compiled fields of a position for one runtime type."""

    __slots__ = ("coordinates", "entries", "template")

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Fragments,
        booleans: Mapping[str, bool],
        runtime_type: GraphQLObjectType | GraphQLAbstractType,
        selections: tuple[SelectionSetNode, ...],
    ) -> None:
        # Holds every response name, so that the operation's order is kept whichever fields are set.
        self.template: Object = {}
        self.coordinates: dict[str, str] = {}
        entries: list[tuple[str, type, bool, Completer]] = []
        for name, nodes in collect_fields(schema, fragments, booleans, runtime_type, selections).items():
            field_name = nodes[0].name.value
            if field_name == "__typename":
                self.template[name] = runtime_type.name
                continue
            self.template[name] = None
            self.coordinates[name] = f"{runtime_type.name}.{field_name}"
            field = schema.get_field(runtime_type, field_name)
            if field is None:
                raise ValueError(f"The API schema has no field {self.coordinates[name]}.")
            if field_name in {"__schema", "__type"}:
                entries.append((name, dict, False, ANYTHING))
                continue
            sub_selections = tuple(node.selection_set for node in nodes if node.selection_set)
            completer, plain, non_null = _completer(field.type, schema, fragments, booleans, sub_selections)
            entries.append((name, plain, non_null, completer))
        self.entries = tuple(entries)


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
