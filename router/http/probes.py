"""Liveness, readiness and metrics, for whoever runs the router."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import orjson

from router.http.response import send_response
from router.telemetry.metrics import Metrics

__all__ = ["Probes"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = b"application/json"
# A burst of readiness probes asks the subgraphs once.
REMEMBER_SECONDS = 1.0


class Probes:
    """`/healthz`: the process answers. `/readyz`: requests are to be sent here, and which subgraphs are reachable.

    A subgraph that is away leaves the router ready: what the others know is answered, and by no other router better.
    `subgraphs` returns name → URL of the loaded supergraph, or None before there is one; `reachable` tells
    whether one URL answers, in bounded time; `stopping` whether the router takes leave.
    """

    def __init__(
        self,
        *,
        subgraphs: Callable[[], Mapping[str, str] | None],
        reachable: Callable[[str], Awaitable[bool]],
        stopping: Callable[[], bool],
        metrics: Metrics,
    ) -> None:
        self._subgraphs = subgraphs
        self._reachable = reachable
        self._stopping = stopping
        self._metrics = metrics
        self._checked_at = float("-inf")
        self._last: tuple[int, bytes] = (503, b"{}")
        self._checking = asyncio.Lock()

    async def health(self, send: Send) -> None:
        """Answer that the process lives."""
        await send_response(send, 200, JSON, b'{"status":"ok"}', [])

    async def ready(self, send: Send) -> None:
        """Answer whether requests can be served (200) or not (503), and why."""
        async with self._checking:
            if time.monotonic() - self._checked_at > REMEMBER_SECONDS:
                self._last = await self._check()
                self._checked_at = time.monotonic()
        status, body = self._last
        if self._stopping():
            status, body = 503, orjson.dumps({"status": "stopping"})
        await send_response(send, status, JSON, body, [(b"cache-control", b"no-store")])

    async def metrics(self, send: Send) -> None:
        """Answer all metrics in the Prometheus text format."""
        body = self._metrics.render()
        await send_response(send, 200, b"text/plain; version=0.0.4; charset=utf-8", body, [])

    async def _check(self) -> tuple[int, bytes]:
        subgraphs = self._subgraphs()
        if subgraphs is None:
            return 503, orjson.dumps({"status": "unavailable", "supergraph": "not loaded"})
        reached = await asyncio.gather(*(self._reachable(url) for url in subgraphs.values()))
        states = {name: "ok" if ok else "unreachable" for name, ok in zip(subgraphs, reached, strict=True)}
        text = "ok" if all(reached) else "degraded"
        return 200, orjson.dumps({"status": text, "supergraph": "loaded", "subgraphs": states})
