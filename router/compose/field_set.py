"""Field sets: the selections in `@key`, `@requires` and `@provides` (Federation specification, `FieldSet`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from graphql import (
    FieldNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    parse,
    print_ast,
)

from router.compose.definitions import Field, TypeDefinition, TypeKind

__all__ = ["implementations", "parse_field_set", "print_field_set", "selected_fields", "try_parse_field_set"]


@lru_cache(maxsize=4096)
def parse_field_set(text: str) -> SelectionSetNode:
    """Return the selection set; its node locations count from a brace put before the text.

    Raises:
        GraphQLSyntaxError: the text is no selection set.
    """
    source = text if text.lstrip().startswith("{") else "{" + text + "}"
    document = parse(source)
    definition = document.definitions[0]
    if (
        len(document.definitions) != 1
        or not isinstance(definition, OperationDefinitionNode)
        or not definition.selection_set.selections
    ):
        raise GraphQLSyntaxError(Source(source), 0, "Expected one selection set")
    return definition.selection_set


def try_parse_field_set(text: str) -> SelectionSetNode | None:
    """Return the selection set, or None when the text is none."""
    try:
        return parse_field_set(text)
    except GraphQLSyntaxError:
        return None


def selected_fields(
    types: Mapping[str, TypeDefinition], parent: str, selection_set: SelectionSetNode
) -> Iterator[tuple[TypeDefinition, Field, FieldNode]]:
    """Yield every field that the selection reaches, parents before children, with the type that it is selected on.

    What the types do not have is passed over, together with all below it; `__typename` is never yielded.
    """
    type_ = types.get(parent)
    if type_ is None:
        return
    for selection in selection_set.selections:
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            yield from selected_fields(types, condition.name.value if condition else parent, selection.selection_set)
        elif isinstance(selection, FieldNode):
            field = type_.fields.get(selection.name.value)
            if field is not None:
                yield type_, field, selection
                if selection.selection_set is not None:
                    yield from selected_fields(types, field.type_name, selection.selection_set)


def implementations(types: Mapping[str, TypeDefinition], interface: str) -> Iterator[TypeDefinition]:
    """Yield the object types that implement the interface."""
    return (type_ for type_ in types.values() if type_.kind is TypeKind.OBJECT and interface in type_.interfaces)


def print_field_set(selection_set: SelectionSetNode) -> str:
    """Return the selection on one line, single-spaced: `id organization { id }`."""
    return " ".join(_selections(selection_set))


def _selections(selection_set: SelectionSetNode) -> Iterator[str]:
    for selection in selection_set.selections:
        if isinstance(selection, FieldNode):
            text = selection.name.value
            if selection.alias is not None:
                text = f"{selection.alias.value}: {text}"
            if selection.arguments:
                text += (
                    "("
                    + ", ".join(f"{argument.name.value}: {print_ast(argument.value)}" for argument in selection.arguments)
                    + ")"
                )
            yield text
            if selection.selection_set is not None:
                yield "{ " + print_field_set(selection.selection_set) + " }"
        elif isinstance(selection, InlineFragmentNode):
            condition = f"... on {selection.type_condition.name.value}" if selection.type_condition else "..."
            yield condition + " { " + print_field_set(selection.selection_set) + " }"
