"""The whole system for tests: the real `tributary up`, on embedded stores, in a folder and on ports of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp

from tests.testkit.stores import free_port
from tributary.oauth import fetch_token
from tributary.services import HTTP_SERVICES, ROUTER, SUBGRAPHS
from tributary.supervisor.ports import busy_ports
from tributary.supervisor.secrets import CLIENT_ID, CLIENT_SECRET, read_secrets
from tributary.supervisor.state import ProcessState, read_states

__all__ = ["OAuthLogin", "RunningSystem", "free_offset", "run_system"]

START_SECONDS = 150
STOP_SECONDS = 60
REQUEST_SECONDS = 30
OAuthLogin = tuple[str, str]
"""A client id and its secret."""


class RunningSystem:
    """A system that runs. Processes are named as in processes.json: `invoice`, `invoice-worker`, `router`, `redis` …"""

    def __init__(self, data: Path, port_offset: int, process: subprocess.Popen[bytes]) -> None:
        self.data, self.port_offset, self.process = data, port_offset, process

    @property
    def graphql_url(self) -> str:
        """The router's endpoint."""
        return f"{ROUTER.url(self.port_offset)}/graphql"

    @property
    def issuer(self) -> str:
        """The authorization server."""
        return self.service_url("auth")

    @property
    def operator(self) -> OAuthLogin:
        """The first client, made with the system."""
        secrets = read_secrets(self.data)
        return secrets[CLIENT_ID], secrets[CLIENT_SECRET]

    def service_url(self, subgraph: str) -> str:
        """Return a subgraph's base URL."""
        return SUBGRAPHS[subgraph].url(self.port_offset)

    async def token(self, scope: str | None = None, client: OAuthLogin | None = None) -> str:
        """Return an access token, by default of the operator's client with all its scopes."""
        return await fetch_token(self.issuer, *(client or self.operator), scope)

    async def graphql(
        self, query: str, variables: dict[str, Any] | None = None, *, token: str | None = None, url: str | None = None
    ) -> dict[str, Any]:
        """Return the answer to an operation, `data` and `errors`, from the router or from another endpoint."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS)) as session,
            session.post(
                url or self.graphql_url, json={"query": query, "variables": variables or {}}, headers=headers
            ) as response,
        ):
            answer: dict[str, Any] = await response.json(content_type=None)
            return answer

    def state(self, name: str) -> ProcessState:
        """Return what the supervisor knows of a process."""
        return read_states(self.data)[name]

    def pid(self, name: str) -> int:
        """Return a running process's id."""
        pid = self.state(name).pid
        assert pid is not None, f"{name} does not run"
        return pid

    def names(self) -> list[str]:
        """Return the names of all processes that run."""
        return [name for name, state in read_states(self.data).items() if state.pid is not None]

    async def gone(self) -> None:
        """Wait until nothing listens on the system's ports any more."""
        ports = [service.port + self.port_offset for service in HTTP_SERVICES]
        await self._until(lambda: not busy_ports(ports), f"something still listens on {busy_ports(ports)}")

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Signal a process; the supervisor starts it again unless it is held."""
        os.kill(self.pid(name), how)

    async def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """Take a process away until `start`."""
        self._hold(name).parent.mkdir(exist_ok=True)
        self._hold(name).touch()
        pid = self.pid(name)
        os.kill(pid, how)
        await self._until(lambda: self.state(name).pid != pid, f"{name} did not stop")

    async def start(self, name: str) -> None:
        """Bring a stopped process back and wait until it is ready."""
        self._hold(name).unlink(missing_ok=True)
        await self._until(lambda: self.state(name).ready, f"{name} did not get ready again")

    @contextlib.asynccontextmanager
    async def held(self, name: str, how: signal.Signals = signal.SIGTERM) -> AsyncIterator[None]:
        """Take a process away while the context is open."""
        await self.stop(name, how)
        try:
            yield
        finally:
            await self.start(name)

    def logs(self, name: str) -> str:
        """Return what a process wrote."""
        return (self.data / "logs" / f"{name}.log").read_text()

    def _hold(self, name: str) -> Path:
        return self.data / "hold" / name

    async def _until(self, condition: Any, otherwise: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(otherwise)
            await asyncio.sleep(0.05)


@contextlib.contextmanager
def run_system(data: Path, *, seed: bool = False, port_offset: int | None = None) -> Iterator[RunningSystem]:
    """Run a system while the context is open. Give the same folder again to see what survived."""
    data.mkdir(parents=True, exist_ok=True)
    offset = free_offset() if port_offset is None else port_offset
    command = [sys.executable, "-m", "tributary", "up", "--data-dir", str(data), "--port-offset", str(offset)]
    output = data / "up.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--seed" if seed else "--no-seed"],
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,
        )
    try:
        _wait_until_up(process, output)
        yield RunningSystem(data, offset, process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=STOP_SECONDS)
            raise AssertionError(f"the system did not stop:\n{output.read_text()[-3000:]}") from None


def _wait_until_up(process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "Tributary runs." not in (said := output.read_text()):
        if process.poll() is not None:
            raise AssertionError(f"the system did not start (status {process.returncode}):\n{said[-3000:]}")
        if time.monotonic() > deadline:
            raise AssertionError(f"the system did not start in time:\n{said[-3000:]}")
        time.sleep(0.1)


def _environment() -> dict[str, str]:
    """Leave out what the developer has set for a system of his own; empty hides what is in `.env`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRIBUTARY_", "ROUTER_"))}
    return {**kept, "MONGODB_URI": "", "REDIS_URL": ""}


def free_offset() -> int:
    """Return an offset that moves every service to a free port, below the range the kernel hands out."""
    for _ in range(100):
        offset = 4000 + free_port() % 20_000
        if not busy_ports(service.port + offset for service in HTTP_SERVICES):
            return offset
    raise RuntimeError("no free ports")
