"""GraphQL over HTTP (POST) as a bare ASGI application: cached documents, graphql-core's executor, orjson."""

from collections.abc import Awaitable, Mapping
from typing import Any, Generic, TypeVar

import orjson
from graphql import GraphQLError, OperationType, execute
from starlette.types import Receive, Scope, Send
from strawberry.federation import Schema

from subgraphs.kit.graphql.context import RequestContext
from subgraphs.kit.graphql.documents import DocumentCache
from subgraphs.kit.graphql.nodes import MAX_NODES
from subgraphs.kit.graphql.reporting import formatted_errors
from subgraphs.kit.graphql.request import RequestHeaders
from subgraphs.kit.identity import IdentityUnavailable, InvalidToken, TokenVerifier
from subgraphs.kit.telemetry import bind_request

__all__ = ["GraphQLView"]

Services = TypeVar("Services")

GRAPHQL_RESPONSE = b"application/graphql-response+json"


class GraphQLView(Generic[Services]):
    """Answers POSTed queries and mutations; live operations go over WebSocket."""

    def __init__(self, schema: Schema, verifier: TokenVerifier, body_limit_bytes: int) -> None:
        self._schema, self._verifier, self._body_limit = schema._schema, verifier, body_limit_bytes
        self._documents = DocumentCache(self._schema)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = RequestHeaders.of(scope)
        if scope["method"] != "POST":
            await _send(send, 405, b'{"errors":[{"message":"send GraphQL by POST"}]}', headers, extra=[(b"allow", b"POST")])
            return
        status, answer, extra = await self._answer(scope, receive, headers)
        await _send(send, status, orjson.dumps(answer), headers, extra=extra)

    async def _answer(
        self, scope: Scope, receive: Receive, headers: RequestHeaders
    ) -> tuple[int, dict[str, Any], list[tuple[bytes, bytes]]]:
        body = await _read(receive, self._body_limit)
        if body is None:
            return 413, _error(f"the request body is larger than {self._body_limit} bytes", "PAYLOAD_TOO_LARGE"), []
        try:
            request = orjson.loads(body)
            query, variables, name = request["query"], request.get("variables") or {}, request.get("operationName")
            if not isinstance(query, str) or not isinstance(variables, dict) or not isinstance(name, str | None):
                raise TypeError
        except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError):
            return (
                400,
                _error("the body is a JSON object with query, and optionally variables and operationName", "BAD_REQUEST"),
                [],
            )
        try:
            principal = await self._verifier.verify(headers.bearer) if headers.bearer is not None else None
        except InvalidToken as error:
            challenge = (b"www-authenticate", f'Bearer error="invalid_token", error_description="{error.reason}"'.encode())
            return 401, _error(f"The access token is not valid: {error.reason}", "UNAUTHENTICATED"), [challenge]
        except IdentityUnavailable:
            return 503, _error("Tokens cannot be verified at the moment; try again", "SERVICE_UNAVAILABLE"), []
        bind_request(headers.request_id, headers.trace_id, principal.tenant if principal else None)
        context = RequestContext(scope["app"].state.deps, principal, headers.request_id, headers.trace_id)
        status, answer = await self._execute(query, variables, name, context)
        return status if headers.accepts_graphql_response else 200, answer, []

    async def _execute(
        self, query: str, variables: Mapping[str, Any], name: str | None, context: RequestContext[Services]
    ) -> tuple[int, dict[str, Any]]:
        checked = self._documents.check(query)
        if checked.document is None:
            return 400, {"errors": [error.formatted for error in checked.errors]}
        if checked.operation_type(name) is OperationType.SUBSCRIPTION:
            return 400, _error("live operations are served over WebSocket (graphql-transport-ws)", "BAD_REQUEST")
        nodes = checked.most_nodes(name, variables)
        if nodes > MAX_NODES:
            return 400, _error(f"the operation can return {nodes} nodes; at most {MAX_NODES} are allowed", "TOO_MANY_NODES")
        result: Any = execute(
            self._schema, checked.document, context_value=context, variable_values=dict(variables), operation_name=name
        )
        result = await result if isinstance(result, Awaitable) else result
        answer: dict[str, Any] = {} if result.data is None and _before_execution(result.errors) else {"data": result.data}
        if result.errors:
            answer["errors"] = formatted_errors(result.errors, context.request_id)
        return 200 if "data" in answer else 400, answer


def _before_execution(errors: list[GraphQLError] | None) -> bool:
    """Tell whether these are request errors (GraphQL spec 7.1.2): nothing was executed, the response has no data entry."""
    return bool(errors) and all(error.path is None for error in errors or ())


async def _read(receive: Receive, limit: int) -> bytes | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body"):
            return bytes(body)


async def _send(send: Send, status: int, body: bytes, headers: RequestHeaders, *, extra: list[tuple[bytes, bytes]]) -> None:
    media_type = GRAPHQL_RESPONSE if headers.accepts_graphql_response else b"application/json"
    sent = [
        (b"content-type", media_type + b"; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", headers.request_id.encode()),
        *extra,
    ]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})


def _error(message: str, code: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}
