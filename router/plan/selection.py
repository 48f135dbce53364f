"""The client's operation as a tree of merged fields: fragments spread, constant conditions decided, duplicates merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    print_ast,
)

__all__ = ["Conditions", "Field", "Fragment", "Item", "Selection", "from_ast", "merged"]

# Variables and the values they must have (`@include(if: $a)` is ("a", True), `@skip(if: $b)` is ("b", False)).
Conditions: TypeAlias = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, eq=False)
class Field:
    """A field with what is selected below it."""

    response_name: str
    name: str
    arguments: tuple[ArgumentNode, ...] = ()
    conditions: Conditions = ()
    selection: Selection | None = None

    @cached_property
    def arguments_text(self) -> str:
        """The arguments as text in order of name; equal text means equal arguments."""
        return ", ".join(sorted(print_ast(argument) for argument in self.arguments))


@dataclass(frozen=True, eq=False)
class Fragment:
    """Items that hold for some types only. Conditions stand on the fields inside."""

    type_name: str
    selection: Selection


Item: TypeAlias = Field | Fragment


@dataclass(frozen=True, eq=False)
class Selection:
    """A selection set without two items of the same meaning."""

    items: tuple[Item, ...]

    @cached_property
    def size(self) -> int:
        """The number of fields, at every depth."""
        return sum((isinstance(item, Field)) + (item.selection.size if item.selection else 0) for item in self.items)


def from_ast(node: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> Selection:
    """Return the selection set with named fragments spread (GraphQL specification section 6.3.2, CollectFields)."""
    return merged(list(_items(node, fragments, ())))


def merged(items: Iterable[Item]) -> Selection:
    """Return the items as a selection, those of one response name (or type) and condition made one, in first order."""
    found: dict[object, list[Item]] = {}
    for item in items:
        key = (
            (item.response_name, item.conditions, item.name, item.arguments_text)
            if isinstance(item, Field)
            else ("... on", item.type_name)
        )
        found.setdefault(key, []).append(item)
    return Selection(tuple(_joined(same) for same in found.values()))


def _joined(same: Sequence[Item]) -> Item:
    first = same[0]
    if len(same) == 1 or first.selection is None:
        return first
    below = [item for one in same if one.selection is not None for item in one.selection.items]
    return replace(first, selection=merged(below))


def _items(node: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], outer: Conditions) -> Iterator[Item]:
    for child in node.selections:
        conditions = _conditions(child.directives, outer)
        if conditions is None:
            continue
        if isinstance(child, FieldNode):
            yield Field(
                response_name=child.alias.value if child.alias else child.name.value,
                name=child.name.value,
                arguments=child.arguments or (),
                conditions=conditions,
                selection=from_ast(child.selection_set, fragments) if child.selection_set else None,
            )
            continue
        spread = fragments[child.name.value] if isinstance(child, FragmentSpreadNode) else child
        assert isinstance(spread, (FragmentDefinitionNode, InlineFragmentNode))  # noqa: S101  the grammar has no other case
        condition, selection_set = spread.type_condition, spread.selection_set
        if condition is None:
            yield from _items(selection_set, fragments, conditions)
        else:
            yield Fragment(condition.name.value, merged(_items(selection_set, fragments, conditions)))


def _conditions(directives: tuple[DirectiveNode, ...] | None, outer: Conditions) -> Conditions | None:
    """Return what must hold for the selection, None when it never does."""
    found = dict(outer)
    for directive in directives or ():
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is None:
            continue
        value = directive.arguments[0].value if directive.arguments else None
        if isinstance(value, BooleanValueNode) and value.value is not wanted:
            return None
        if isinstance(value, VariableNode):
            if found.get(value.name.value, wanted) is not wanted:
                return None
            found[value.name.value] = wanted
    return tuple(sorted(found.items()))
