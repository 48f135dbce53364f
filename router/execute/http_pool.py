"""Kept-alive connections to one server: a bounded number of them, the most recently used taken first."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from router.execute.failures import SubgraphUnreachable
from router.execute.http_connection import HttpAnswer, HttpConnection, StaleConnection

__all__ = ["ConnectionPool"]

# Kept longer than this without use, a connection is likely to be cut by something on the way.
MAX_IDLE_SECONDS = 30.0
# A request that must not be sent twice takes a connection only if servers are sure to hold it still (the shortest usual
# keep-alive timeouts are around five seconds).
MAX_IDLE_SECONDS_UNREPEATABLE = 1.0


class ConnectionPool:
    """Connections to one host and port."""

    def __init__(
        self, host: str, port: int, *, tls: ssl.SSLContext | None, max_connections: int, max_response_bytes: int
    ) -> None:
        self._address = (host, port)
        self._tls = tls
        self._max_response_bytes = max_response_bytes
        self._max_connections = max_connections
        self._free = asyncio.Semaphore(max_connections)
        self._idle: list[HttpConnection] = []
        self._busy: set[HttpConnection] = set()

    async def exchange(self, request: bytes, *, repeatable: bool) -> HttpAnswer:
        """Send a request over a connection of the pool, waiting for one if all are busy.

        Raises:
            SubgraphFailure
        """
        async with self._free:
            connection = self._take(MAX_IDLE_SECONDS if repeatable else MAX_IDLE_SECONDS_UNREPEATABLE)
            if connection is not None:
                try:
                    async with self._using(connection):
                        return await connection.exchange(request)
                except StaleConnection as stale:
                    if not repeatable:
                        raise SubgraphUnreachable("the connection broke") from stale
                # Others of the same age are likely stale, too.
                self.close_idle()
            connection = await self._connect()
            async with self._using(connection):
                try:
                    return await connection.exchange(request)
                except StaleConnection as stale:
                    raise SubgraphUnreachable("the connection broke") from stale

    def close_idle(self) -> None:
        """Close the connections that wait for a request."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    def close(self) -> None:
        """Close all connections; requests under way fail."""
        self.close_idle()
        for connection in self._busy:
            connection.close()

    @asynccontextmanager
    async def _using(self, connection: HttpConnection) -> AsyncIterator[None]:
        self._busy.add(connection)
        try:
            yield
        finally:
            self._busy.discard(connection)
            if not connection.closed:
                connection.idle_since = asyncio.get_running_loop().time()
                self._idle.append(connection)
                if len(self._idle) > self._max_connections:
                    self._idle.pop(0).close()

    def _take(self, max_idle_seconds: float) -> HttpConnection | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.closed:
                continue
            if now - connection.idle_since <= max_idle_seconds:
                return connection
            # Those below have waited longer. For a repeatable request all of them are too old.
            self._idle.append(connection)
            if max_idle_seconds == MAX_IDLE_SECONDS:
                self.close_idle()
            return None
        return None

    async def _connect(self) -> HttpConnection:
        host, port = self._address
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: HttpConnection(self._max_response_bytes),
                host,
                port,
                ssl=self._tls,
                server_hostname=host if self._tls else None,
            )
        except OSError as error:
            raise SubgraphUnreachable("no connection") from error
        return connection
