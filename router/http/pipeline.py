"""From a GraphQL request to its answer: document → operation → plan → execution → client's data."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Hashable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import orjson
from graphql import OperationType

from router.auth.scopes import Identity
from router.auth.token import TokenVerifier, bearer_token
from router.errors import (
    MethodNotAllowed,
    Overloaded,
    PlanningFailed,
    RequestTimeout,
    RouterError,
    SubscriptionFailed,
    SubscriptionRefused,
)
from router.execute.executor import ExecutionResult, RequestContext
from router.execute.incremental import Payload
from router.execute.state import caller_key
from router.http.client_address import client_address
from router.http.engine import Engine, Operation, Ready
from router.http.persisted_queries import PersistedQueries
from router.http.query_sharing import QuerySharing
from router.http.rate_limit import RateLimiter
from router.http.request import GraphQLRequest, request_from_object
from router.plan.printer import print_plan
from router.subscriptions.operations import Caller
from router.subscriptions.registry import Subscriber, SubscriptionRegistry
from router.subscriptions.upstream import UpstreamSubscriptions
from router.telemetry.logs import get_logger
from router.telemetry.metrics import Metrics
from router.telemetry.trace import trace_of

__all__ = ["Answer", "Pipeline", "PipelineLimits"]

log = get_logger(__name__)

# Fetches end in time for an answer with what is there; this much later the whole request does.
GRACE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PipelineLimits:
    """Bounds on what runs at once and for how long."""

    max_concurrent_requests: int
    request_timeout_seconds: float
    trusted_proxy_hops: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A response body; `executed` is false for a GraphQL request error, whose answer has no `data`."""

    body: bytes
    executed: bool
    errors: bool = False
    # Something is missing because the caller's own time was over.
    cut_short: bool = False


class Pipeline:
    """Answers operations, whichever protocol they came by. `engine` is replaced when the supergraph changes."""

    def __init__(
        self,
        *,
        engine: Engine | None,
        verifier: TokenVerifier | None,
        persisted: PersistedQueries,
        client_limiter: RateLimiter,
        anonymous_limiter: RateLimiter,
        registry: SubscriptionRegistry,
        upstream: UpstreamSubscriptions,
        propagate_headers: frozenset[str],
        limits: PipelineLimits,
        development: bool,
        share_queries: bool,
        metrics: Metrics,
    ) -> None:
        """`share_queries`: equal queries of callers with equal credentials, at the same time, are answered once."""
        self.engine = engine
        self.metrics = metrics
        self._verifier = verifier
        self._persisted = persisted
        self._client_limiter = client_limiter
        self._anonymous_limiter = anonymous_limiter
        self._registry = registry
        self._upstream = upstream
        self._propagated = [(name.encode(), name) for name in sorted(propagate_headers)]
        self._limits = limits
        self._development = development
        self._running = 0
        self._sharing: QuerySharing[Answer] | None = QuerySharing(lambda answer: answer.cut_short) if share_queries else None

    # -- who is asking

    async def connect(self, scope: Mapping[str, Any], authorization: str | None) -> Caller:
        """Return who opens a connection; an `authorization` of the payload goes before the header's."""
        headers = dict(scope["headers"])
        if authorization is not None:
            headers[b"authorization"] = authorization.encode()
        return await self.identify(scope, headers)

    async def identify(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Caller:
        """Return the caller behind these request headers.

        Raises:
            Unauthenticated, KeysUnavailable, RateLimited
        """
        trace = trace_of(headers.get(b"x-request-id"), headers.get(b"traceparent"))
        address = client_address(scope, headers, self._limits.trusted_proxy_hops)
        identity = Identity()
        if self._verifier is not None:
            authorization = headers.get(b"authorization")
            try:
                token = bearer_token(authorization.decode("latin-1") if authorization else None)
                identity = await self._verifier.identify(token)
            except RouterError:
                # Guessing tokens costs as much as asking anonymously.
                self._anonymous_limiter.spend(address)
                raise
        propagated = {name: headers[raw].decode("latin-1") for raw, name in self._propagated if raw in headers}
        if "x-request-id" in propagated or (b"x-request-id", "x-request-id") in self._propagated:
            propagated["x-request-id"] = trace.request_id
        if (b"traceparent", "traceparent") in self._propagated:
            propagated["traceparent"] = trace.traceparent
        plan_wanted = self._development and headers.get(b"x-query-plan") is not None
        return Caller(identity, propagated, trace, address, plan_wanted)

    def spend(self, caller: Caller, cost: int = 1) -> None:
        """Count operations against the caller's rate limit.

        Raises:
            RateLimited
        """
        if caller.identity.client_id is not None:
            self._client_limiter.spend(caller.identity.client_id, cost)
        else:
            self._anonymous_limiter.spend(caller.address, cost)

    # -- operations

    async def start(self, payload: Any, caller: Caller) -> bytes | Subscriber:
        """Start the operation in a GraphQL request object, for protocols that can stream."""
        self.spend(caller)
        request = request_from_object(payload)
        operation = await self.resolve(request)
        if operation.type is OperationType.SUBSCRIPTION:
            return await self.subscribe(operation, request, caller)
        return (await self.execute(operation, request, caller)).body

    async def resolve(self, request: GraphQLRequest, *, safe: bool = False) -> Operation:
        """Return the operation that a request names; a `safe` method may not carry a mutation.

        Raises:
            RouterError: the document is unknown, not trusted, rejected, or not for this method.
        """
        query = self._persisted.resolve(request)
        operation = await self._loaded().operation(query, request.operation_name)
        if safe and operation.type is OperationType.MUTATION:
            raise MethodNotAllowed("A mutation needs a POST request.", allow="POST")
        return operation

    async def ready(self, operation: Operation, caller: Caller) -> Ready:
        """Return the plan of an operation for this caller; it may be another one each time (progressive overrides).

        Raises:
            Overloaded, PlanningFailed, OperationForbidden
        """
        try:
            return await operation.engine.ready(operation, caller.identity.grants)
        except PlanningFailed as failure:
            if failure.reason is None:
                raise
            # The failure is kept for all who send the document; this one is told how to find it in the logs.
            request_id = caller.trace.request_id
            log.error("request.not_planned", request_id=request_id, operation=operation.key[1], reason=failure.reason)
            raise PlanningFailed(f"The operation could not be planned, request id {request_id}.") from None

    async def execute(self, operation: Operation, request: GraphQLRequest, caller: Caller, ready: Ready | None = None) -> Answer:
        """Answer a query or a mutation, by the plan `ready` when it was chosen already.

        Raises:
            Overloaded, RequestTimeout, PlanningFailed
        """
        if self._running >= self._limits.max_concurrent_requests:
            raise Overloaded("Too many operations are running.")
        self._running += 1
        outcome = "error"
        seconds = self._limits.request_timeout_seconds
        try:
            async with asyncio.timeout(seconds + GRACE_SECONDS):
                ready = ready or await self.ready(operation, caller)
                context = RequestContext(caller.headers, time.monotonic() + seconds)
                if self._sharing is None or operation.type is not OperationType.QUERY:
                    answer = await _executed(operation, ready, request, context, caller)
                else:
                    key = _sharing_key(operation, request, caller)
                    answer = await self._sharing.run(key, lambda: _executed(operation, ready, request, context, caller))
            outcome = "errors" if answer.errors else "ok"
            return answer
        except TimeoutError:
            raise RequestTimeout("The operation took too long.") from None
        finally:
            self._running -= 1
            self.metrics.operations.inc(operation.type.value, outcome)

    def execute_in_parts(
        self, operation: Operation, request: GraphQLRequest, caller: Caller, ready: Ready
    ) -> AsyncGenerator[Payload, None] | None:
        """Return the payloads of an operation with deferred parts; None when nothing of it is answered later.

        What is withheld from the caller is put back into whole answers only.

        Raises:
            Overloaded
        """
        if ready.prepared.deferral is None or ready.restoration is not None:
            return None
        if self._running >= self._limits.max_concurrent_requests:
            raise Overloaded("Too many operations are running.")
        return self._parts(operation, ready, request, caller)

    async def _parts(
        self, operation: Operation, ready: Ready, request: GraphQLRequest, caller: Caller
    ) -> AsyncGenerator[Payload, None]:
        context = RequestContext(caller.headers, time.monotonic() + self._limits.request_timeout_seconds)
        self._running += 1
        outcome = "ok"
        try:
            async with aclosing(operation.engine.executor.execute_in_parts(ready.prepared, request.variables, context)) as parts:
                async for payload in parts:
                    if "errors" in payload:
                        outcome = "errors"
                    yield payload
        finally:
            self._running -= 1
            self.metrics.operations.inc(operation.type.value, outcome)

    async def subscribe(self, operation: Operation, request: GraphQLRequest, caller: Caller) -> Subscriber:
        """Return a subscriber of the operation's events; equal operations of equal callers share them.

        Raises:
            Overloaded, PlanningFailed, SubscriptionFailed
        """
        engine = operation.engine
        ready = await self.ready(operation, caller)
        variables = request.variables
        if ready.empty and ready.restoration is not None:
            _, withheld = ready.restoration.apply({}, variables)
            raise SubscriptionRefused(withheld)
        key = _sharing_key(operation, request, caller)
        subscriber = self._registry.subscribe(key, lambda: self._events(engine, ready, variables, caller))
        self.metrics.operations.inc("subscription", "ok")
        return subscriber

    async def _events(
        self, engine: Engine, ready: Ready, variables: dict[str, Any], caller: Caller
    ) -> AsyncGenerator[bytes, None]:
        """Yield an answer per event of the subgraph: its payload, completed by fetches from the other subgraphs."""
        fetch = ready.prepared.subscription_fetch
        if fetch is None:
            raise SubscriptionFailed("The operation is not a subscription.")
        context = RequestContext(headers=caller.headers)
        url = engine.supergraph.subgraphs[fetch.subgraph].url
        named = {name: variables[name] for name in fetch.variables if name in variables}
        events = self._upstream.subscribe(fetch.subgraph, url, fetch.operation, named, caller.headers)
        async with aclosing(events):
            async for event in events:
                try:
                    async with asyncio.timeout(self._limits.request_timeout_seconds):
                        result = await engine.executor.execute_event(ready.prepared, event.payload, variables, context)
                except TimeoutError:
                    yield orjson.dumps({"data": None, "errors": RequestTimeout("The event took too long.").formatted()})
                    continue
                if event.gap:
                    result = replace(result, extensions={**(result.extensions or {}), "gap": True})
                yield _answer(ready, result, variables, query_plan=False).body

    def _loaded(self) -> Engine:
        if self.engine is None:
            raise Overloaded("No supergraph is loaded yet.")
        return self.engine


async def _executed(
    operation: Operation, ready: Ready, request: GraphQLRequest, context: RequestContext, caller: Caller
) -> Answer:
    result = await operation.engine.executor.execute(ready.prepared, request.variables, context)
    return _answer(ready, result, request.variables, caller.query_plan)


def _sharing_key(operation: Operation, request: GraphQLRequest, caller: Caller) -> Hashable:
    """Return what an answer depends on: document, variables, rights, and all that subgraphs are told of the caller."""
    variables = orjson.dumps(request.variables, option=orjson.OPT_SORT_KEYS)
    grants = operation.selector.select(caller.identity.grants)
    return (operation.engine, operation.key, variables, grants, caller_key(caller.headers), caller.query_plan)


def _answer(ready: Ready, result: ExecutionResult, variables: Mapping[str, Any], query_plan: bool) -> Answer:
    """Return the response body of an execution, with withheld fields put back as null."""
    restoration = ready.restoration
    if restoration is not None and result.executed:
        data, withheld = restoration.apply(result.data, variables)
        result = replace(result, data=data, errors=[*(result.errors or ()), *withheld])
    if query_plan:
        plan = {"text": print_plan(ready.prepared.plan)}
        result = replace(result, extensions={**(result.extensions or {}), "queryPlan": plan})
    return Answer(result.to_bytes(), result.executed, bool(result.errors), result.cut_short)
