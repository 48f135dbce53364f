"""INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE: an entity interface in a subgraph that does not know all of its types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.compose.definitions import TypeKind
from router.compose.errors import CompositionError
from router.compose.subgraph import Subgraph, locations

__all__ = ["interface_key_missing_implementation_type"]


def interface_key_missing_implementation_type(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse resolvable keys of interfaces where other subgraphs have implementations that this one lacks.

    Who resolves the interface by its key has to answer with the type of any implementation (Entity interfaces, Federation 2.3).
    """
    implementations: dict[str, dict[str, None]] = {}
    for subgraph in subgraphs:
        for interface, names in subgraph.implementations.items():
            implementations.setdefault(interface, {}).update(dict.fromkeys(names))
    for subgraph in subgraphs:
        for type_ in subgraph.types.values():
            key = next((key for key in type_.keys if key.resolvable), None)
            if type_.kind is not TypeKind.INTERFACE or key is None:
                continue
            here = subgraph.implementations.get(type_.name, ())
            missing = [name for name in implementations.get(type_.name, {}) if name not in here]
            if missing:
                message = (
                    f'[{subgraph.name}] The interface {type_.name} has the resolvable key @key(fields: "{key.fields}"), but this '
                    f"subgraph lacks {' and '.join(missing)}, which implement it elsewhere; define them here, implementing "
                    f"{type_.name}, or make the key resolvable: false."
                )
                places = locations(subgraph, key.use.node)
                yield CompositionError("INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE", message, places)
