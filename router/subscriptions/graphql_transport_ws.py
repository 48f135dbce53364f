"""The server side of graphql-transport-ws: queries, mutations and subscriptions over one WebSocket.

Protocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import orjson

from router.errors import KeysUnavailable, RouterError, Unauthenticated
from router.subscriptions.operations import Caller, Operations
from router.subscriptions.registry import Subscriber
from router.telemetry.logs import get_logger

__all__ = ["PROTOCOL", "WebSocketLimits", "serve_connection"]

log = get_logger(__name__)

PROTOCOL = "graphql-transport-ws"
MAX_ID_LENGTH = 256

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class WebSocketLimits:
    """Bounds on one connection."""

    connection_init_timeout_seconds: float
    ping_seconds: float
    max_operations: int
    max_message_bytes: int
    # What a client may take to read one message before the connection counts as dead.
    send_timeout_seconds: float = 10.0


class _Close(Exception):
    """Ends the connection with a close code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Disconnected(Exception):
    """The client is gone."""


async def serve_connection(
    scope: Mapping[str, Any], receive: Receive, send: Send, operations: Operations, limits: WebSocketLimits
) -> None:
    """Serve one connection from the handshake to its end, whoever ends it."""
    await receive()  # websocket.connect
    if PROTOCOL not in scope.get("subprotocols", ()):
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 4406, "reason": "Subprotocol not acceptable"})
        return
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
    connection = _Connection(scope, receive, send, operations, limits)
    try:
        await connection.run()
    except _Close as close:
        await connection.close(close.code, close.reason)
    except _Disconnected:
        pass
    finally:
        await connection.stop()


class _Connection:
    def __init__(
        self, scope: Mapping[str, Any], receive: Receive, send: Send, operations: Operations, limits: WebSocketLimits
    ) -> None:
        self._scope = scope
        self._receive_raw = receive
        self._send_raw = send
        self._operations = operations
        self._limits = limits
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Handle messages until the connection ends, which is always by an exception."""
        try:
            async with asyncio.timeout(self._limits.connection_init_timeout_seconds):
                message = await self._receive()
                while message["type"] in {"ping", "pong"}:
                    await self._answer_ping(message)
                    message = await self._receive()
        except TimeoutError:
            raise _Close(4408, "Connection initialisation timeout") from None
        if message["type"] != "connection_init":
            raise _Close(4401, "Unauthorized")
        caller = await self._connect(message.get("payload"))
        await self._send({"type": "connection_ack"})
        expires_at = caller.identity.expires_at
        try:
            async with asyncio.timeout(None if expires_at is None else max(0.0, expires_at - time.time())):
                await self._serve(caller)
        except TimeoutError:
            # Not 4401: clients take that as final, while a new token is all that is needed.
            raise _Close(4403, "The access token has expired") from None

    async def close(self, code: int, reason: str) -> None:
        """Close the connection from our side."""
        try:
            await self._send_raw({"type": "websocket.close", "code": code, "reason": reason})
        except (OSError, RuntimeError):
            log.debug("websocket.close_failed")

    async def stop(self) -> None:
        """Stop the operations that run on this connection."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connect(self, payload: Any) -> Caller:
        if payload is not None and not isinstance(payload, dict):
            raise _Close(4400, "Invalid connection_init payload")
        values = {str(name).lower(): value for name, value in (payload or {}).items()}
        authorization = values.get("authorization")
        if authorization is not None and not isinstance(authorization, str):
            raise _Close(4400, "The authorization must be a string")
        try:
            return await self._operations.connect(self._scope, authorization)
        except Unauthenticated as error:
            raise _Close(4403, f"Forbidden: {error.message}"[:120]) from None
        except KeysUnavailable:
            raise _Close(1013, "Try again later") from None
        except RouterError as error:
            raise _Close(4429, error.message[:120]) from None

    async def _serve(self, caller: Caller) -> None:
        waiting_for_pong = False
        while True:
            try:
                message = await asyncio.wait_for(self._receive(), self._limits.ping_seconds)
            except TimeoutError:
                if waiting_for_pong:
                    raise _Close(4408, "No answer to a ping") from None
                waiting_for_pong = True
                await self._send({"type": "ping"})
                continue
            waiting_for_pong = False
            await self._handle(message, caller)

    async def _handle(self, message: dict[str, Any], caller: Caller) -> None:
        kind = message["type"]
        if kind == "subscribe":
            self._subscribe(message, caller)
        elif kind == "complete":
            task = self._running.pop(_operation_id(message), None)
            if task is not None:
                task.cancel()
        elif kind == "connection_init":
            raise _Close(4429, "Too many initialisation requests")
        elif kind in {"ping", "pong"}:
            await self._answer_ping(message)
        else:
            raise _Close(4400, "Unknown message type")

    def _subscribe(self, message: dict[str, Any], caller: Caller) -> None:
        operation_id = _operation_id(message)
        if operation_id in self._running:
            raise _Close(4409, f"Subscriber for {operation_id[:60]} already exists")
        if not isinstance(message.get("payload"), dict):
            raise _Close(4400, "A subscribe message needs a payload")
        if len(self._running) >= self._limits.max_operations:
            raise _Close(4429, "Too many operations on one connection")
        self._running[operation_id] = asyncio.create_task(self._operate(operation_id, message["payload"], caller))

    async def _operate(self, operation_id: str, payload: dict[str, Any], caller: Caller) -> None:
        try:
            try:
                outcome = await self._operations.start(payload, caller)
                if isinstance(outcome, Subscriber):
                    await self._forward(operation_id, outcome)
                else:
                    await self._send_next(operation_id, outcome)
            except RouterError as error:
                await self._send({"id": operation_id, "type": "error", "payload": error.formatted()})
            except _Disconnected:
                raise
            except Exception:
                log.exception("request.failed", request_id=caller.trace.request_id)
                masked = RouterError(f"Internal error, request id {caller.trace.request_id}.")
                await self._send({"id": operation_id, "type": "error", "payload": masked.formatted()})
            else:
                await self._send({"id": operation_id, "type": "complete"})
        except _Disconnected:
            pass
        finally:
            if self._running.get(operation_id) is asyncio.current_task():
                del self._running[operation_id]

    async def _forward(self, operation_id: str, subscriber: Subscriber) -> None:
        try:
            while (body := await subscriber.next()) is not None:
                await self._send_next(operation_id, body)
        finally:
            subscriber.close()

    async def _answer_ping(self, message: dict[str, Any]) -> None:
        if message["type"] == "ping":
            payload = message.get("payload")
            await self._send({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})

    async def _send_next(self, operation_id: str, body: bytes) -> None:
        # The answer is bytes already, and the same bytes for every subscriber: it is not decoded to be wrapped.
        text = b'{"id":%b,"type":"next","payload":%b}' % (orjson.dumps(operation_id), body)
        await self._send_text(text.decode())

    async def _send(self, message: dict[str, Any]) -> None:
        await self._send_text(orjson.dumps(message).decode())

    async def _send_text(self, text: str) -> None:
        try:
            async with asyncio.timeout(self._limits.send_timeout_seconds):
                await self._send_raw({"type": "websocket.send", "text": text})
        except (OSError, RuntimeError, TimeoutError) as error:
            raise _Disconnected from error

    async def _receive(self) -> dict[str, Any]:
        event = await self._receive_raw()
        if event["type"] == "websocket.disconnect":
            raise _Disconnected
        data = event.get("text") or event.get("bytes") or ""
        if len(data) > self._limits.max_message_bytes:
            raise _Close(4400, "The message is too large")
        try:
            message = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise _Close(4400, "Invalid message received") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise _Close(4400, "Invalid message received")
        return message


def _operation_id(message: dict[str, Any]) -> str:
    operation_id = message.get("id")
    if not isinstance(operation_id, str) or not operation_id or len(operation_id) > MAX_ID_LENGTH:
        raise _Close(4400, "The message needs an id")
    return operation_id
