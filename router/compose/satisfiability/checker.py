"""Whether the subgraphs can answer every query that the API schema allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphql import GraphQLObjectType

from router.compose.errors import CompositionError, CompositionHint
from router.compose.satisfiability.budget import MAX_STEPS, Budget, BudgetExceededError
from router.compose.satisfiability.conditions import NO_CONTEXTS
from router.compose.satisfiability.contexts import ContextTable
from router.compose.satisfiability.exploration import Exploration
from router.compose.satisfiability.mutations import check_mutations
from router.compose.satisfiability.positions import Path, Position, strongest
from router.compose.satisfiability.reachability import Reachability
from router.compose.satisfiability.shared_fields import SharedFields
from router.compose.satisfiability.visits import Visits
from router.supergraph.model import Supergraph
from router.supergraph.query_graph import QueryGraph

__all__ = ["SatisfiabilityReport", "check_satisfiability", "satisfiability_report"]


@dataclass(frozen=True, slots=True)
class SatisfiabilityReport:
    """Why some queries cannot be answered, and where subgraphs may break the contract of a shared field."""

    errors: Sequence[CompositionError] = ()
    hints: Sequence[CompositionHint] = ()


def check_satisfiability(supergraph: Supergraph) -> Sequence[CompositionError]:
    """Return an error for each way in which the subgraphs cannot answer a query; nothing when they answer all."""
    return satisfiability_report(supergraph).errors


def satisfiability_report(
    supergraph: Supergraph, graph: QueryGraph | None = None, *, max_steps: int = MAX_STEPS
) -> SatisfiabilityReport:
    """Return the errors and hints; shortest examples first, each field once for the same reasons.

    Codes: SATISFIABILITY_ERROR, SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES, and MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED when it
    takes more than `max_steps` to decide; the only hint is INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN.
    """
    check = _Check(graph or QueryGraph(supergraph), Budget(max_steps))
    errors: list[CompositionError] = []
    try:
        errors.extend(check.errors())
    except BudgetExceededError as error:
        message = f"The supergraph is too entangled to decide whether all queries can be satisfied: {error}"
        errors.append(CompositionError("MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED", message))
    return SatisfiabilityReport(tuple(dict.fromkeys((*errors, *check.shared.errors))), check.shared.hints)


class _Check:
    def __init__(self, graph: QueryGraph, budget: Budget) -> None:
        self._graph, self._budget = graph, budget
        self._reach = Reachability(graph, budget)
        self.shared = SharedFields(self._reach)
        self._contexts = ContextTable(graph.supergraph)
        self._proven = Visits()

    def errors(self) -> Iterator[CompositionError]:
        schema = self._graph.supergraph.schema
        for operation, root in (("query", schema.query_type), ("subscription", schema.subscription_type)):
            if root is not None:
                yield from self._root_errors(operation, root)
        if schema.mutation_type is not None:
            yield from check_mutations(schema.mutation_type, self._reach, self._explore, self._proven)

    def _root_errors(self, operation: str, root: GraphQLObjectType) -> Iterator[CompositionError]:
        closures = strongest(self._reach.closure(root.name, node) for node in self._graph.roots(root.name))
        walk = self._explore()
        walk.start(Position(root.name, closures, NO_CONTEXTS, frozenset(), Path(operation)))
        self._proven.extend(walk.sound())
        yield from walk.errors

    def _explore(self) -> Exploration:
        return Exploration(self._reach, self._contexts, self.shared, self._budget, self._proven)
