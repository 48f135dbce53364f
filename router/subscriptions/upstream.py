"""A subscription held at a subgraph over graphql-transport-ws, taken up again when the connection breaks.

Protocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from router.errors import SubscriptionFailed, SubscriptionRefused
from router.telemetry.logs import get_logger

__all__ = ["UpstreamEvent", "UpstreamSubscriptions", "websocket_url"]

log = get_logger(__name__)

PROTOCOL = "graphql-transport-ws"
OPERATION_ID = "1"

# Close codes that a second attempt does not change: bad request, unauthorized, forbidden, subprotocol.
FATAL_CLOSE_CODES = {4400: "bad request", 4401: "unauthorized", 4403: "forbidden", 4406: "subprotocol"}

FIRST_DELAY_SECONDS = 0.1
LONGEST_DELAY_SECONDS = 3.0
# A connection that lasted this long was a working one: the count of failed attempts starts again. Longer than
# connecting may take by default.
STABLE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class UpstreamEvent:
    """An execution result of the subgraph; `gap` when events before it may have been missed."""

    payload: dict[str, Any]
    gap: bool


class _ConnectionLost(Exception):
    """The connection broke; another attempt may succeed."""


class UpstreamSubscriptions:
    """Opens subscriptions at subgraphs: one WebSocket each."""

    def __init__(
        self,
        *,
        retry_seconds: float,
        timeout_seconds: float,
        heartbeat_seconds: float,
        max_message_bytes: int,
        urls: Mapping[str, str],
    ) -> None:
        self._retry_seconds = retry_seconds
        self._timeout_seconds = timeout_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._max_message_bytes = max_message_bytes
        self._urls = urls
        self._session: aiohttp.ClientSession | None = None

    async def subscribe(
        self, subgraph: str, url: str, query: str, variables: Mapping[str, Any], headers: Mapping[str, str]
    ) -> AsyncGenerator[UpstreamEvent, None]:
        """Yield the subgraph's events until it completes the subscription.

        A broken connection is opened again with growing delays for `retry_seconds`; the first event after
        that carries `gap`. The `authorization` header also goes into the connection_init payload.

        Raises:
            SubscriptionRefused: the subgraph answered with errors.
            SubscriptionFailed: the subgraph cannot be reached, or refuses the connection.
        """
        target = self._urls.get(subgraph) or websocket_url(url)
        broken_since: float | None = None
        attempt = 0
        gap = False
        while True:
            opened_at = time.monotonic()
            try:
                async with aclosing(self._connected(subgraph, target, query, variables, headers)) as payloads:
                    async for payload in payloads:
                        yield UpstreamEvent(payload, gap)
                        gap = False
                return
            except _ConnectionLost as lost:
                now = time.monotonic()
                if broken_since is None or now - opened_at > STABLE_SECONDS:
                    broken_since, attempt = now, 0
                if now - broken_since >= self._retry_seconds:
                    raise SubscriptionFailed(f"The subgraph '{subgraph}' cannot be reached.") from lost
                gap = True
                delay = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2**attempt) * random.uniform(0.5, 1.0)
                attempt += 1
                log.warning("upstream.reconnecting", subgraph=subgraph, reason=str(lost), delay_seconds=round(delay, 2))
                await asyncio.sleep(delay)

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _connected(
        self, subgraph: str, url: str, query: str, variables: Mapping[str, Any], headers: Mapping[str, str]
    ) -> AsyncGenerator[dict[str, Any], None]:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with asyncio.timeout(self._timeout_seconds):
                socket = await self._session.ws_connect(
                    url,
                    protocols=(PROTOCOL,),
                    headers=dict(headers),
                    heartbeat=self._heartbeat_seconds,
                    max_msg_size=self._max_message_bytes,
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _ConnectionLost(f"connecting failed: {type(error).__name__}") from error
        try:
            await self._open(subgraph, socket, query, variables, headers)
            async with aclosing(self._payloads(subgraph, socket)) as payloads:
                async for payload in payloads:
                    yield payload
        finally:
            await _leave(socket)

    async def _open(
        self,
        subgraph: str,
        socket: aiohttp.ClientWebSocketResponse,
        query: str,
        variables: Mapping[str, Any],
        headers: Mapping[str, str],
    ) -> None:
        authorization = headers.get("authorization")
        payload = {"Authorization": authorization, "authorization": authorization} if authorization else {}
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await _send(socket, {"type": "connection_init", "payload": payload})
                while (message := await self._receive(subgraph, socket))["type"] != "connection_ack":
                    if message["type"] == "ping":
                        await _send(socket, {"type": "pong"})
                request = {"query": query, "variables": dict(variables)}
                await _send(socket, {"id": OPERATION_ID, "type": "subscribe", "payload": request})
        except TimeoutError as error:
            raise _ConnectionLost("the subgraph did not acknowledge the connection") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _ConnectionLost(type(error).__name__) from error

    async def _payloads(self, subgraph: str, socket: aiohttp.ClientWebSocketResponse) -> AsyncGenerator[dict[str, Any], None]:
        # No timeout while waiting for an event: the heartbeat closes a dead connection.
        while True:
            message = await self._receive(subgraph, socket)
            kind = message["type"]
            if kind == "next" and isinstance(message.get("payload"), dict):
                yield message["payload"]
            elif kind == "error":
                errors = message.get("payload")
                raise SubscriptionRefused(errors if isinstance(errors, list) else [])
            elif kind == "complete":
                return
            elif kind == "ping":
                try:
                    await _send(socket, {"type": "pong"})
                except (aiohttp.ClientError, OSError) as error:
                    raise _ConnectionLost(type(error).__name__) from error

    async def _receive(self, subgraph: str, socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
        message = await socket.receive()
        if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            try:
                value = orjson.loads(message.data)
            except orjson.JSONDecodeError as error:
                raise SubscriptionFailed(f"The subgraph '{subgraph}' sent a malformed message.") from error
            if not isinstance(value, dict) or not isinstance(value.get("type"), str):
                raise SubscriptionFailed(f"The subgraph '{subgraph}' sent a malformed message.")
            return value
        code = socket.close_code
        if code in FATAL_CLOSE_CODES:
            reason = FATAL_CLOSE_CODES[code]
            raise SubscriptionFailed(f"The subgraph '{subgraph}' closed the subscription ({code}, {reason}).")
        raise _ConnectionLost(f"closed with {code}")


def websocket_url(url: str) -> str:
    """Return the WebSocket address of an HTTP GraphQL endpoint."""
    if url.startswith("https://"):
        return "wss://" + url.removeprefix("https://")
    if url.startswith("http://"):
        return "ws://" + url.removeprefix("http://")
    return url


async def _send(socket: aiohttp.ClientWebSocketResponse, message: dict[str, Any]) -> None:
    await socket.send_str(orjson.dumps(message).decode())


async def _leave(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Complete the operation and close, without waiting long for a subgraph that does not answer."""
    try:
        async with asyncio.timeout(2):
            if not socket.closed:
                await _send(socket, {"id": OPERATION_ID, "type": "complete"})
            await socket.close()
    except (TimeoutError, aiohttp.ClientError, OSError):
        log.debug("upstream.close_failed")
