"""What the text of a subgraph operation says about its answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import FieldNode, InlineFragmentNode, OperationDefinitionNode, parse

from router.execute.response_tree import Path

__all__ = ["entity_fields", "root_response_names", "selects_objects"]


def root_response_names(operation: str) -> Path:
    """Return the response names of the root fields."""
    return tuple(dict.fromkeys((node.alias or node.name).value for node in _root_fields(operation)))


def selects_objects(operation: str) -> bool:
    """Tell whether a field of an `_entities` operation, below `_entities`, has fields of its own."""
    return any(
        below.selection_set is not None
        for entities in _root_fields(operation)
        if entities.selection_set is not None
        for below in _fields(entities.selection_set.selections)
    )


def entity_fields(operation: str) -> list[tuple[str, str]]:
    """Return response name and name of each field of the entities that an `_entities` operation asks for."""
    return [
        ((field.alias or field.name).value, field.name.value)
        for entities in _root_fields(operation)
        if entities.selection_set is not None
        for field in _fields(entities.selection_set.selections)
    ]


def _root_fields(operation: str) -> Iterable[FieldNode]:
    for definition in parse(operation, no_location=True).definitions:
        if isinstance(definition, OperationDefinitionNode):
            yield from _fields(definition.selection_set.selections)


def _fields(selections: Iterable[Any]) -> Iterable[FieldNode]:
    for selection in selections:
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(selection.selection_set.selections)
