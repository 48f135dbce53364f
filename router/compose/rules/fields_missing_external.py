"""REQUIRES_FIELDS_MISSING_EXTERNAL, PROVIDES_FIELDS_MISSING_EXTERNAL: a field that the subgraph resolves by itself anyway."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import Field, TypeKind
from router.compose.errors import CompositionError
from router.compose.links import FEDERATION
from router.compose.rules.external_fields import is_external, known_by_key
from router.compose.rules.field_sets import Selected, readable_field_sets, selected
from router.compose.subgraph import Subgraph

__all__ = ["fields_missing_external"]


def fields_missing_external(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse requirements and provisions that end in a field which is neither @external nor below an @external field."""
    by_key = known_by_key(subgraph)
    for directive in ("requires", "provides"):
        for field_set, selection_set in readable_field_sets(subgraph, directive):
            for found in selected(field_set, selection_set):
                if found.node.selection_set is not None or _is_external(subgraph, found, by_key):
                    continue
                if _is_written_external(subgraph, found.field):
                    complaint = (
                        f"{found.field.coordinate} is part of the key of an extended type, which this subgraph knows although "
                        f"it is marked @external; leave it out of @{directive}"
                    )
                else:
                    complaint = (
                        f"{found.field.coordinate} is resolved by this subgraph itself; mark it @external, "
                        f"or leave it out of @{directive}"
                    )
                yield field_set.error("FIELDS_MISSING_EXTERNAL", complaint)


def _is_written_external(subgraph: Subgraph, field: Field) -> bool:
    """Whether the SDL marks the field, which means nothing on the key of an extension."""
    uses = getattr(field.node, "directives", None) or ()
    return any(subgraph.links.directive(use.name.value) == (FEDERATION, "external") for use in uses)


def _is_external(subgraph: Subgraph, found: Selected, by_key: frozenset[str]) -> bool:
    if is_external(found.field, by_key):
        return True
    return any(is_external(field, by_key) or _in_implementations(subgraph, field, by_key) for field in found.above)


def _in_implementations(subgraph: Subgraph, field: Field, by_key: frozenset[str]) -> bool:
    """Whether the field of an interface is @external in one of the types that implement it."""
    type_name = field.coordinate.partition(".")[0]
    if subgraph.types[type_name].kind is not TypeKind.INTERFACE:
        return False
    found = (subgraph.types[name].fields.get(field.name) for name in subgraph.implementations.get(type_name, ()))
    return any(is_external(other, by_key) for other in found if other is not None)
