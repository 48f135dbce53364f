"""Field sets, the argument of `@key`, `@requires` and `@provides`, in the form in which they are evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

__all__ = ["FieldSet", "SetField", "SetFragment", "read_field_set"]


@dataclass(frozen=True, slots=True)
class SetField:
    """A field of a set, with what is selected below it; leaves have no selection."""

    name: str
    selection: FieldSet = ()


@dataclass(frozen=True, slots=True)
class SetFragment:
    """A part of a set that holds for some types only."""

    type_name: str
    selection: FieldSet


FieldSet: TypeAlias = tuple[SetField | SetFragment, ...]


def read_field_set(node: SelectionSetNode) -> FieldSet:
    """Return the field set; fragments without a type condition are spread, arguments are left out."""
    return tuple(_items(node))


def _items(node: SelectionSetNode) -> Iterator[SetField | SetFragment]:
    for child in node.selections:
        if isinstance(child, FieldNode):
            yield SetField(child.name.value, read_field_set(child.selection_set) if child.selection_set else ())
        elif isinstance(child, InlineFragmentNode):
            if child.type_condition is None:
                yield from _items(child.selection_set)
            else:
                yield SetFragment(child.type_condition.name.value, read_field_set(child.selection_set))
