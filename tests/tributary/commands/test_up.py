"""`tributary up` as a process: real supervisor and embedded stores, with small stand-ins for subgraphs and router."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.testkit.stores import RunningStore
from tests.testkit.system import RunningSystem, free_offset
from tests.tributary.supervisor.test_supervisor import alive
from tributary.demo_clients import local_client
from tributary.services import SUBGRAPHS, worker_name
from tributary.supervisor.http_probe import is_ready
from tributary.supervisor.secrets import read_secrets
from tributary.supervisor.state import ProcessState, read_states
from tributary.supervisor.store_probe import redis_answers

ROOT = Path(__file__).parents[3]
APP = """
    import os
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route
    async def ready(_):
        return JSONResponse({"mongodb": os.environ["MONGODB_URI"], "secret": "TRIBUTARY_BOOTSTRAP_CLIENT_SECRET" in os.environ})
    def create_app(settings=None):
        return Starlette(routes=[Route("/readyz", ready)])
"""
WORKER = """
    async def main(stop):
        print("worker ready", flush=True)
        await stop.wait()
"""
SERVER = """
    import uvicorn
    from stand_in import create_app
    def make_server(settings):
        return uvicorn.Server(uvicorn.Config(create_app(), host=settings.host, port=settings.port, log_config=None))
"""
SEED = """
    from dataclasses import dataclass
    from tributary.demo_clients import DemoClient, write_demo_clients
    @dataclass(frozen=True)
    class DemoResult:
        tenants: int
        customers: int
    async def seed_demo(settings, data, on_progress, tenants):
        assert settings.mongodb_uri.get_secret_value().startswith("mongodb://127.0.0.1:")
        on_progress("customers", 6, 7)
        on_progress("customers", 7, 7)
        write_demo_clients(data, [DemoClient("acme", "a", "s3cret")])
        return DemoResult(tenants=3, customers=7)
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder in which the real command line finds stand-ins for everything it runs."""
    folder = tmp_path_factory.mktemp("program")
    files = {"stand_in.py": APP, "router/cli/server.py": SERVER, "schema/supergraph.graphql": "", "tributary/seed/demo.py": SEED}
    for name in SUBGRAPHS:
        files |= {f"subgraphs/{name}/app.py": "from stand_in import create_app", f"subgraphs/{name}/worker.py": WORKER}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(textwrap.dedent(text))
    # What is not a stand-in is the real thing.
    packages = ("tributary", "tributary/seed", "router", "router/cli", "subgraphs", *(f"subgraphs/{name}" for name in SUBGRAPHS))
    for package in packages:
        for real in (ROOT / package).iterdir():
            if not (folder / package / real.name).exists() and real.name != "__pycache__":
                (folder / package / real.name).symlink_to(real)
    return folder


EMBEDDED = {"MONGODB_URI": "", "REDIS_URL": ""}


class Up:
    """A running `tributary up`."""

    def __init__(
        self,
        program: Path,
        data: Path,
        *options: str,
        offset: int | None = None,
        output: Path | None = None,
        environment: Mapping[str, str] = EMBEDDED,
    ) -> None:
        self.data, self.offset = data, free_offset() if offset is None else offset
        self.output = output or data.parent / "output"
        foreign = ("TRIBUTARY_", "ROUTER_", "MONGODB_URI", "REDIS_URL")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        with self.output.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tributary", "up", "--data-dir", str(data), "--port-offset", str(self.offset), *options],
                cwd=program,
                env={**kept, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text()

    def until_up(self) -> dict[str, ProcessState]:
        deadline = time.monotonic() + 60
        while "Tributary runs." not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        return read_states(self.data)


@contextmanager
def up(
    program: Path, data: Path, *options: str, offset: int | None = None, environment: Mapping[str, str] = EMBEDDED
) -> Iterator[Up]:
    running = Up(program, data, *options, offset=offset, environment=environment)
    try:
        yield running
    finally:
        running.process.terminate()
        running.process.wait(timeout=40)


def test_up_runs_everything_alone_and_leaves_nothing(program: Path, tmp_path: Path) -> None:
    with up(program, tmp_path / "data") as running:
        states = running.until_up()
        assert set(states) == {"mongodb", "redis", "router", *SUBGRAPHS, *(worker_name(name) for name in SUBGRAPHS)}
        assert all(state.ready for state in states.values())
        said = running.said()
        order = [
            "loading the demo data, once: a few minutes\n",
            "\ncustomers: 7 done\n",
            "\ndemo data: 3 tenants, 7 customers\n",
        ]
        assert [said.count(line) for line in order] == [1, 1, 1]
        assert sorted(order, key=said.index) == order
        assert ["client", "secret", "s3cret"] in [line.split() for line in said.splitlines()]
        assert local_client(tmp_path / "data", "operator").client_id == "operator"
        assert f"http://127.0.0.1:{3000 + running.offset}/graphql" in said

        (tmp_path / "other").mkdir()
        same_folder = Up(program, tmp_path / "data", output=tmp_path / "same_folder")
        same_ports = Up(program, tmp_path / "other" / "data", offset=running.offset, output=tmp_path / "same_ports")
        assert same_folder.process.wait(timeout=20) == same_ports.process.wait(timeout=20) == 2
        assert same_folder.said().startswith("error: a system runs on")
        assert same_ports.said().startswith(f"error: ports in use: {3000 + running.offset} (router)")
        assert same_folder.said().count("\n") == same_ports.said().count("\n") == 1

        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=40) == 0
    assert [name for name, state in states.items() if state.pid and alive(state.pid)] == []
    assert read_states(tmp_path / "data") == {}


async def test_killed_up_leaves_nobody_and_starts_again_as_it_was(program: Path, tmp_path: Path) -> None:
    with up(program, tmp_path / "data") as running:
        states = running.until_up()
        secrets = read_secrets(tmp_path / "data")
        (tmp_path / "data" / "hold").mkdir()
        (tmp_path / "data" / "hold" / "plan").touch()
        running.process.kill()
        running.process.wait(timeout=5)
        async with asyncio.timeout(20):
            while any(state.pid and alive(state.pid) for state in states.values()):
                await asyncio.sleep(0.05)
    with up(program, tmp_path / "data", offset=running.offset) as again:
        again.until_up()
        assert await is_ready(f"http://127.0.0.1:{3000 + again.offset}")
        assert read_secrets(tmp_path / "data") == secrets
        assert "demo data" not in again.said()
        assert "plan is not held any more" in again.said()
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(timeout=40) == 0


async def test_store_taken_away_comes_back_where_it_was(program: Path, tmp_path: Path) -> None:
    with up(program, tmp_path / "data", "--no-seed") as running:
        redis_url = str(running.until_up()["redis"].url)
        system = RunningSystem(tmp_path / "data", running.offset, running.process)
        client: Redis = Redis.from_url(redis_url)
        await client.set("kept", "yes")
        await client.config_set("appendfsync", "always")
        await client.set("kept", "still")
        await client.aclose()
        async with system.held("redis", signal.SIGKILL):
            assert not await redis_answers(redis_url)
            assert system.state("router").ready
        async with Redis.from_url(redis_url) as client:
            assert await client.get("kept") == b"still"
        pid = system.pid("invoice-worker")
        system.kill("invoice-worker")
        async with asyncio.timeout(20):
            while not (state := system.state("invoice-worker")).ready or state.pid == pid:
                await asyncio.sleep(0.05)
        assert state.restarts == 1
        assert "invoice-worker was ended by SIGKILL; starting it again in 0.5 s" in running.said()


def test_named_stores_are_used_and_none_is_embedded(
    program: Path, tmp_path: Path, mongodb: RunningStore, redis_server: RunningStore
) -> None:
    dotenv = program / ".env"
    dotenv.write_text(f"MONGODB_URI={mongodb.url}\nREDIS_URL={redis_server.url}\n")
    try:
        with up(program, tmp_path / "data", environment={}) as running:
            states = running.until_up()
            assert not {"mongodb", "redis"} & set(states)
            with urllib.request.urlopen(f"{states['customer'].url}/readyz") as answer:
                assert json.load(answer) == {"mongodb": mongodb.url, "secret": False}
            with urllib.request.urlopen(f"{states['auth'].url}/readyz") as answer:
                assert json.load(answer) == {"mongodb": mongodb.url, "secret": True}
    finally:
        dotenv.unlink()


def test_named_store_that_does_not_answer_is_one_line_without_its_password(program: Path, tmp_path: Path) -> None:
    environment = {"MONGODB_URI": "mongodb://user:hunter2@127.0.0.1:1", "REDIS_URL": ""}
    with up(program, tmp_path / "data", environment=environment) as running:
        assert running.process.wait(timeout=20) == 3
        assert running.said().startswith("error: no MongoDB answers at MONGODB_URI → start it")
        assert running.said().count("\n") == 1


def test_interrupt_while_starting_stops_what_started(program: Path, tmp_path: Path) -> None:
    with up(program, tmp_path / "data", "--no-seed") as running:
        deadline = time.monotonic() + 20
        while "redis" not in (states := read_states(tmp_path / "data")) or states["redis"].pid is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=40) == 130
    assert [name for name, state in states.items() if state.pid and alive(state.pid)] == []
