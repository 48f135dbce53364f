"""Live operations over graphql-transport-ws, by Strawberry's protocol handler."""

from datetime import timedelta
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.federation import Schema
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from subgraphs.kit.graphql.context import RequestContext
from subgraphs.kit.graphql.request import RequestHeaders, bearer_token
from subgraphs.kit.identity import IdentityUnavailable, InvalidToken, TokenVerifier

__all__ = ["WebSocketView"]

OPERATIONS_PER_CONNECTION = 100


class WebSocketView(GraphQL[RequestContext[Any], None]):
    """The token comes in the HTTP header or in connection_init's payload as `Authorization`."""

    def __init__(self, schema: Schema, verifier: TokenVerifier) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=timedelta(seconds=10),
            max_subscriptions_per_connection=OPERATIONS_PER_CONNECTION,
        )
        self._verifier = verifier

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> RequestContext[Any]:
        headers = RequestHeaders.of(request.scope)
        context: RequestContext[Any] = RequestContext(request.app.state.deps, None, headers.request_id, headers.trace_id)
        context.bearer = headers.bearer
        return context

    async def on_ws_connect(self, context: RequestContext[Any]) -> None:
        parameters = {key.lower(): value for key, value in (context.connection_params or {}).items()}
        authorization = parameters.get("authorization")
        token = bearer_token(authorization) if isinstance(authorization, str) else context.bearer
        if token is None:
            return
        try:
            context.principal = await self._verifier.verify(token)
        except (InvalidToken, IdentityUnavailable) as error:
            raise ConnectionRejectionError({"reason": str(error)}) from error

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data).decode()
