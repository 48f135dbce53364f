"""MISSING_TRANSITIVE_AUTH_REQUIREMENTS: a field is computed from data that its own demands do not protect."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from router.compose.definitions import Field, TypeDefinition, Use
from router.compose.errors import CompositionError
from router.compose.field_set import try_parse_field_set
from router.compose.merge.access import ACCESS_ARGUMENTS, groups, merge_access
from router.compose.merge.schema import MergedSchema
from router.compose.rules.from_context import contextual_arguments, setters
from router.compose.subgraph import Subgraph, locations

__all__ = ["missing_transitive_auth_requirements"]

_CODE = "MISSING_TRANSITIVE_AUTH_REQUIREMENTS"


def missing_transitive_auth_requirements(schema: MergedSchema) -> Iterator[CompositionError]:
    """Refuse fields that demand less than what they require, or take from a context.

    The router fetches requirements for whoever may read the field, so that the field would leak them.
    """
    for subgraph in schema.subgraphs:
        for type_, field, use, parent, selection_set in _dependencies(subgraph):
            merged_type = schema.types.get(type_.name)
            merged_field = merged_type.fields.get(field.name) if merged_type is not None else None
            if merged_type is None or merged_field is None:
                continue
            given = merge_access((*merged_type.uses, *merged_field.uses))
            for coordinate, demands in _demands(schema, parent, selection_set):
                lacking = [demand for demand in merge_access(demands) if not _covers(given, demand)]
                if lacking:
                    names = " and ".join(f"@{demand.name}" for demand in lacking)
                    message = (
                        f"[{subgraph.name}] {field.coordinate} is computed from {coordinate} by @{use.name}, but does not demand "
                        f"what that does ({names}); add the same demands to {field.coordinate} or {type_.name}."
                    )
                    yield CompositionError(_CODE, message, locations(subgraph, use.node))
                    break


def _dependencies(subgraph: Subgraph) -> Iterator[tuple[TypeDefinition, Field, Use, str, SelectionSetNode]]:
    """Yield the fields that depend on others, and what they select on which type."""
    for type_ in subgraph.types.values():
        for field in type_.fields.values():
            for use in field.uses_of("requires"):
                selection_set = try_parse_field_set(str(use.arguments.get("fields")))
                if selection_set is not None:
                    yield type_, field, use, type_.name, selection_set
    for found in contextual_arguments(subgraph):
        selection = found.selection
        for setter in setters(subgraph, found.context or "") if selection is not None else ():
            yield found.type, found.field, found.use, setter.name, selection  # type: ignore[misc]  # it is not None here


def _demands(schema: MergedSchema, parent: str, selection_set: SelectionSetNode) -> Iterator[tuple[str, tuple[Use, ...]]]:
    """Yield each selected element with the directives on it; a field has those of its type too."""
    type_ = schema.types.get(parent)
    for selection in selection_set.selections:
        if isinstance(selection, InlineFragmentNode):
            target = selection.type_condition.name.value if selection.type_condition else parent
            if target != parent and target in schema.types:
                yield target, schema.types[target].uses
            yield from _demands(schema, target, selection.selection_set)
        elif isinstance(selection, FieldNode) and type_ is not None:
            field = type_.fields.get(selection.name.value)
            if field is not None:
                returned = schema.types.get(field.type_name)
                yield field.coordinate, (*field.uses, *(returned.uses if returned is not None else ()))
                if selection.selection_set is not None:
                    yield from _demands(schema, field.type_name, selection.selection_set)


def _covers(given: list[Use], demand: Use) -> bool:
    """Whether everybody who meets what is given meets the demand."""
    same = [use for use in given if use.name == demand.name]
    if not same:
        return False
    argument = ACCESS_ARGUMENTS[demand.name]
    if argument is None:
        return True
    wanted = [set(group) for group in groups(demand.arguments.get(argument))]
    return all(any(group <= set(own) for group in wanted) for own in groups(same[0].arguments.get(argument)))
