"""The router's HTTP client beside aiohttp's: `python -m tests.benchmarks.gateway_http_clients`.

Each sends the same POST to a server on the other core, which answers from memory.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import orjson
import uvloop

from router.execute.transport import HttpTransport, SubgraphRequest
from tests.benchmarks.gateway_contestants import running
from tests.testkit.asgi_server import free_port

__all__ = ["main"]

Send = Callable[[], Awaitable[bytes]]
SECONDS = 3.0
ROW = "{:<10} {:>10} {:>12} {:>10} {:>12}"


def main() -> None:
    """Print requests per second and processor time per request."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0]})
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.json"
        users = [{"id": str(number), "name": "x" * 500, "username": "u", "birthday": 1} for number in range(100)]
        data.write_bytes(orjson.dumps({"users": users, "products": [], "inventory": [], "reviews": []}))
        command = [sys.executable, "-m", "tests.benchmarks.gateway_subgraphs", str(data), str(port)]
        with running(command, f"http://127.0.0.1:{port}/calls", {}, core=cores[-1], log=Path(folder) / "server.log"):
            print(ROW.format("client", "answer", "connections", "req/s", "CPU µs/req"))
            for query in ('{user(id:"1"){name}}', "{users{name}}"):
                for connections in (1, 32):
                    for name, measure in (("router", _router), ("aiohttp", _aiohttp)):
                        size, rate, processor = uvloop.run(measure(f"http://127.0.0.1:{port}/accounts", query, connections))
                        print(ROW.format(name, f"{size} B", connections, f"{rate:.0f}", f"{processor:.0f}"), flush=True)


async def _router(url: str, query: str, connections: int) -> tuple[int, float, float]:
    transport = HttpTransport(timeout_seconds=15, max_response_bytes=1_000_000)
    request = SubgraphRequest("accounts", url, orjson.dumps({"query": query}), {"authorization": "Bearer x"})

    async def send() -> bytes:
        return (await transport.send(request)).body

    try:
        return await _measured(send, connections)
    finally:
        await transport.close()


async def _aiohttp(url: str, query: str, connections: int) -> tuple[int, float, float]:
    body = orjson.dumps({"query": query})
    headers = {"authorization": "Bearer x", "content-type": "application/json"}
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=100),
        timeout=aiohttp.ClientTimeout(total=15),
    ) as session:

        async def send() -> bytes:
            async with session.post(url, data=body, headers=headers) as response:
                return await response.read()

        return await _measured(send, connections)


async def _measured(send: Send, connections: int) -> tuple[int, float, float]:
    """Return the answer's size, requests per second, and microseconds of processor time per request."""
    size = len(await send())
    sent = 0
    ends = time.perf_counter() + SECONDS

    async def client() -> None:
        nonlocal sent
        while time.perf_counter() < ends:
            await send()
            sent += 1

    started, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(client() for _ in range(connections)))
    return size, sent / (time.perf_counter() - started), (time.process_time() - used) / sent * 1e6


if __name__ == "__main__":
    main()
