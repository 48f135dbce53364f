"""KEY_UNSUPPORTED_ON_INTERFACE, REQUIRES_UNSUPPORTED_ON_INTERFACE, PROVIDES_UNSUPPORTED_ON_INTERFACE."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.definitions import TypeKind
from router.compose.errors import CompositionError
from router.compose.rules.field_sets import DIRECTIVES, field_sets
from router.compose.subgraph import Subgraph

__all__ = ["unsupported_on_interface"]

_KEYS_ON_INTERFACES = (2, 3)


def unsupported_on_interface(subgraph: Subgraph) -> Iterator[CompositionError]:
    """Refuse requirements and provisions on interface fields, and keys on interfaces before Federation 2.3."""
    for directive in DIRECTIVES:
        for field_set in field_sets(subgraph, directive):
            parent = subgraph.types.get(field_set.parent)
            if field_set.type.kind is not TypeKind.INTERFACE or parent is None or not parent.is_composite:
                continue
            if directive != "key":
                complaint = f"{field_set.type.name} is an interface; put @{directive} on the field of each implementing type"
                yield field_set.error("UNSUPPORTED_ON_INTERFACE", complaint)
            elif (2, 0) <= subgraph.federation_version < _KEYS_ON_INTERFACES:
                complaint = "interfaces have keys since Federation 2.3; link v2.3 or later, or remove the key"
                yield field_set.error("UNSUPPORTED_ON_INTERFACE", complaint)
