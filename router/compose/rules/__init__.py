"""The validation rules of composition, one file per error code (federation error catalogue), named after it in lower case.

A rule is a pure function that returns the errors it finds, in a stable order, and nothing when there are none:

    def key_fields_has_args(subgraph: Subgraph) -> Iterable[CompositionError]:
        for type_ in subgraph.types.values():
            for key in type_.keys:
                ...
                yield CompositionError("KEY_FIELDS_HAS_ARGS", f"[{subgraph.name}] ...", locations(subgraph, key.use.node))

Rules see the model of `router.compose.subgraph` and `router.compose.definitions`: extensions folded in, directives by canonical
name whatever the SDL calls them (`type_.uses_of("key")`, `field.has("shareable")`), `field.external` true also below a type with
@external. `subgraph.document` is the SDL as written, for rules about what the model leaves out. A rule must bear input that
other rules refuse: every rule of a stage runs, and the errors of all are reported together.

A stage runs only when the stages before it found nothing:

1. `DOCUMENT_RULES`: each subgraph as written. A subgraph that fails here is not looked at any further, others are.
2. `SUBGRAPH_RULES`: each subgraph by itself, a Federation 1 schema after its upgrade.
3. `SUBGRAPHS_RULES`: all subgraphs together, after the upgrade; merging runs even when these refuse, and its errors are added.
4. `SUPERGRAPH_RULES`: the merge result.
5. Satisfiability.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from router.compose.errors import CompositionError
from router.compose.merge.schema import MergedSchema
from router.compose.rules.definition_invalid import definition_invalid
from router.compose.rules.invalid_graphql import invalid_graphql
from router.compose.rules.invalid_link import invalid_link
from router.compose.subgraph import Subgraph

__all__ = [
    "DOCUMENT_RULES",
    "SUBGRAPHS_RULES",
    "SUBGRAPH_RULES",
    "SUPERGRAPH_RULES",
    "SubgraphRule",
    "SubgraphsRule",
    "SupergraphRule",
]

SubgraphRule: TypeAlias = Callable[[Subgraph], Iterable[CompositionError]]
SubgraphsRule: TypeAlias = Callable[[Sequence[Subgraph]], Iterable[CompositionError]]
SupergraphRule: TypeAlias = Callable[[MergedSchema], Iterable[CompositionError]]

DOCUMENT_RULES: Sequence[SubgraphRule] = (invalid_link, invalid_graphql, definition_invalid)
SUBGRAPH_RULES: Sequence[SubgraphRule] = ()
SUBGRAPHS_RULES: Sequence[SubgraphsRule] = ()
SUPERGRAPH_RULES: Sequence[SupergraphRule] = ()
