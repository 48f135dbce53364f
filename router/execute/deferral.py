"""An operation with `@defer` in parts: the primary answer, then each deferred selection when its fetches are done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    parse,
)

from router.execute.field_collection import Fragments
from router.execute.projection import Projection
from router.execute.steps import Step, compile_node
from router.plan.nodes import Defer, DeferredPart, PlanNode, PlanPath

__all__ = ["Deferral", "OperationTypes", "PreparedPart"]


@dataclass(frozen=True, slots=True)
class OperationTypes:
    """The client's operation with the types it is on."""

    schema: GraphQLSchema
    root: GraphQLObjectType | GraphQLAbstractType
    selection_set: SelectionSetNode
    fragments: Fragments

    def projection(self, path: PlanPath, selection: str) -> Projection:
        """Return the projection of a selection set, given as text, on the objects at a path."""
        definition = parse(selection, no_location=True).definitions[0]
        if not isinstance(definition, OperationDefinitionNode):
            raise ValueError("A deferred selection is a selection set.")
        return Projection(self.schema, self._type_at(path), definition.selection_set, self.fragments)

    def _type_at(self, path: PlanPath) -> GraphQLObjectType | GraphQLAbstractType:
        level = [(self.root, self.selection_set)]
        for step in path:
            below = []
            for parent, selection_set in level:
                for type_, node in self._fields(parent, selection_set):
                    if (node.alias or node.name).value == step.response_name and node.selection_set is not None:
                        field = self.schema.get_field(type_, node.name.value)
                        named = get_named_type(field.type) if field is not None else None
                        if named is not None and is_composite_type(named):
                            below.append((named, node.selection_set))
            level = below
        if not level:
            raise ValueError("A deferred path is not in the operation.")
        return level[0][0]

    def _fields(
        self, parent: GraphQLObjectType | GraphQLAbstractType, selection_set: SelectionSetNode
    ) -> Iterator[tuple[GraphQLObjectType | GraphQLAbstractType, FieldNode]]:
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                yield parent, selection
                continue
            if isinstance(selection, FragmentSpreadNode):
                fragment: Any = self.fragments[selection.name.value]
            elif isinstance(selection, InlineFragmentNode):
                fragment = selection
            else:
                continue
            condition = fragment.type_condition
            narrowed: Any = self.schema.type_map[condition.name.value] if condition is not None else parent
            yield from self._fields(narrowed, fragment.selection_set)


@dataclass(frozen=True, slots=True)
class PreparedPart:
    """One `@defer`, ready to run; `nested` are those inside of it."""

    label: str | None
    path: PlanPath
    projection: Projection | None
    step: Step | None
    nested: tuple[PreparedPart, ...]


class Deferral:
    """The parts of an operation."""

    def __init__(self, defer: Defer, types: OperationTypes, defaults: Mapping[str, Any], *, may_share: bool) -> None:
        self._types = types
        self._defaults = defaults
        self._may_share = may_share
        # Variables of `@defer(if:)`.
        self.conditions: set[str] = set()
        self.primary = self._part(None, (), defer.primary_selection, defer.primary, defer.deferred)

    def _part(
        self, label: str | None, path: PlanPath, selection: str | None, node: PlanNode | None, deferred: tuple[DeferredPart, ...]
    ) -> PreparedPart:
        self.conditions.update(part.condition for part in deferred if part.condition is not None)
        projection = self._types.projection(path, selection) if selection else None
        step = compile_node(node, self._defaults, may_share=self._may_share) if node is not None else None
        return PreparedPart(label, path, projection, step, tuple(self._deferred(part) for part in deferred))

    def _deferred(self, part: DeferredPart) -> PreparedPart:
        if isinstance(part.node, Defer):
            inner = part.node
            selection = inner.primary_selection or part.selection
            return self._part(part.label, part.path, selection, inner.primary, inner.deferred)
        return self._part(part.label, part.path, part.selection, part.node, ())
