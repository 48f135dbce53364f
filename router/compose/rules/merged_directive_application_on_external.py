"""MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL: a directive on a field that another subgraph resolves is not merged, but lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.compose.errors import CompositionError
from router.compose.links import FEDERATION, GRAPHQL
from router.compose.rules.external_fields import is_external, known_by_key
from router.compose.subgraph import Subgraph, locations

__all__ = ["merged_directive_application_on_external"]

_MERGED = (
    *((name, FEDERATION) for name in ("tag", "inaccessible", "authenticated", "requiresScopes", "policy", "cost", "listSize")),
    ("deprecated", GRAPHQL),
)


def merged_directive_application_on_external(subgraphs: Sequence[Subgraph]) -> Iterator[CompositionError]:
    """Refuse merged directives on @external fields. Where no subgraph resolves the field, EXTERNAL_MISSING_ON_BASE says so."""
    by_key = {subgraph.name: known_by_key(subgraph) for subgraph in subgraphs}
    resolved = {
        field.coordinate
        for subgraph in subgraphs
        for type_ in subgraph.types.values()
        for field in type_.fields.values()
        if not is_external(field, by_key[subgraph.name])
    }
    for subgraph in subgraphs:
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                if field.coordinate not in resolved or not is_external(field, by_key[subgraph.name]):
                    continue
                for name, spec in _MERGED:
                    for use in field.uses_of(name, spec):
                        message = (
                            f"[{subgraph.name}] @{name} has no effect on {field.coordinate}, which is @external; apply it in a "
                            "subgraph that resolves the field."
                        )
                        yield CompositionError("MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL", message, locations(subgraph, use.node))
