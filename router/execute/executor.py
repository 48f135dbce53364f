"""Runs prepared operations: variables → fetches by plan → response tree → the client's answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import DocumentNode

from router.execute.answers import read_payload
from router.execute.errors import ErrorList
from router.execute.failures import SubgraphFailure
from router.execute.fetch_sharing import FetchSharing
from router.execute.incremental import Payload, answer_in_parts
from router.execute.prepared import PreparedOperation
from router.execute.state import ExecutionState, RequestContext, SubgraphAccess
from router.execute.transport import SubgraphTransport
from router.execute.variables import VariablesInvalid
from router.plan.planner import plan
from router.supergraph.model import Supergraph

__all__ = ["ExecutionResult", "Executor", "PreparedOperation", "RequestContext", "prepare"]


def prepare(
    supergraph: Supergraph, document: DocumentNode, operation_name: str | None, override_labels: frozenset[str] = frozenset()
) -> PreparedOperation:
    """Plan and compile an operation of a valid document, with these labels of progressive overrides on.

    Raises:
        GraphQLError: the operation cannot be planned.
    """
    planned = plan(supergraph, document, operation_name, override_labels=override_labels)
    return PreparedOperation(supergraph.schema, document, operation_name, planned, supergraph.subgraphs)


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """The answer to an operation (GraphQL section 7.1)."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]] | None = None
    extensions: dict[str, Any] | None = None
    # False for a request error, whose answer has no `data`.
    executed: bool = True
    # Something is missing because the request's own time was over: the answer is of use to no other request.
    cut_short: bool = False

    def to_bytes(self) -> bytes:
        """Return the answer as JSON."""
        return orjson.dumps(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as a response has it: without what is not there."""
        answer: dict[str, Any] = {}
        if self.executed:
            answer["data"] = self.data
        if self.errors:
            answer["errors"] = self.errors
        if self.extensions:
            answer["extensions"] = self.extensions
        return answer


class Executor:
    """Executes operations that were prepared for its supergraph."""

    def __init__(self, supergraph: Supergraph, transport: SubgraphTransport, *, share_fetches: bool = True) -> None:
        """`share_fetches`: executions that ask the same of a subgraph, for the same caller, at the same time share the answer."""
        urls = {name: subgraph.url for name, subgraph in supergraph.subgraphs.items()}
        self._access = SubgraphAccess(transport, urls, FetchSharing(transport) if share_fetches else None)

    async def execute(
        self, prepared: PreparedOperation, variables: Mapping[str, Any] | None, request: RequestContext
    ) -> ExecutionResult:
        """Answer a query or a mutation; failures of subgraphs are errors of the answer."""
        try:
            state = self._state(prepared, variables or {}, request)
        except VariablesInvalid as invalid:
            return ExecutionResult(None, invalid.errors, executed=False)
        return await self._complete(prepared, state)

    async def execute_in_parts(
        self, prepared: PreparedOperation, variables: Mapping[str, Any] | None, request: RequestContext
    ) -> AsyncGenerator[Payload, None]:
        """Yield the payloads of an operation with `@defer`; the first is the whole answer when it has no `hasNext`."""
        try:
            state = self._state(prepared, variables or {}, request)
        except VariablesInvalid as invalid:
            yield {"errors": invalid.errors}
            return
        deferral = prepared.deferral
        if deferral is None or not deferral.applies(state.coerced):
            result = await self._complete(prepared, state)
            yield result.to_dict()
            return
        introspection = await prepared.introspection.answer(state.variables)
        if introspection is not None:
            state.tree.update(introspection.data)
            state.errors.errors.extend(introspection.errors)
        async with aclosing(answer_in_parts(deferral, state)) as payloads:
            async for payload in payloads:
                yield payload

    async def execute_event(
        self,
        prepared: PreparedOperation,
        payload: Mapping[str, Any],
        variables: Mapping[str, Any] | None,
        request: RequestContext,
    ) -> ExecutionResult:
        """Answer one event of a subscription: the subgraph's payload, completed from the other subgraphs.

        The payload becomes the response tree: it is not to be used for anything else.
        """
        if prepared.event_source is None:
            raise ValueError("The operation is not a subscription.")
        try:
            state = self._state(prepared, variables or {}, request)
        except VariablesInvalid as invalid:
            return ExecutionResult(None, invalid.errors, executed=False)
        try:
            prepared.event_source.apply(read_payload(payload), state)
        except SubgraphFailure as failure:
            prepared.event_source.fail(failure, state)
        return await self._complete(prepared, state)

    def _state(self, prepared: PreparedOperation, variables: Mapping[str, Any], request: RequestContext) -> ExecutionState:
        coerced = prepared.variables.coerce(variables)
        errors = ErrorList(prepared.projection.client_path)
        return ExecutionState(self._access, request, variables, coerced, errors, prepared.abstract)

    async def _complete(self, prepared: PreparedOperation, state: ExecutionState) -> ExecutionResult:
        if prepared.step is not None:
            await prepared.step.run(state)
        introspection = await prepared.introspection.answer(state.variables)
        if introspection is not None:
            state.tree.update(introspection.data)
            state.errors.errors.extend(introspection.errors)
        data = prepared.projection.project(state.tree, state.coerced, state.errors, shared=state.shared)
        return ExecutionResult(data, state.errors.errors or None, cut_short=state.errors.cut_short)
