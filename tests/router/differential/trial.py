"""One operation, both ways: through the router over subgraphs, and by the merged schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import DocumentNode, GraphQLError

from router.execute.executor import ExecutionResult, Executor, PreparedOperation, RequestContext
from router.execute.transport import SubgraphTransport
from router.plan.planner import plan
from router.plan.printer import print_plan
from router.supergraph.model import Supergraph
from tests.testkit.federation_fixtures import Fixture
from tests.testkit.federation_merged import MergedSchema
from tests.testkit.federation_subgraphs import WorldTransport
from tests.testkit.federation_world import Faults, World

__all__ = ["Difference", "Trial", "trials"]

CALM = Faults()
GAPS = Faults(nulls=15, missing=25)
FAILURES = Faults(nulls=6, failures=6, missing=10)


@dataclass(frozen=True)
class Difference:
    """What the router answers otherwise than the merged schema, or asks of subgraphs though it must not."""

    kind: str
    expected: Any
    got: Any
    errors: Any = None
    plan: str = ""

    def __str__(self) -> str:
        errors = f"errors   {_shown(self.errors)}\n" if self.errors else ""
        return f"{self.kind}\nexpected {_shown(self.expected)}\ngot      {_shown(self.got)}\n{errors}{self.plan}"


class Trial:
    """A supergraph with one world, answered both ways."""

    def __init__(
        self,
        fixture: Fixture,
        world: World,
        labels: frozenset[str] = frozenset(),
        between: Callable[[WorldTransport], SubgraphTransport] = lambda transport: transport,
    ) -> None:
        """`between` returns the transport that stands between the router and the subgraphs."""
        self.world = world
        self.supergraph: Supergraph = fixture.supergraph
        self._labels = labels
        self._merged = MergedSchema(world, fixture.supergraph.schema)
        self.transport = WorldTransport(world, labels)
        self._executor = Executor(fixture.supergraph, between(self.transport))

    async def run(
        self, document: DocumentNode, variables: Iterable[Mapping[str, Any]], operation_name: str | None = None
    ) -> Difference | None:
        """Return the first difference over the sets of variables. The operation is planned once."""
        try:
            planned = plan(self.supergraph, document, operation_name, override_labels=self._labels)
            prepared = PreparedOperation(self.supergraph.schema, document, operation_name, planned, self.supergraph.subgraphs)
        except Exception as error:
            return Difference(f"planning: {type(error).__name__}", "a plan", str(error))
        for given in variables:
            found = await self._run(document, given, operation_name, prepared)
            if found is not None:
                return replace(found, plan=print_plan(planned))
        return None

    async def _run(
        self, document: DocumentNode, variables: Mapping[str, Any], operation_name: str | None, prepared: PreparedOperation
    ) -> Difference | None:
        expected = self._merged.execute(document, variables, operation_name)
        self.transport.reset()
        try:
            got = await self._answered(prepared, variables)
        except Exception as error:
            return Difference(f"execution: {type(error).__name__}", expected.data, str(error))
        if self.transport.violations:
            return Difference("violation", expected.data, self.transport.violations)
        if _shown(expected.data) != _shown(got.data):
            return Difference("data", expected.data, got.data, errors=got.errors)
        if self._merged.calls != self.transport.calls:
            return Difference("order of mutations", self._merged.calls, self.transport.calls)
        wanted = _nulls(expected.data, [error.path for error in expected.errors or ()])
        found = _nulls(got.data, [error.get("path") for error in got.errors or ()])
        if wanted != found:
            return Difference("errors", sorted(map(repr, wanted)), sorted(map(repr, found)), errors=got.errors)
        return None

    async def _answered(self, prepared: PreparedOperation, variables: Mapping[str, Any]) -> ExecutionResult:
        """Return the router's answer; for a subscription, the answer to one event."""
        source = prepared.subscription_fetch
        if source is None:
            return await self._executor.execute(prepared, variables, RequestContext())
        sent = {**prepared.variables.defaults, **variables}
        body = {"query": source.operation, "variables": {name: sent[name] for name in source.variables if name in sent}}
        event = self.transport.answer(source.subgraph, body)
        return await self._executor.execute_event(prepared, event, variables, RequestContext())


def trials(fixture: Fixture) -> list[Trial]:
    """Return trials of a fixture: without faults, with gaps, with failures; with each side of progressive overrides."""
    labels = {
        field.override_label
        for subgraph in fixture.supergraph.subgraphs.values()
        for type_ in subgraph.types.values()
        for field in type_.fields.values()
        if field.override_label is not None
    }
    sides = [frozenset[str](), frozenset(labels)] if labels else [frozenset[str]()]
    worlds = [
        World(fixture.subgraphs, fixture.supergraph.full_schema, seed, faults)
        for seed, faults in ((1, CALM), (2, GAPS), (3, FAILURES), (4, GAPS))
    ]
    return [Trial(fixture, world, side) for side in sides for world in worlds]


def _nulls(data: Any, paths: Iterable[Any]) -> frozenset[tuple[str | int, ...]]:
    """Return the places of the nulls that errors at these paths explain: how far a null spreads is for the schema to say."""
    found = set()
    for path in paths:
        value = data
        place: tuple[str | int, ...] = ()
        for key in path or ():
            if value is None:
                break
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                break
            place = (*place, key)
        found.add(place)
    return frozenset(found)


def _shown(value: Any) -> str:
    """Return JSON in the order of the answer's fields."""
    return json.dumps(value, ensure_ascii=False, default=_default)


def _default(value: Any) -> Any:
    return value.formatted if isinstance(value, GraphQLError) else repr(value)
