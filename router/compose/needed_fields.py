"""What of a Federation 1 field set has an effect: the part that leads to @external fields."""

from __future__ import annotations

from typing import Any

from graphql import FieldNode, InlineFragmentNode, SelectionNode, SelectionSetNode

from router.compose.definitions import TypeKind
from router.compose.field_set import print_field_set, try_parse_field_set
from router.compose.subgraph import Subgraph

__all__ = ["needed_fields"]


def needed_fields(subgraph: Subgraph, parent: str, text: Any) -> str:
    """Return what leads to @external fields in the field set; the whole text when all of it does, or when it is none."""
    selection_set = try_parse_field_set(text) if isinstance(text, str) else None
    if selection_set is None:
        return str(text)
    pruned = _pruned(subgraph, parent, selection_set)
    if pruned is None:
        return ""
    printed = print_field_set(pruned)
    return str(text) if printed == print_field_set(selection_set) else printed


def _pruned(subgraph: Subgraph, parent: str, selection_set: SelectionSetNode) -> SelectionSetNode | None:
    """Return the selections that are @external or have some below them, None when there are none."""
    kept = tuple(
        found for selection in selection_set.selections if (found := _pruned_selection(subgraph, parent, selection)) is not None
    )
    return SelectionSetNode(selections=kept) if kept else None


def _pruned_selection(subgraph: Subgraph, parent: str, selection: SelectionNode) -> SelectionNode | None:
    if isinstance(selection, InlineFragmentNode):
        condition = selection.type_condition.name.value if selection.type_condition else parent
        inner = _pruned(subgraph, condition, selection.selection_set)
        return _with_selections(selection, inner)
    if not isinstance(selection, FieldNode):
        return selection
    type_ = subgraph.types.get(parent)
    field = type_.fields.get(selection.name.value) if type_ else None
    if field is None or field.external:
        return selection if field else None
    if type_ is not None and type_.kind is TypeKind.INTERFACE and _is_external_somewhere(subgraph, type_.name, field.name):
        return selection
    inner = _pruned(subgraph, field.type_name, selection.selection_set) if selection.selection_set else None
    return _with_selections(selection, inner)


def _with_selections(node: FieldNode | InlineFragmentNode, inner: SelectionSetNode | None) -> SelectionNode | None:
    if inner is None:
        return None
    if isinstance(node, InlineFragmentNode):
        return InlineFragmentNode(type_condition=node.type_condition, directives=node.directives, selection_set=inner)
    return FieldNode(alias=node.alias, name=node.name, arguments=node.arguments, directives=node.directives, selection_set=inner)


def _is_external_somewhere(subgraph: Subgraph, interface: str, field_name: str) -> bool:
    """Whether an implementation of the interface has the field @external."""
    return any(
        (field := subgraph.types[name].fields.get(field_name)) is not None and field.external
        for name in subgraph.implementations.get(interface, ())
    )
