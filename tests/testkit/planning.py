"""Plans operations over the supergraphs in `tests/fixtures/supergraphs`, and checks every request against its subgraph."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent

from graphql import GraphQLSchema, OperationDefinitionNode, parse, validate

from router.execute.defer_directive import with_defer
from router.plan.nodes import (
    Condition,
    Fetch,
    Flatten,
    Parallel,
    PlanNode,
    QueryPlan,
    Sequence,
    SubscriptionPlan,
)
from router.plan.planner import plan
from router.plan.printer import print_plan
from router.supergraph.model import Supergraph
from router.supergraph.parser import parse_supergraph
from tests.testkit.subgraph_schema import subgraph_schema

__all__ = ["SUPERGRAPHS", "fetches", "plan_of", "planned", "supergraph", "text"]

SUPERGRAPHS = Path(__file__).parents[1] / "fixtures" / "supergraphs"


@cache
def supergraph(name: str) -> Supergraph:
    """Return the supergraph of a fixture folder."""
    return with_defer(parse_supergraph((SUPERGRAPHS / name / "supergraph.graphql").read_text()))


def plan_of(name: str, operation: str, *, override_labels: frozenset[str] = frozenset()) -> QueryPlan:
    """Return the plan of an operation; the operation is valid, and so is every request of the plan for its subgraph."""
    document = parse(operation, no_location=True)
    assert validate(supergraph(name).schema, document) == []
    found = plan(supergraph(name), document, override_labels=override_labels)
    for fetch in fetches(found.root):
        request = parse(fetch.operation, no_location=True)
        errors = validate(_schema(name, fetch.subgraph), request)
        assert errors == [], f"{fetch.subgraph} refuses {fetch.operation}: {errors[0].message}"
        definition = request.definitions[0]
        assert isinstance(definition, OperationDefinitionNode)
        assert definition.operation.value == fetch.operation_kind
    return found


def planned(name: str, operation: str, *, override_labels: frozenset[str] = frozenset()) -> str:
    """Return the plan of an operation as text, checked as in `plan_of`."""
    return print_plan(plan_of(name, operation, override_labels=override_labels))


def text(indented: str) -> str:
    """Return a plan that is written indented in a test as it is printed."""
    return dedent(indented).strip()


def fetches(node: PlanNode | None) -> Iterator[Fetch]:
    """Yield the requests of a plan, in order."""
    match node:
        case None:
            return
        case Fetch():
            yield node
        case Flatten():
            yield node.node
        case Sequence(nodes=nodes) | Parallel(nodes=nodes):
            for child in nodes:
                yield from fetches(child)
        case Condition():
            yield from fetches(node.if_true)
            yield from fetches(node.if_false)
        case SubscriptionPlan():
            yield node.primary
            yield from fetches(node.rest)


@cache
def _schema(name: str, subgraph: str) -> GraphQLSchema:
    return subgraph_schema((SUPERGRAPHS / name / f"{subgraph}.graphql").read_text())
