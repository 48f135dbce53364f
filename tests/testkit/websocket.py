"""A client of the graphql-transport-ws protocol, for tests of live feeds."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

__all__ = ["Subscribed", "subscribe"]

SECONDS = 10


class Subscribed:
    """One running subscription."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def message(self) -> dict[str, Any]:
        """Return the next message of the protocol other than a ping."""
        async with asyncio.timeout(SECONDS):
            while (message := await self._socket.receive_json())["type"] == "ping":
                await self._socket.send_json({"type": "pong"})
        answer: dict[str, Any] = message
        return answer

    async def data(self) -> dict[str, Any]:
        """Return the data of the next answer, which must be one without errors."""
        message = await self.message()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        data: dict[str, Any] = message["payload"]["data"]
        return data


@contextlib.asynccontextmanager
async def subscribe(
    session: aiohttp.ClientSession, url: str, token: str | None, query: str, variables: dict[str, Any] | None = None
) -> AsyncIterator[Subscribed]:
    """Subscribe at `url`, which is an http:// one."""
    async with session.ws_connect(url, protocols=["graphql-transport-ws"]) as socket:
        await socket.send_json(
            {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"} if token is not None else {}}
        )
        subscribed = Subscribed(socket)
        assert (await subscribed.message())["type"] == "connection_ack"
        await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables or {}}})
        yield subscribed
