"""The GraphQL endpoint over HTTP: GET and POST, JSON answers, batches and streamed subscriptions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import aclosing, nullcontext
from dataclasses import dataclass
from typing import Any

from graphql import OperationType

from router.errors import (
    BodyTimeout,
    BodyTooLarge,
    ClientGone,
    CsrfPrevented,
    MethodNotAllowed,
    NotAcceptable,
    RouterError,
    SubscriptionNotAcceptable,
    UnsupportedMediaType,
)
from router.http.client_watch import ClientWatch
from router.http.cors import CorsPolicy
from router.http.engine import Operation
from router.http.incremental_response import only_part, send_parts
from router.http.media_types import EVENT_STREAM, JSON, MULTIPART, is_json_content, negotiate
from router.http.pipeline import Pipeline
from router.http.request import GraphQLRequest, request_from_query_string, requests_from_body
from router.http.response import CONTENT_TYPES, Headers, error_body, error_status, result_status, send_response
from router.subscriptions.http_stream import Framing, stream_response
from router.subscriptions.multipart import MultipartFraming
from router.subscriptions.operations import Caller
from router.subscriptions.registry import Subscriber
from router.subscriptions.sse import EventStreamFraming
from router.telemetry.logs import get_logger

__all__ = ["EndpointLimits", "GraphQLEndpoint"]

log = get_logger(__name__)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FRAMINGS: Mapping[str, Callable[[], Framing]] = {EVENT_STREAM: EventStreamFraming, MULTIPART: MultipartFraming}

# Headers that make a browser ask first (a preflight) before a page may send them to another origin.
PREFLIGHT_HEADERS = (b"apollo-require-preflight", b"x-apollo-operation-name", b"graphql-require-preflight")


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """Bounds on a request before its operation is known."""

    max_body_bytes: int
    max_url_bytes: int
    max_batch_size: int
    body_timeout_seconds: float
    heartbeat_seconds: float


class GraphQLEndpoint:
    """An ASGI application for one path."""

    def __init__(
        self, pipeline: Pipeline, limits: EndpointLimits, cors: CorsPolicy, *, csrf_prevention: bool, access_log: bool
    ) -> None:
        self._pipeline = pipeline
        self._limits = limits
        self._cors = cors
        self._csrf_prevention = csrf_prevention
        self._access_log = access_log

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        started = time.perf_counter()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        method: str = scope["method"]
        if method == "OPTIONS":
            await self._preflight(headers, send)
            return
        exchange = _Exchange(self._cors.headers(headers.get(b"origin")))
        try:
            await self._answer(scope, receive, send, headers, exchange)
        except ClientGone as error:
            exchange.status = error.status
        except RouterError as error:
            self._pipeline.metrics.rejections.inc(error.code)
            await self._refuse(send, error, exchange)
        except Exception:
            request_id = exchange.caller.trace.request_id if exchange.caller else None
            log.exception("request.failed", request_id=request_id)
            if exchange.started:
                raise
            await self._refuse(send, RouterError(f"Internal error, request id {request_id}."), exchange)
        finally:
            seconds = time.perf_counter() - started
            known = method if method in {"GET", "POST"} else "other"
            self._pipeline.metrics.requests.inc(known, str(exchange.status))
            self._pipeline.metrics.request_seconds.observe(seconds)
            if self._access_log:
                log.info(
                    "request",
                    method=method,
                    status=exchange.status,
                    milliseconds=round(seconds * 1000, 2),
                    operation=exchange.operation_name,
                    client_id=exchange.caller.identity.client_id if exchange.caller else None,
                    request_id=exchange.caller.trace.request_id if exchange.caller else None,
                    trace_id=exchange.caller.trace.trace_id if exchange.caller else None,
                )

    async def _answer(
        self,
        scope: Mapping[str, Any],
        receive: Receive,
        send: Send,
        headers: dict[bytes, bytes],
        exchange: _Exchange,
    ) -> None:
        accepted = negotiate(headers.get(b"accept"))
        exchange.media_type = next((name for name in accepted if name in CONTENT_TYPES), JSON)
        safe = scope["method"] == "GET"
        if not safe and scope["method"] != "POST":
            raise MethodNotAllowed("GraphQL is asked by GET or POST.", allow="GET, POST, OPTIONS")
        if safe:
            self._check_csrf(headers)
        elif not is_json_content(headers.get(b"content-type")):
            raise UnsupportedMediaType("The request body must be application/json in UTF-8.")
        exchange.caller = caller = await self._pipeline.identify(scope, headers)
        exchange.headers.append((b"x-request-id", caller.trace.request_id.encode()))
        if safe:
            requests, batched = [self._parameters(scope)], False
        else:
            body = await self._body(receive, headers)
            requests, batched = requests_from_body(body, self._limits.max_batch_size)
        self._pipeline.spend(caller, len(requests))
        if batched:
            if exchange.media_type not in accepted:
                raise NotAcceptable("A batch is answered as JSON.")
            await self._answer_batch(receive, send, requests, caller, exchange)
            return
        request = requests[0]
        exchange.operation_name = request.operation_name
        operation = await self._pipeline.resolve(request, safe=safe)
        if operation.type is OperationType.SUBSCRIPTION:
            media_type = next((name for name in accepted if name in FRAMINGS), None)
            if media_type is None:
                raise SubscriptionNotAcceptable(
                    "A subscription is answered over a WebSocket (graphql-transport-ws), as text/event-stream "
                    "or as multipart/mixed."
                )
            subscriber = await self._pipeline.subscribe(operation, request, caller)
            await self._stream(receive, send, subscriber, media_type, exchange)
            return
        # A mutation runs to its end: half of its effects is not what a client who left wanted.
        watch = ClientWatch(receive) if operation.type is OperationType.QUERY else nullcontext()
        ready = None
        if MULTIPART in accepted:
            ready = await self._pipeline.ready(operation, caller)
            parts = self._pipeline.execute_in_parts(operation, request, caller, ready)
            if parts is not None:
                exchange.started, exchange.status = True, 200
                with watch:
                    async with aclosing(parts):
                        await send_parts(send, parts, headers.get(b"accept", b""), exchange.headers)
                return
        with watch:
            answer = await self._pipeline.execute(operation, request, caller, ready)
        if exchange.media_type not in accepted:
            # Streaming media types are named by those who can stream; who takes one whole answer, too, is sent that.
            if accepted[0] == MULTIPART and b"subscriptionspec" not in headers.get(b"accept", b"").lower():
                exchange.started, exchange.status = True, 200
                await send_parts(send, only_part(answer.body), headers.get(b"accept", b""), exchange.headers)
                return
            await self._stream(receive, send, answer.body, accepted[0], exchange)
            return
        exchange.started = True
        exchange.status = result_status(exchange.media_type, answer.executed)
        content_type = CONTENT_TYPES[exchange.media_type]
        await send_response(send, exchange.status, content_type, answer.body, exchange.headers)

    async def _answer_batch(
        self, receive: Receive, send: Send, requests: list[GraphQLRequest], caller: Caller, exchange: _Exchange
    ) -> None:
        """Answer a list of operations with a list of answers, in order; they run at the same time.

        When the client leaves, queries end and mutations run on.
        """
        operations = await asyncio.gather(*(self._resolved(request) for request in requests))
        running = [
            asyncio.create_task(self._one_of_batch(operation, request, caller))
            for operation, request in zip(operations, requests, strict=True)
        ]
        mutations = {
            task
            for task, operation in zip(running, operations, strict=True)
            if isinstance(operation, Operation) and operation.type is OperationType.MUTATION
        }
        try:
            with ClientWatch(receive):
                bodies = await asyncio.gather(*(asyncio.shield(task) if task in mutations else task for task in running))
        except ClientGone:
            await asyncio.gather(*mutations)
            raise
        except asyncio.CancelledError:
            # The server is stopped by force.
            for task in mutations:
                task.cancel()
            raise
        body = b"[" + b",".join(bodies) + b"]"
        exchange.started, exchange.status = True, 200
        await send_response(send, 200, CONTENT_TYPES[exchange.media_type], body, exchange.headers)

    async def _resolved(self, request: GraphQLRequest) -> Operation | RouterError:
        try:
            operation = await self._pipeline.resolve(request)
        except RouterError as error:
            return error
        if operation.type is OperationType.SUBSCRIPTION:
            return SubscriptionNotAcceptable("A batch cannot hold a subscription.")
        return operation

    async def _one_of_batch(self, operation: Operation | RouterError, request: GraphQLRequest, caller: Caller) -> bytes:
        if isinstance(operation, RouterError):
            return error_body(operation)
        try:
            return (await self._pipeline.execute(operation, request, caller)).body
        except RouterError as error:
            return error_body(error)

    async def _stream(
        self, receive: Receive, send: Send, source: Subscriber | bytes, media_type: str, exchange: _Exchange
    ) -> None:
        exchange.started, exchange.status = True, 200
        await stream_response(
            receive,
            send,
            source,
            FRAMINGS[media_type](),
            headers=exchange.headers,
            heartbeat_seconds=self._limits.heartbeat_seconds,
            expires_at=exchange.caller.identity.expires_at if exchange.caller else None,
        )

    async def _refuse(self, send: Send, error: RouterError, exchange: _Exchange) -> None:
        exchange.status = error_status(exchange.media_type, error)
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in error.headers.items()]
        body = error_body(error)
        content_type = CONTENT_TYPES.get(exchange.media_type, CONTENT_TYPES[JSON])
        await send_response(send, exchange.status, content_type, body, exchange.headers + headers)

    async def _preflight(self, headers: Mapping[bytes, bytes], send: Send) -> None:
        origin = headers.get(b"origin")
        answer: Headers = [(b"allow", b"GET, POST, OPTIONS")]
        answer += self._cors.preflight(origin, headers.get(b"access-control-request-headers"))
        await send({"type": "http.response.start", "status": 204, "headers": answer})
        await send({"type": "http.response.body", "body": b""})

    def _check_csrf(self, headers: Mapping[bytes, bytes]) -> None:
        """Refuse a GET that a page of another origin could have made the browser send without a preflight."""
        if not self._csrf_prevention:
            return
        if any(headers.get(name) for name in PREFLIGHT_HEADERS) or is_json_content(headers.get(b"content-type")):
            return
        raise CsrfPrevented(
            "A GET request needs a header that a browser does not send across sites by itself: "
            "'graphql-require-preflight: 1', 'apollo-require-preflight: 1' or 'content-type: application/json'."
        )

    def _parameters(self, scope: Mapping[str, Any]) -> GraphQLRequest:
        query_string: bytes = scope["query_string"]
        if len(query_string) > self._limits.max_url_bytes:
            raise BodyTooLarge(f"The query string is longer than {self._limits.max_url_bytes} bytes.")
        return request_from_query_string(query_string)

    async def _body(self, receive: Receive, headers: Mapping[bytes, bytes]) -> bytes:
        limit = self._limits.max_body_bytes
        declared = headers.get(b"content-length")
        if declared is not None and declared.isdigit() and int(declared) > limit:
            raise BodyTooLarge(f"The request body is longer than {limit} bytes.")
        chunks: list[bytes] = []
        length = 0
        more = True
        try:
            async with asyncio.timeout(self._limits.body_timeout_seconds):
                while more and length <= limit:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientGone("The client left before its request was complete.")
                    chunks.append(message.get("body", b""))
                    length += len(chunks[-1])
                    more = message.get("more_body", False)
        except TimeoutError:
            raise BodyTimeout("The request body did not arrive in time.") from None
        if length > limit:
            raise BodyTooLarge(f"The request body is longer than {limit} bytes.")
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


@dataclass(slots=True)
class _Exchange:
    """What is known of a request and its answer so far."""

    headers: Headers
    media_type: str = JSON
    status: int = 500
    # The head of the answer is sent: what goes wrong now cannot be told any more.
    started: bool = False
    caller: Caller | None = None
    operation_name: str | None = None
