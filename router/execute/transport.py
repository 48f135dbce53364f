"""How requests reach subgraphs: what the executor needs of a transport, and the transport over HTTP."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from router.execute.content_decoding import decoded
from router.execute.failures import SubgraphTimeout, SubgraphUnreachable
from router.execute.http_pool import ConnectionPool
from router.execute.http_target import HttpTarget

__all__ = ["HttpTransport", "SubgraphRequest", "SubgraphResponse", "SubgraphTransport"]


@dataclass(frozen=True, slots=True)
class SubgraphRequest:
    """A GraphQL request: a POST of a JSON body."""

    subgraph: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    # Safe to send again when a kept-alive connection turns out to be closed: true of queries only.
    repeatable: bool = True
    # Seconds the answer may take, where the caller has less time than the transport gives.
    timeout_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class SubgraphResponse:
    """The HTTP answer, its content decoded."""

    status: int
    body: bytes
    content_type: str = "application/json"


class SubgraphTransport(Protocol):
    """Sends requests to subgraphs; cancelling `send` abandons the request."""

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """Return the subgraph's answer.

        Raises:
            SubgraphFailure: there is no complete answer.
        """
        ...


class HttpTransport:
    """Sends requests over HTTP/1.1, with a pool of kept-alive connections per server.

    Redirects are not followed: the credentials of the client would go to wherever a subgraph points.
    """

    def __init__(
        self,
        *,
        timeout_seconds: float,
        max_response_bytes: int,
        timeouts: Mapping[str, float] | None = None,
        max_connections_per_host: int = 100,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`timeouts` are for subgraphs, by name, that have other limits than `timeout_seconds`."""
        self._timeout_seconds = timeout_seconds
        self._timeouts = dict(timeouts or {})
        self._max_response_bytes = max_response_bytes
        self._max_connections = max_connections_per_host
        self._tls = tls
        # By URL; as many as the supergraphs served so far have subgraphs.
        self._targets: dict[str, HttpTarget] = {}
        self._pools: dict[tuple[str, str, int], ConnectionPool] = {}

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """See `SubgraphTransport`."""
        target = self._targets.get(request.url) or self._target(request.url)
        seconds = self._timeouts.get(request.subgraph, self._timeout_seconds)
        early = request.timeout_seconds is not None and request.timeout_seconds < seconds
        if request.timeout_seconds is not None and early:
            seconds = request.timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                answer = await target.pool.exchange(target.message(request.headers, request.body), repeatable=request.repeatable)
        except TimeoutError as error:
            raise SubgraphTimeout("no answer in time", early=early) from error
        body = decoded(answer.body, answer.content_encoding, self._max_response_bytes)
        return SubgraphResponse(answer.status, body, answer.content_type)

    async def close(self) -> None:
        """Close all connections; requests under way fail."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        self._targets.clear()
        # Transports report their end in the loop's next turn.
        await asyncio.sleep(0)

    def _target(self, url: str) -> HttpTarget:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in {"http", "https"} or not parts.hostname or port == -1 or not url.isascii():
            raise SubgraphUnreachable("the subgraph's URL is not an HTTP URL")
        secure = parts.scheme == "https"
        address = (parts.scheme, parts.hostname, port or (443 if secure else 80))
        pool = self._pools.get(address)
        if pool is None:
            tls = (self._tls or ssl.create_default_context()) if secure else None
            pool = self._pools[address] = ConnectionPool(
                address[1],
                address[2],
                tls=tls,
                max_connections=self._max_connections,
                max_response_bytes=self._max_response_bytes,
            )
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        target = self._targets[url] = HttpTarget(pool, path, parts.netloc.rpartition("@")[2])
        return target
