"""`@join__type`: which subgraphs have a type, and by which keys they resolve it."""

from __future__ import annotations

from typing import Any

from router.compose.definitions import Key, TypeDefinition, Use
from router.compose.merge.context import Sources
from router.compose.merge.schema import JOIN
from router.compose.subgraph import Subgraph

__all__ = ["join_types"]


def join_types(sources: Sources[TypeDefinition]) -> tuple[Use, ...]:
    """Return one use per subgraph and key, in the subgraphs' order; one without key where there is none."""
    return tuple(_use(subgraph, type_, key) for subgraph, type_ in sources for key in type_.keys or (None,))


def _use(subgraph: Subgraph, type_: TypeDefinition, key: Key | None) -> Use:
    arguments: dict[str, Any] = {"graph": subgraph.graph_enum}
    if key is not None:
        arguments["key"] = key.fields
        if not key.resolvable:
            arguments["resolvable"] = False
    if type_.is_interface_object:
        arguments["isInterfaceObject"] = True
    return Use("type", arguments, JOIN)
