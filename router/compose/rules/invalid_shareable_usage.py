"""INVALID_SHAREABLE_USAGE: @shareable where nothing is resolved, or twice."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import TypeKind
from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["invalid_shareable_usage"]


def invalid_shareable_usage(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse @shareable on fields of interfaces, and more than once on one field."""
    for type_ in subgraph.types.values():
        for field in type_.fields.values():
            uses = field.uses_of("shareable")
            if uses and type_.kind is TypeKind.INTERFACE:
                complaint = "is a field of an interface; mark the field in the types that implement it"
            elif len(uses) > 1:
                complaint = "is marked @shareable more than once; once is enough"
            else:
                continue
            message = f"[{subgraph.name}] {field.coordinate} {complaint}."
            yield CompositionError("INVALID_SHAREABLE_USAGE", message, locations(subgraph, *(use.node for use in uses)))
