"""A local system from start to stop: stores, processes, demo data."""

import asyncio
import contextlib
import hashlib
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tributary.failure import Failure
from tributary.supervisor import preflight, shim
from tributary.supervisor.embedded import mongodb_spec, redis_spec
from tributary.supervisor.environment import process_environment, user_environment
from tributary.supervisor.secrets import ensure_secrets
from tributary.supervisor.specs import system_specs
from tributary.supervisor.store_probe import mongodb_answers, redis_answers
from tributary.supervisor.supervisor import Supervisor

__all__ = ["Display", "SystemOptions", "running_system"]

STORE_SECONDS = 60.0
SERVICE_SECONDS = 120.0
SEEDED = "seeded"
NAMED_STORE_REMEDY = "start it, correct the setting, or unset it to use the embedded one"


class Display(Protocol):
    """Shows what goes on."""

    def starting(self, title: str, names: Sequence[str]) -> None:
        """These are being started."""

    def ready(self, name: str) -> None:
        """One of them is ready."""

    def pause(self) -> None:
        """Something else writes to the terminal."""

    def report(self, line: str) -> None:
        """Something happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemOptions:
    """`data` is locked and absolute."""

    data: Path
    seed: bool = True
    port_offset: int = 0


@asynccontextmanager
async def running_system(options: SystemOptions, display: Display) -> AsyncIterator[None]:
    """Bring a system up, and stop it at the end, whatever happened.

    Raises:
        Failure: something is missing, or does not start.
    """
    user = user_environment()
    preflight.check_wheels()
    preflight.check_code()
    preflight.check_programs(user)
    preflight.check_ports(options.data, options.port_offset)
    secrets = ensure_secrets(options.data)
    _release(options.data, display)
    supervisor = Supervisor(options.data, display.report)
    try:
        mongodb_uri, redis_url = await _stores(user, options.data, supervisor, display)
        environment = process_environment(
            user, mongodb_uri=mongodb_uri, redis_url=redis_url, secrets=secrets, port_offset=options.port_offset
        )
        specs = system_specs(environment, options.port_offset)
        display.starting("services", [spec.name for spec in specs])
        await supervisor.start(specs, SERVICE_SECONDS, display.ready)
        if options.seed:
            await _seed(options, environment, display)
        yield
    finally:
        display.pause()
        await supervisor.stop(lambda names: display.report(f"stopping {names}"))


def _release(data: Path, display: Display) -> None:
    """Forget what an earlier run was told to hold: a system starts whole."""
    for held in (data / "hold").glob("*"):
        held.unlink()
        display.report(f"{held.name} is not held any more")


async def _stores(user: Mapping[str, str], data: Path, supervisor: Supervisor, display: Display) -> tuple[str, str]:
    """Start the stores nobody named, and make sure that the named ones answer."""
    mongodb_uri, redis_url = user.get("MONGODB_URI"), user.get("REDIS_URL")
    # The values may hold passwords: they are in no message.
    if mongodb_uri and not await mongodb_answers(mongodb_uri):
        raise Failure("no MongoDB answers at MONGODB_URI", NAMED_STORE_REMEDY, 3)
    if redis_url and not await redis_answers(redis_url):
        raise Failure("no Redis answers at REDIS_URL", NAMED_STORE_REMEDY, 3)
    mongodb = None if mongodb_uri else mongodb_spec(data)
    redis = None if redis_url else redis_spec(data)
    specs = [spec for spec in (mongodb, redis) if spec is not None]
    if specs:
        display.starting("stores", [spec.name for spec in specs])
        await supervisor.start(specs, STORE_SECONDS, display.ready)
    return mongodb_uri or str(mongodb and mongodb.url), redis_url or str(redis and redis.url)


async def _seed(options: SystemOptions, environment: Mapping[str, str], display: Display) -> None:
    """Load the demo data once per database, in a process of its own: the supervisor stays responsive."""
    marker, database = options.data / SEEDED, _database(environment)
    if marker.exists() and marker.read_text("utf-8") == database:
        return
    display.pause()
    display.report("loading the demo data, once: a few minutes")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(Path(shim.__file__)), str(os.getpid())),
        *(sys.executable, "-m", "tributary", "seed", "--data-dir", str(options.data)),
        stdin=asyncio.subprocess.DEVNULL,
        env=dict(environment),
        start_new_session=True,
    )
    try:
        status = await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
    if status != 0:
        raise Failure(f"the demo data could not be loaded (status {status})", "see above, or start with --no-seed", 3)
    marker.write_text(database, "utf-8")


def _database(environment: Mapping[str, str]) -> str:
    """Return what tells one database from another, without its password: the embedded one has another port at each start."""
    uri = user_environment().get("MONGODB_URI")
    prefix = environment.get("TRIBUTARY_DATABASE_PREFIX", "")
    return f"embedded {prefix}\n" if uri is None else f"{hashlib.sha256(f'{uri} {prefix}'.encode()).hexdigest()}\n"
