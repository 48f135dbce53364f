"""Makes a failing operation as small as it can be: removes and unfolds selections as long as it still fails."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NameNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    validate,
)

__all__ = ["shrink"]

MAX_ATTEMPTS = 4_000


async def shrink(schema: GraphQLSchema, document: DocumentNode, fails: Callable[[DocumentNode], Awaitable[bool]]) -> DocumentNode:
    """Return the smallest document found that is valid and still fails."""
    attempts = 0
    smaller = True
    while smaller:
        smaller = False
        for candidate in _reductions(document):
            attempts += 1
            if attempts > MAX_ATTEMPTS:
                return document
            candidate = _without_unused(candidate)
            if not validate(schema, candidate) and await fails(candidate):
                document, smaller = candidate, True
                break
    return document


def _reductions(document: DocumentNode) -> Iterator[DocumentNode]:
    """Yield the document with one thing less; big things first."""
    total = len(list(_selection_sets(document)))
    for at in range(total):
        original = list(_selection_sets(document))[at]
        for index in range(len(original.selections)):
            if len(original.selections) > 1:
                yield _edited(document, at, index, _removed)
            for change in (_unfolded, _emptied, _without_directives, _without_arguments, _without_alias):
                if _applies(change, original.selections[index]):
                    yield _edited(document, at, index, change)


def _edited(document: DocumentNode, at: int, index: int, change: Callable[[Any, DocumentNode], list[Any]]) -> DocumentNode:
    """Return the document with one selection changed: selection sets are counted as `_selection_sets` yields them."""
    numbers = itertools.count()

    def visited(selection_set: SelectionSetNode) -> SelectionSetNode:
        here = next(numbers) == at
        selections: list[Any] = [
            replace(node, selection_set=visited(node.selection_set))
            if isinstance(node, (FieldNode, InlineFragmentNode)) and node.selection_set is not None
            else node
            for node in selection_set.selections
        ]
        if here:
            selections[index : index + 1] = change(selections[index], document)
        return replace(selection_set, selections=tuple(selections))

    definitions = tuple(
        replace(one, selection_set=visited(one.selection_set))
        if isinstance(one, (OperationDefinitionNode, FragmentDefinitionNode))
        else one
        for one in document.definitions
    )
    return replace(document, definitions=definitions)


def _removed(node: Any, document: DocumentNode) -> list[Any]:
    return []


def _unfolded(node: Any, document: DocumentNode) -> list[Any]:
    """Put the selections of a fragment in its place; a spread becomes an inline fragment."""
    if isinstance(node, InlineFragmentNode):
        return list(node.selection_set.selections)
    fragment = next(
        found
        for found in document.definitions
        if isinstance(found, FragmentDefinitionNode) and found.name.value == node.name.value
    )
    condition, below = fragment.type_condition, fragment.selection_set
    return [InlineFragmentNode(type_condition=condition, directives=node.directives, selection_set=below)]


def _emptied(node: Any, document: DocumentNode) -> list[Any]:
    typename = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
    return [replace(node, selection_set=SelectionSetNode(selections=(typename,)))]


def _without_directives(node: Any, document: DocumentNode) -> list[Any]:
    return [replace(node, directives=node.directives[:-1])]


def _without_arguments(node: Any, document: DocumentNode) -> list[Any]:
    return [replace(node, arguments=node.arguments[:-1])]


def _without_alias(node: Any, document: DocumentNode) -> list[Any]:
    return [replace(node, alias=None)]


def _applies(change: Callable[..., Any], node: Any) -> bool:
    if change is _unfolded:
        return not isinstance(node, FieldNode)
    if change is _emptied:
        below = getattr(node, "selection_set", None)
        return isinstance(node, FieldNode) and below is not None and len(below.selections) > 1
    attribute = {_without_directives: "directives", _without_arguments: "arguments", _without_alias: "alias"}[change]
    return bool(getattr(node, attribute, None))


def _selection_sets(document: DocumentNode) -> Iterator[SelectionSetNode]:
    for definition in document.definitions:
        below = getattr(definition, "selection_set", None)
        if below is not None:
            yield from _nested(below)


def _nested(selection_set: SelectionSetNode) -> Iterator[SelectionSetNode]:
    yield selection_set
    for node in selection_set.selections:
        below = getattr(node, "selection_set", None)
        if below is not None:
            yield from _nested(below)


def _without_unused(document: DocumentNode) -> DocumentNode:
    """Leave out fragments and variables that nothing uses any more."""
    definitions = list(document.definitions)
    while True:
        spread = {node.name.value for node in _nodes(definitions) if isinstance(node, FragmentSpreadNode)}
        kept = [one for one in definitions if not isinstance(one, FragmentDefinitionNode) or one.name.value in spread]
        if len(kept) == len(definitions):
            break
        definitions = kept
    parts = [one.selection_set for one in definitions if hasattr(one, "selection_set")]
    used = {node.name.value for node in _nodes(parts) if isinstance(node, VariableNode)}
    return DocumentNode(definitions=tuple(_with_variables(one, used) for one in definitions))


def _with_variables(definition: Any, used: set[str]) -> Any:
    if not isinstance(definition, OperationDefinitionNode):
        return definition
    kept = tuple(one for one in definition.variable_definitions or () if one.variable.name.value in used)
    return replace(definition, variable_definitions=kept)


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from _nodes(one)
    elif isinstance(value, Node):
        yield value
        for key in value.keys:
            if key != "loc":
                yield from _nodes(getattr(value, key, None))
