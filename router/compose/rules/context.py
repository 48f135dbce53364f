"""CONTEXT_NAME_INVALID, CONTEXT_NOT_SET, CONTEXT_INVALID_SELECTION, CONTEXT_NO_RESOLVABLE_KEY, NO_CONTEXT_IN_SELECTION."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from router.compose.definitions import TypeDefinition, TypeKind
from router.compose.errors import CompositionError
from router.compose.rules.from_context import ContextualArgument, contextual_arguments, setters
from router.compose.subgraph import Subgraph, locations
from router.compose.values import print_value

__all__ = ["context"]

# Underscores separate the subgraph's name from the context's in the supergraph.
_NAME = re.compile(r"[A-Za-z][0-9A-Za-z]*")


def context(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse contexts with bad names, and arguments that cannot be filled from a context."""
    for type_ in subgraph.types.values():
        for use in type_.uses_of("context"):
            name = use.arguments.get("name")
            if type(name) is not str or not _NAME.fullmatch(name):
                message = (
                    f"[{subgraph.name}] @context on {type_.name}: {print_value(name)} is no name for a context; "
                    "use a letter followed by letters and digits."
                )
                yield CompositionError("CONTEXT_NAME_INVALID", message, locations(subgraph, use.node))
    for found in contextual_arguments(subgraph):
        for code, complaint in _complaints(subgraph, found):
            message = f"[{subgraph.name}] @fromContext on {found.argument.coordinate}: {complaint}."
            yield CompositionError(code, message, locations(subgraph, found.use.node))


def _complaints(subgraph: Subgraph, found: ContextualArgument) -> Iterator[tuple[str, str]]:
    if found.type.kind is TypeKind.INTERFACE:
        yield "CONTEXT_INVALID_SELECTION", "fields of interfaces cannot take arguments from a context; use the implementing types"
        return
    if found.argument.default is not None:
        yield "CONTEXT_NOT_SET", "an argument filled from a context cannot have a default; remove it"
    if not any(key.resolvable for key in found.type.keys):
        complaint = f"{found.type.name} has no resolvable key, by which the field could be asked for; add a @key"
        yield "CONTEXT_NO_RESOLVABLE_KEY", complaint
    if found.context is None:
        yield "NO_CONTEXT_IN_SELECTION", 'the text names no context; write "$context { field }"'
        return
    types = setters(subgraph, found.context)
    if not types:
        yield "CONTEXT_NOT_SET", f'no type sets the context {found.context}; add @context(name: "{found.context}") to one above'
        return
    selection = found.selection
    if selection is None:
        complaint = f'what follows ${found.context} does not parse; write "${found.context} {{ field }}"'
        yield "CONTEXT_INVALID_SELECTION", complaint
        return
    for type_ in types:
        for name in subgraph.possible_types(type_.name) or (type_.name,):
            complaint_text = _selection_complaint(subgraph, found, subgraph.types[name], type_, selection)
            if complaint_text is not None:
                yield "CONTEXT_INVALID_SELECTION", complaint_text
                return


def _selection_complaint(
    subgraph: Subgraph, found: ContextualArgument, type_: TypeDefinition, setter: TypeDefinition, selection: SelectionSetNode
) -> str | None:
    """Return why the selection gives no value for the argument where an object of the type sets the context."""
    try:
        selected = _single_field(subgraph, type_, selection)
    except _Invalid as error:
        return str(error)
    if selected is None:
        return f"the selection has nothing for {type_.name}, which sets the context as {setter.name}; add `... on {type_.name}`"
    if not _fits(selected, found.argument.type):
        return f"it selects a value of type {selected} on {type_.name}, but the argument is of type {found.argument.type}"
    return None


class _Invalid(Exception):
    """The selection is none on this type; the message says why."""


def _single_field(subgraph: Subgraph, type_: TypeDefinition, selection_set: SelectionSetNode) -> str | None:
    """Return the type of the one leaf that the selection reaches on an object of the type; None when it has no part for it."""
    found: list[str] = []
    for selection in selection_set.selections:
        if isinstance(selection, FragmentSpreadNode):
            raise _Invalid(f"the named fragment {selection.name.value} cannot be used here")
        if selection.directives:
            raise _Invalid("directives cannot be applied here")
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else type_.name
            if condition != type_.name and type_.name not in subgraph.possible_types(condition):
                continue
            inner = _single_field(subgraph, type_, selection.selection_set)
            if inner is not None:
                found.append(inner)
        elif isinstance(selection, FieldNode):
            found.append(_field_type(subgraph, type_, selection))
    if len(found) > 1:
        raise _Invalid(f"it selects several fields of {type_.name}; an argument takes one")
    return found[0] if found else None


def _field_type(subgraph: Subgraph, type_: TypeDefinition, node: FieldNode) -> str:
    if node.alias is not None:
        raise _Invalid(f"the alias {node.alias.value} cannot be used here")
    field = type_.fields.get(node.name.value)
    if field is None:
        raise _Invalid(f"{type_.name}, which sets the context, has no field {node.name.value}")
    below = subgraph.types.get(field.type_name)
    if below is None or not below.is_composite:
        if node.selection_set is not None:
            raise _Invalid(f"{field.coordinate} is of type {field.type}, which has no fields to select")
        return field.type
    if below.is_interface_object:
        raise _Invalid(f"{field.coordinate} is of the interface object {below.name}, of which nothing can be selected here")
    if node.selection_set is None:
        raise _Invalid(f"{field.coordinate} is of type {field.type}; select a field of it")
    inner = _single_field(subgraph, below, node.selection_set)
    if inner is None:
        raise _Invalid(f"it selects nothing of {field.coordinate}")
    if not field.type.endswith("!"):
        inner = inner.removesuffix("!")
    return f"[{inner}]" if field.type.startswith("[") else inner


def _fits(given: str, wanted: str) -> bool:
    """Whether every value of the selected type is one of the argument's."""
    if wanted.endswith("!"):
        return given.endswith("!") and _fits(given[:-1], wanted[:-1])
    given = given.removesuffix("!")
    if given.startswith("[") and wanted.startswith("["):
        return _fits(given[1:-1], wanted[1:-1])
    return given == wanted
