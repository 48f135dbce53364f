"""An operation with `@defer` taken apart: what is answered first, and each deferred fragment with the place it is on.

Incremental delivery: https://github.com/graphql/graphql-spec/pull/1110, "CollectFields" and "Deferred fragments".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
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
    # `@skip` and `@include` of what it is inside of.
    guards: tuple[DirectiveNode, ...] = ()
    selection_set: SelectionSetNode = field(default_factory=lambda: SelectionSetNode(selections=()))
    deferred: list[DeferredSelection] = field(default_factory=list)


def take_apart(
    schema: GraphQLSchema, root: GraphQLCompositeType, selection_set: SelectionSetNode, fragments: Fragments
) -> DeferredSelection:
    """Return the operation's primary selection with its deferred ones. Fragments are spread."""
    return _Parts(schema, fragments).part(DeferredSelection(root), selection_set)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the operation selections are."""

    # The type that they are written on.
    parent: GraphQLCompositeType
    path: PlanPath = ()
    # Types that objects at the path have there; None: any.
    on: frozenset[str] | None = None
    guards: tuple[DirectiveNode, ...] = ()


class _Parts:
    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments

    def part(self, part: DeferredSelection, selection_set: SelectionSetNode) -> DeferredSelection:
        selections = tuple(self._selections(selection_set, _Place(part.parent), part))
        part.selection_set = SelectionSetNode(selections=selections)
        return part

    def _selections(self, selection_set: SelectionSetNode, place: _Place, part: DeferredSelection) -> Iterator[SelectionNode]:
        """Yield what belongs to `part`; what is deferred becomes a part of its own."""
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                yield self._field(selection, place, part)
                continue
            fragment = self._inline(selection)
            inside = self._narrowed(place, fragment, _conditions(selection.directives))
            if inside is None:
                continue
            defer = next((node for node in selection.directives or () if node.name.value == "defer"), None)
            if defer is None or _constant(defer) is False:
                inner = tuple(self._selections(fragment.selection_set, inside, part))
                if inner:
                    yield _wrapped(fragment, selection.directives, inner)
                continue
            label, variable = _arguments(defer)
            deferred = DeferredSelection(place.parent, label, inside.path, inside.on, variable, inside.guards)
            inner = tuple(self._selections(fragment.selection_set, inside, deferred))
            inner = tuple(node for node in inner if not _is_told(node, selection_set))
            if inner:
                deferred.selection_set = SelectionSetNode(selections=(_wrapped(fragment, selection.directives, inner),))
            if inner or deferred.deferred:
                part.deferred.append(deferred)

    def _narrowed(
        self,
        place: _Place,
        fragment: InlineFragmentNode | FragmentDefinitionNode,
        conditions: tuple[DirectiveNode, ...],
    ) -> _Place | None:
        """Return the place inside of a fragment."""
        guards = (*place.guards, *conditions)
        if fragment.type_condition is None:
            return replace(place, guards=guards)
        type_ = self._schema.type_map[fragment.type_condition.name.value]
        if not is_composite_type(type_):
            return None
        on = place.on
        if is_abstract_type(place.parent):
            possible = self._schema.get_possible_types(type_) if is_abstract_type(type_) else (type_,)
            names = frozenset(possible_type.name for possible_type in possible)
            on = names if on is None else names & on
        return _Place(type_, place.path, on, guards)

    def _field(self, node: FieldNode, place: _Place, part: DeferredSelection) -> FieldNode:
        definition = self._schema.get_field(place.parent, node.name.value)
        named = get_named_type(definition.type) if definition is not None else None
        if node.selection_set is None or not is_composite_type(named) or node.name.value.startswith("__"):
            # Introspection has its answer at once.
            return node
        path = (*place.path, PathStep((node.alias or node.name).value, place.on))
        below = _Place(named, path, None, (*place.guards, *_conditions(node.directives)))
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=node.directives,
            selection_set=SelectionSetNode(selections=tuple(self._selections(node.selection_set, below, part))),
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


def _conditions(directives: _Directives) -> tuple[DirectiveNode, ...]:
    return tuple(node for node in directives or () if node.name.value in {"skip", "include"})


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
