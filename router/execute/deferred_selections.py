"""An operation with `@defer` taken apart: what is answered first, and each deferred fragment with the place it is on.

Incremental delivery: https://github.com/graphql/graphql-spec/pull/1110, "CollectFields" and "Deferred fragments".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from graphql.language import BooleanValueNode

from router.execute.field_collection import Fragments
from router.plan.nodes import PathStep, PlanPath

__all__ = ["DeferredSelection", "take_apart"]

_Directives: TypeAlias = "Iterable[DirectiveNode] | None"


@dataclass
class DeferredSelection:
    """A selection set that is answered as one, with the deferred ones inside of it. The root has neither label nor path."""

    # The type that the selection set is written on.
    parent: GraphQLCompositeType
    label: str | None = None
    path: PlanPath = ()
    # Types of the objects at the path that it is for; None: all.
    on: frozenset[str] | None = None
    # The variable of `@defer(if:)`.
    condition: str | None = None
    selection_set: SelectionSetNode = field(default_factory=lambda: SelectionSetNode(selections=()))
    deferred: list[DeferredSelection] = field(default_factory=list)


def take_apart(
    schema: GraphQLSchema, root: GraphQLCompositeType, selection_set: SelectionSetNode, fragments: Fragments
) -> DeferredSelection:
    """Return the operation's primary selection with its deferred ones. Fragments are spread."""
    return _Parts(schema, fragments).part(DeferredSelection(root), selection_set)


class _Parts:
    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments

    def part(self, part: DeferredSelection, selection_set: SelectionSetNode) -> DeferredSelection:
        selections = tuple(self._selections(selection_set, part.parent, (), None, part))
        part.selection_set = SelectionSetNode(selections=selections)
        return part

    def _selections(
        self,
        selection_set: SelectionSetNode,
        parent: GraphQLCompositeType,
        path: PlanPath,
        on: frozenset[str] | None,
        part: DeferredSelection,
    ) -> Iterator[SelectionNode]:
        """Yield what belongs to `part`; what is deferred becomes a part of its own. `on` are the types at `path`."""
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                yield self._field(selection, parent, path, on, part)
                continue
            fragment = self._inline(selection)
            condition = fragment.type_condition
            narrowed = self._schema.type_map[condition.name.value] if condition is not None else parent
            if not is_composite_type(narrowed):
                continue
            types = on
            if condition is not None and is_abstract_type(parent):
                possible = self._schema.get_possible_types(narrowed) if is_abstract_type(narrowed) else (narrowed,)
                types = frozenset(type_.name for type_ in possible)
            defer = next((node for node in selection.directives or () if node.name.value == "defer"), None)
            if defer is None or _constant(defer) is False:
                inner = tuple(self._selections(fragment.selection_set, narrowed, path, types, part))
                if inner:
                    yield _wrapped(fragment, selection.directives, inner)
                continue
            label, variable = _arguments(defer)
            deferred = DeferredSelection(parent, label, path, types, variable)
            inner = tuple(self._selections(fragment.selection_set, narrowed, path, types, deferred))
            inner = tuple(node for node in inner if not _is_told(node, selection_set))
            if inner:
                deferred.selection_set = SelectionSetNode(selections=(_wrapped(fragment, selection.directives, inner),))
            if inner or deferred.deferred:
                part.deferred.append(deferred)

    def _field(
        self,
        node: FieldNode,
        parent: GraphQLCompositeType,
        path: PlanPath,
        on: frozenset[str] | None,
        part: DeferredSelection,
    ) -> FieldNode:
        definition = self._schema.get_field(parent, node.name.value)
        named = get_named_type(definition.type) if definition is not None else None
        if node.selection_set is None or not is_composite_type(named):
            return node
        below = (*path, PathStep((node.alias or node.name).value, on))
        selections = tuple(self._selections(node.selection_set, named, below, None, part))
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=node.directives,
            selection_set=SelectionSetNode(selections=selections),
        )

    def _inline(self, selection: SelectionNode) -> InlineFragmentNode | FragmentDefinitionNode:
        if isinstance(selection, FragmentSpreadNode):
            return self._fragments[selection.name.value]
        if isinstance(selection, InlineFragmentNode):
            return selection
        raise TypeError("not a selection")


def _wrapped(
    fragment: InlineFragmentNode | FragmentDefinitionNode, directives: _Directives, selections: tuple[SelectionNode, ...]
) -> InlineFragmentNode:
    return InlineFragmentNode(
        type_condition=fragment.type_condition,
        directives=tuple(node for node in directives or () if node.name.value != "defer"),
        selection_set=SelectionSetNode(selections=selections),
    )


def _is_told(node: SelectionNode, around: SelectionSetNode) -> bool:
    """Tell whether a deferred leaf is selected right beside the fragment, too: its value is delivered once, the first time."""
    if not isinstance(node, FieldNode) or node.selection_set is not None:
        return False
    name = (node.alias or node.name).value
    beside = (field for field in around.selections if isinstance(field, FieldNode) and not field.directives)
    return any((field.alias or field.name).value == name for field in beside)


def _constant(defer: DirectiveNode) -> bool | None:
    for argument in defer.arguments or ():
        if argument.name.value == "if" and isinstance(argument.value, BooleanValueNode):
            return argument.value.value
    return None


def _arguments(defer: DirectiveNode) -> tuple[str | None, str | None]:
    """Return the label, and the variable of the condition."""
    values = {argument.name.value: argument.value for argument in defer.arguments or ()}
    label, condition = values.get("label"), values.get("if")
    return (
        label.value if isinstance(label, StringValueNode) else None,
        condition.name.value if isinstance(condition, VariableNode) else None,
    )
