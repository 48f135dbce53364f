"""A closed-loop HTTP/1.1 load generator: each connection sends its next request when the answer to the last is there."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import httptools
import uvloop

__all__ = ["Load", "run_load"]


@dataclass
class Load:
    """What a run measured; latencies in seconds, in order of completion."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    # Answers whose data is not what was expected.
    wrong: int = 0

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency that `share` of the requests did not exceed, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def run_load(
    port: int, path: str, body: bytes, expected: Any, *, connections: int, seconds: float, token: str | None = None
) -> Load:
    """Send `body` for so long over so many connections; `expected` is the answer's `data`, compared in every answer."""
    return uvloop.run(_run(port, path, body, expected, connections, seconds, token))


async def _run(port: int, path: str, body: bytes, expected: Any, connections: int, seconds: float, token: str | None) -> Load:
    authorization = f"authorization: Bearer {token}\r\n" if token else ""
    request = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n{authorization}"
        f"accept: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body
    load, correct = Load(), set[bytes]()
    loop = asyncio.get_running_loop()
    clients = [
        (await loop.create_connection(lambda: _Client(request, load, expected, correct), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    started = time.perf_counter()
    for client in clients:
        client.send()
    await asyncio.sleep(seconds)
    for client in clients:
        client.stopping = True
    await asyncio.wait_for(asyncio.gather(*(client.idle.wait() for client in clients)), 60)
    load.seconds = time.perf_counter() - started
    for client in clients:
        client.transport.close()
    return load


class _Client(asyncio.Protocol):
    def __init__(self, request: bytes, load: Load, expected: Any, correct: set[bytes]) -> None:
        self._request = request
        self._load = load
        self._expected = expected
        self._correct = correct
        self.stopping = False
        self.idle = asyncio.Event()
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.idle.is_set():
            self._load.wrong += 1
            self.idle.set()

    def send(self) -> None:
        self._parts: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)
        self._sent = time.perf_counter()
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)

    def on_message_complete(self) -> None:
        self._load.latencies.append(time.perf_counter() - self._sent)
        body = b"".join(self._parts)
        # Equal bytes are compared once.
        if body not in self._correct:
            if json.loads(body).get("data") == self._expected:
                if len(self._correct) < 100:
                    self._correct.add(body)
            else:
                self._load.wrong += 1
        if self.stopping:
            self.idle.set()
        else:
            self.send()
