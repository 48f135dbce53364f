"""`serve` and `worker` as processes on real stores: they get ready, they stop cleanly, they fail honestly."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from tests.testkit.stores import RunningStore, free_port
from tributary.supervisor.http_probe import is_ready

START_SECONDS = 30


@contextmanager
def running(environment: Mapping[str, str], log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRIBUTARY_", "ROUTER_"))}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tributary", *arguments], env={**kept, **environment}, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=5)


@pytest.fixture
def stores(mongodb: RunningStore, redis_server: RunningStore) -> dict[str, str]:
    return {
        "MONGODB_URI": mongodb.url,
        "REDIS_URL": redis_server.url,
        "TRIBUTARY_DATABASE_PREFIX": f"test_{uuid4().hex[:12]}",
    }


async def until(condition: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    async with asyncio.timeout(START_SECONDS):
        while not condition():
            assert process.poll() is None, log.read_text()
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_served_subgraph_gets_ready_and_stops_cleanly(stores: dict[str, str], tmp_path: Path, how: signal.Signals) -> None:
    port = free_port()
    with running(stores, tmp_path / "log", "serve", "customer", "--port", str(port)) as process:
        async with asyncio.timeout(START_SECONDS):
            while not await is_ready(f"http://127.0.0.1:{port}"):
                assert process.poll() is None, (tmp_path / "log").read_text()
                await asyncio.sleep(0.05)
        process.send_signal(how)
        assert process.wait(timeout=15) == 0, (tmp_path / "log").read_text()
    assert "Traceback" not in (tmp_path / "log").read_text()


async def test_subgraph_without_its_database_fails(tmp_path: Path) -> None:
    environment = {"MONGODB_URI": "mongodb://127.0.0.1:1", "REDIS_URL": "redis://127.0.0.1:1"}
    with running(environment, tmp_path / "log", "serve", "customer", "--port", str(free_port())) as process:
        assert process.wait(timeout=40) == 3
    assert "ServerSelectionTimeoutError" in (tmp_path / "log").read_text()


@pytest.mark.usefixtures("flushed_redis")  # what other tests left there is not this worker's to handle
async def test_worker_gives_a_sign_of_life_and_stops_cleanly(stores: dict[str, str], tmp_path: Path) -> None:
    alive, log = tmp_path / "alive", tmp_path / "log"
    with running(stores, log, "worker", "customer", "--heartbeat-file", str(alive)) as process:
        await until(lambda: alive.exists() and "worker ready" in log.read_text(), process, log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0, log.read_text()
    assert "Traceback" not in log.read_text()
