"""Executes hand-written plans against subgraphs in memory."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import build_schema, parse

from router.execute.executor import ExecutionResult, Executor, PreparedOperation, RequestContext
from router.execute.transport import SubgraphRequest, SubgraphResponse
from router.plan.nodes import Fetch, Flatten, InlineFragment, PathStep, PlanNode, QueryPlan, RequiredField
from router.supergraph.model import Subgraph, Supergraph

__all__ = ["MemoryTransport", "entities", "execute", "executor", "fetch", "path", "prepared", "requires"]

Answer = Callable[[dict[str, Any]], Any]


@dataclass
class MemoryTransport:
    """Answers with what a function per subgraph returns for the request: JSON, bytes, a response, or an exception."""

    answers: Mapping[str, Any]
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    requests: list[SubgraphRequest] = field(default_factory=list)

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        await asyncio.sleep(0)
        body = orjson.loads(request.body)
        self.sent.append((request.subgraph, body))
        self.requests.append(request)
        answer = self.answers[request.subgraph]
        if callable(answer):
            answer = answer(body)
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, SubgraphResponse):
            return answer
        return SubgraphResponse(200, answer if isinstance(answer, bytes) else orjson.dumps(answer))


def path(*steps: str | PathStep) -> tuple[PathStep, ...]:
    """A plan path: `users.@` is a step into a list."""
    return tuple(step if isinstance(step, PathStep) else PathStep(step.removesuffix(".@")) for step in steps)


def fetch(subgraph: str, operation: str, **more: Any) -> Fetch:
    """A fetch of root fields; its kind is read off the operation."""
    kind = next((kind for kind in ("mutation", "subscription") if operation.startswith(kind)), "query")
    return Fetch(more.pop("id", 1), subgraph, operation, kind, **more)  # type: ignore[arg-type]


def requires(type_name: str, *names: str | RequiredField) -> InlineFragment:
    """What a representation of a type has besides `__typename`."""
    fields = tuple(name if isinstance(name, RequiredField) else RequiredField(name, name) for name in names)
    return InlineFragment(frozenset({type_name}), (RequiredField("__typename", "__typename"), *fields), type_name)


def entities(subgraph: str, at: tuple[PathStep, ...], required: InlineFragment, selection: str, **more: Any) -> Flatten:
    """A fetch of fields of the entities at a path."""
    operation = "query($representations:[_Any!]!){_entities(representations:$representations){" + selection + "}}"
    return Flatten(at, fetch(subgraph, operation, requires=(required,), **more))


def prepared(sdl: str, query: str, root: PlanNode | None, operation_name: str | None = None) -> PreparedOperation:
    """An operation of the API schema `sdl`, with its plan."""
    document = parse(query, no_location=True)
    return PreparedOperation(build_schema(sdl), document, operation_name, QueryPlan("query", root))


def executor(transport: MemoryTransport) -> Executor:
    """An executor that reaches subgraphs in memory."""
    schema = build_schema("type Query { unused: Int }")
    subgraphs = {name: Subgraph(name, f"http://{name}.test/graphql", name.upper()) for name in transport.answers}
    return Executor(Supergraph("", subgraphs, schema, schema, parse("type Query { unused: Int }")), transport)


async def execute(
    sdl: str,
    query: str,
    root: PlanNode | None,
    answers: Mapping[str, Any],
    variables: Mapping[str, Any] | None = None,
) -> tuple[ExecutionResult, MemoryTransport]:
    """Execute an operation by a plan; return the answer and what the subgraphs were sent."""
    transport = MemoryTransport(answers)
    result = await executor(transport).execute(prepared(sdl, query, root), variables or {}, RequestContext())
    return result, transport
