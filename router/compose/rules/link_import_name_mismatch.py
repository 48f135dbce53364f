"""LINK_IMPORT_NAME_MISMATCH: a directive that the supergraph keeps goes by different names in the subgraphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.compose.errors import CompositionError
from router.compose.links import FEDERATION
from router.compose.subgraph import Subgraph, locations

__all__ = ["link_import_name_mismatch"]

# What a supergraph keeps of federation's directives, under one name for all.
_KEPT = ("tag", "inaccessible", "authenticated", "requiresScopes", "policy", "cost", "listSize", "cacheTag")


def link_import_name_mismatch(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse kept directives that are imported under more than one name."""
    for canonical in _KEPT:
        names: dict[str, list[Subgraph]] = {}
        for subgraph in subgraphs:
            local = _imported_as(subgraph, canonical)
            if local is not None:
                names.setdefault(local, []).append(subgraph)
        if len(names) > 1:
            which = ", ".join(f"@{local} in {_list(found)}" for local, found in names.items())
            message = f"@{canonical} is imported under different names: {which}; import it under one name everywhere."
            places = tuple(
                place
                for found in names.values()
                for subgraph in found
                for link in subgraph.links.all
                if f"@{canonical}" in link.imports
                for place in locations(subgraph, link.node)
            )
            yield CompositionError("LINK_IMPORT_NAME_MISMATCH", message, places)


def _imported_as(subgraph: Subgraph, canonical: str) -> str | None:
    for link in subgraph.links.all:
        local = link.imports.get(f"@{canonical}")
        if local is not None and subgraph.links.directive(local.removeprefix("@")) == (FEDERATION, canonical):
            return local.removeprefix("@")
    return None


def _list(subgraphs: Sequence[Subgraph]) -> str:
    return " and ".join(subgraph.name for subgraph in subgraphs)
