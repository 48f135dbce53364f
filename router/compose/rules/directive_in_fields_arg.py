"""KEY_DIRECTIVE_IN_FIELDS_ARG, REQUIRES_DIRECTIVE_IN_FIELDS_ARG, PROVIDES_DIRECTIVE_IN_FIELDS_ARG."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DirectiveNode, FieldNode, InlineFragmentNode, SelectionSetNode

from router.compose.errors import CompositionError
from router.compose.rules.field_sets import DIRECTIVES, readable_field_sets
from router.compose.subgraph import Subgraph

__all__ = ["directive_in_fields_arg"]


def directive_in_fields_arg(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse directives applied inside field sets, which select the same in every request."""
    for directive in DIRECTIVES:
        for field_set, selection_set in readable_field_sets(subgraph, directive):
            for use in _directives(selection_set):
                yield field_set.error("DIRECTIVE_IN_FIELDS_ARG", f"directives cannot be applied here; remove @{use.name.value}")


def _directives(selection_set: SelectionSetNode) -> Iterator[DirectiveNode]:
    for selection in selection_set.selections:
        yield from selection.directives or ()
        if isinstance(selection, (FieldNode, InlineFragmentNode)) and selection.selection_set is not None:
            yield from _directives(selection.selection_set)
