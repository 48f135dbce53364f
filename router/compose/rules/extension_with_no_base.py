"""EXTENSION_WITH_NO_BASE: a type that every subgraph extends and none defines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["extension_with_no_base"]

_ROOTS = frozenset({"Query", "Mutation", "Subscription"})


def extension_with_no_base(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse extended types without definition, root types apart."""
    defined = {type_.name for subgraph in subgraphs for type_ in subgraph.types.values() if not type_.is_extension}
    for subgraph in subgraphs:
        for type_ in subgraph.types.values():
            if type_.is_extension and type_.name not in defined | _ROOTS:
                message = (
                    f"[{subgraph.name}] {type_.name} is only extended, and no subgraph defines it; write "
                    f"`{type_.kind.value.replace('object', 'type')} {type_.name}` in one of them."
                )
                yield CompositionError("EXTENSION_WITH_NO_BASE", message, locations(subgraph, type_.node))
