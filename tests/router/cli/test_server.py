"""`python -m router serve` as a process: it answers, reads its file again on SIGHUP, and ends on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.testkit.asgi_server import free_port
from tests.testkit.router_server import supergraph


@contextlib.asynccontextmanager
async def router(*arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "router", "serve", *arguments),
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ask(session: aiohttp.ClientSession, port: int, query: str) -> object:
    async with asyncio.timeout(20):
        while True:
            try:
                async with session.post(f"http://127.0.0.1:{port}/graphql", json={"query": query}) as response:
                    return await response.json(content_type=None)
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def test_it_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    path, port = tmp_path / "supergraph.graphql", free_port()
    path.write_text(supergraph("http://127.0.0.1:1", "http://127.0.0.1:1"), encoding="utf-8")
    async with (
        router("--port", str(port), "--supergraph", str(path), ROUTER_SUPERGRAPH_POLL_SECONDS="3600") as process,
        aiohttp.ClientSession() as session,
    ):
        fields = '{ __type(name: "Mutation") { fields { name } } }'
        assert await ask(session, port, fields) == {"data": {"__type": {"fields": [{"name": "rename"}]}}}
        path.write_text(path.read_text(encoding="utf-8").replace("rename(", "retitle("), encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(10):
            while await ask(session, port, fields) != {"data": {"__type": {"fields": [{"name": "retitle"}]}}}:
                await asyncio.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            assert await process.wait() == 0


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"ROUTER_MAX_DEPTH": "0"}, b"ROUTER_MAX_DEPTH: Input should be greater than 0"),
        ({"ROUTER_LOG_LEVEL": "loud"}, b"ROUTER_LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'"),
        ({"ROUTER_SUBGRAPH_TIMEOUTS": '{"a":-1}'}, b"ROUTER_SUBGRAPH_TIMEOUTS_A: Input should be greater than 0"),
        (
            {"ROUTER_SUBGRAPH_URLS": "{a"},
            b'error parsing value for field "subgraph_urls" from source "EnvSettingsSource": '
            b"lists and maps are JSON in the environment (ROUTER_\xe2\x80\xa6).",
        ),
        (
            {"ROUTER_TRUSTED_DOCUMENTS": "/missing.json"},
            b"ROUTER_TRUSTED_DOCUMENTS: [Errno 2] No such file or directory: '/missing.json'",
        ),
    ],
)
async def test_a_wrong_setting_is_named(environment: dict[str, str], message: bytes) -> None:
    async with router(**environment) as process:
        _, errors = await process.communicate()
        assert (process.returncode, errors.splitlines()[0]) == (2, message)


async def test_without_a_supergraph_it_ends_at_once(tmp_path: Path) -> None:
    missing = tmp_path / "nope.graphql"
    async with router(ROUTER_SUPERGRAPH=str(missing)) as process, asyncio.timeout(20):
        _, errors = await process.communicate()
    line = f"{missing}: no such file; `python -m router compose supergraph.yaml -o {missing}` makes one\n"
    assert (process.returncode, errors.decode()) == (2, line)


async def test_subgraph_urls_that_do_not_fit_are_named(tmp_path: Path) -> None:
    path = tmp_path / "supergraph.graphql"
    path.write_text(supergraph("http://127.0.0.1:1", "http://127.0.0.1:1"), encoding="utf-8")
    urls = '{"nowhere":"http://127.0.0.1:1"}'
    async with router("--supergraph", str(path), ROUTER_SUBGRAPH_URLS=urls) as process, asyncio.timeout(20):
        _, errors = await process.communicate()
    line = "ROUTER_SUBGRAPH_URLS names subgraphs that the supergraph does not have: ['nowhere']\n"
    assert (process.returncode, errors.decode()) == (2, line)


async def test_a_port_in_use_ends_it_with_the_port_s_name(tmp_path: Path) -> None:
    path = tmp_path / "supergraph.graphql"
    path.write_text(supergraph("http://127.0.0.1:1", "http://127.0.0.1:1"), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with router("--supergraph", str(path), "--port", str(port)) as process, asyncio.timeout(20):
            _, errors = await process.communicate()
    line = f"port {port} of 127.0.0.1 is in use; choose another with --port or ROUTER_PORT\n"
    assert (process.returncode, errors.decode()) == (3, line)
