"""Where an argument that comes from an object above is read (Federation specification, `@context` and `@fromContext`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import GraphQLError, OperationDefinitionNode, parse

from router.plan.nodes import PathStep, PlanPath
from router.plan.position import Position
from router.plan.scope import Scope
from router.plan.selection import Field, Selection, from_ast
from router.plan.views import Views
from router.supergraph.model import ContextArgument

__all__ = ["ContextSource", "context_source"]

# A step from an object to the one that holds it.
_UP = PathStep("..")


@dataclass(frozen=True)
class ContextSource:
    """The nearest object that sets the context: `fields` of it hold the value, at `path` as seen from the field's object."""

    position: Position
    fields: tuple[Field, ...]
    path: PlanPath


def context_source(argument: ContextArgument, position: Position, views: Views) -> ContextSource:
    """Return where the argument of a field of the objects at `position` comes from.

    Raises:
        GraphQLError: no object above sets the context (a composed supergraph has no such path).
    """
    selection = _parsed(argument.selection)
    path: PlanPath = (_UP,)
    above = position.above
    while above is not None:
        if views.sets_context(above.type_name, argument.context):
            fields = tuple(_applying(selection, above.type_name, views))
            if fields:
                return ContextSource(above, fields, (*path, *_value(fields[0], above.scope, views)))
        above, path = above.above, (*path, _UP)
    raise GraphQLError(f"No object above {position.type_name} sets the context of its argument {argument.name!r}.")


def _value(field: Field, scope: Scope, views: Views) -> Iterator[PathStep]:
    """Yield the steps to the value: a context selects one field at each level."""
    name = scope.name(field)
    yield PathStep(name)
    if field.selection is not None:
        (below,) = (item for item in field.selection.items if isinstance(item, Field))
        yield from _value(below, scope.child(name), views)


def _applying(selection: Selection, type_name: str, views: Views) -> Iterator[Field]:
    for item in selection.items:
        if isinstance(item, Field):
            yield item
        elif type_name in views.possible(item.type_name) | {item.type_name}:
            yield from _applying(item.selection, type_name, views)


def _parsed(text: str) -> Selection:
    """Return the selection of a `join__FieldValue`: a selection set, or fragments for the types that set the context."""
    source = text if text.lstrip().startswith("{") else "{" + text + "}"
    definition = parse(source, no_location=True).definitions[0]
    if not isinstance(definition, OperationDefinitionNode):
        raise GraphQLError(f"{text!r} selects no value.")
    return from_ast(definition.selection_set, {})
