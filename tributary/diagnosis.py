"""What `tributary doctor` looks at."""

import asyncio
import os
import platform
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tributary.failure import Failure
from tributary.lockfile import declared_hash, recorded_hash
from tributary.services import HTTP_SERVICES, SUBGRAPHS, Service, worker_name
from tributary.supervisor import preflight
from tributary.supervisor.data_folder import is_in_use
from tributary.supervisor.embedded import mongodb_program, redis_program
from tributary.supervisor.environment import user_environment
from tributary.supervisor.http_probe import is_ready
from tributary.supervisor.log_file import log_path
from tributary.supervisor.ports import busy_ports
from tributary.supervisor.secrets import read_secrets
from tributary.supervisor.state import ProcessState, read_states
from tributary.supervisor.store_probe import mongodb_version, redis_version

__all__ = ["Finding", "diagnose"]

SHOWN_PACKAGES = ("tributary", "strawberry-graphql", "graphql-core", "beanie", "pymongo", "redis", "authlib", "uvicorn")

# More than what an upgrade or a kill by the system leaves behind: something keeps failing.
MANY_RESTARTS = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `remedy` is empty when it is well."""

    what: str
    found: str
    well: bool = True
    remedy: str = ""


async def diagnose(data: Path, port_offset: int = 0) -> list[Finding]:
    """Return every finding, in the order things depend on each other."""
    recorded = read_states(data)
    states = recorded if is_in_use(data) else {}
    findings = [
        _checked("python", platform.python_version(), preflight.check_python),
        _checked("packages", _versions(), preflight.check_wheels),
        _checked("code", "five subgraphs, supergraph", preflight.check_code),
        _lock(),
        _data_folder(data),
        _checked("secrets", "private", lambda: read_secrets(data)),
    ]
    if recorded and not states:
        findings.append(Finding("system", "not running; the last run ended without clean-up", False, "run `tributary up`"))
    findings += [finding async for finding in _stores(data, user_environment(), states)]
    findings += await asyncio.gather(*(_service(data, each, states, port_offset) for each in HTTP_SERVICES))
    workers = (worker_name(name) for name in SUBGRAPHS)
    return findings + [_worker(data, name, states[name]) for name in workers if name in states]


def _checked(what: str, found: str, check: Callable[[], object]) -> Finding:
    try:
        check()
    except Failure as failure:
        return Finding(what, failure.problem, False, failure.remedy)
    return Finding(what, found)


def _versions() -> str:
    found = []
    for name in SHOWN_PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def _lock() -> Finding:
    project, lock = Path("pyproject.toml"), Path("requirements.lock")
    if not project.is_file():
        return Finding("lock file", "not in the project's folder: not looked at")
    fresh = recorded_hash(lock) == declared_hash(project)
    return Finding("lock file", "fresh" if fresh else "stale", fresh, "" if fresh else "run `make lock`")


def _data_folder(data: Path) -> Finding:
    place = next(path for path in (data.resolve(), *data.resolve().parents) if path.exists())
    well = os.access(place, os.W_OK)
    return Finding("data folder", str(data.resolve()), well, "" if well else "choose another with --data-dir, or make it yours")


async def _stores(data: Path, user: Mapping[str, str], states: Mapping[str, ProcessState]) -> AsyncIterator[Finding]:
    for name, variable, ask, program in (
        ("mongodb", "MONGODB_URI", mongodb_version, mongodb_program),
        ("redis", "REDIS_URL", redis_version, redis_program),
    ):
        state = states.get(name)
        url = user.get(variable) or (state.url if state is not None and state.pid is not None else None)
        if url is None:
            yield _checked(name, "embedded, not running", program)
            continue
        found = await ask(url)
        kind = variable if variable in user else "embedded"
        remedy = "" if found else f"start it, or correct {variable}" if variable in user else f"see {log_path(data, name)}"
        yield Finding(name, f"{kind}, {f'version {found}' if found else 'does not answer'}", found is not None, remedy)


async def _service(data: Path, service: Service, states: Mapping[str, ProcessState], port_offset: int) -> Finding:
    state, port = states.get(service.name), service.port + port_offset
    if state is not None and state.pid is not None and state.url:
        ready = await is_ready(state.url)
        return Finding(
            service.name,
            f"{state.url} {'ready' if ready else 'not ready'}",
            ready,
            "" if ready else f"see {log_path(data, service.name)}",
        )
    if not busy_ports([port]):
        return Finding(service.name, f"not running, port {port} is free")
    ready = await is_ready(service.url(port_offset))
    remedy = "" if ready else "stop what listens there, or use --port-offset"
    return Finding(service.name, f"port {port} is {'served' if ready else 'taken by something else'}", ready, remedy)


def _worker(data: Path, name: str, state: ProcessState) -> Finding:
    """Tell of a worker what its supervisor has recorded: it has no port to ask at."""
    running = state.pid is not None and state.ready
    often = state.restarts >= MANY_RESTARTS
    found = "ready" if running else "not running" if state.pid is None else "not ready"
    if state.restarts:
        found += f", was restarted {state.restarts} time{'s' if state.restarts > 1 else ''}"
    well = running and not often
    return Finding(name, found, well, "" if well else f"see {log_path(data, name)}")
