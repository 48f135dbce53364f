"""What must hold before anything starts; each failure is one line that names its remedy."""

import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

from tributary.failure import Failure
from tributary.options import subgraph_module
from tributary.services import HTTP_SERVICES, SUBGRAPHS
from tributary.supervisor.embedded import mongodb_program, redis_program
from tributary.supervisor.environment import supergraph_file
from tributary.supervisor.ports import busy_ports
from tributary.supervisor.state import read_states

__all__ = ["WHEELS", "check_code", "check_ports", "check_programs", "check_python", "check_wheels"]

WHEELS = (
    *("aiohttp", "authlib", "beanie", "cryptography", "faker", "graphql", "httptools", "joserfc", "msgspec", "orjson"),
    *("pydantic_settings", "pymongo", "redis", "rich", "starlette", "strawberry", "structlog", "uvicorn", "yaml"),
)


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> None:
    """Refuse a Python that is too old."""
    if version < (3, 11):
        raise Failure(f"Python {version[0]}.{version[1]} is too old", "install Python 3.11 or newer, `make clean install`")


def check_wheels(wheels: Iterable[str] = WHEELS) -> None:
    """Refuse an incomplete installation."""
    missing = [wheel for wheel in wheels if find_spec(wheel) is None]
    if missing:
        raise Failure(f"missing packages: {', '.join(missing)}", "run `make install`")


def check_code() -> None:
    """Refuse when a subgraph or the supergraph is not there."""
    for name in SUBGRAPHS:
        for module in ("app", "worker"):
            subgraph_module(name, module)
    if not supergraph_file().is_file():
        raise Failure(f"there is no {supergraph_file()}", "run `make compose`")


def check_programs(user: Mapping[str, str]) -> None:
    """Refuse when a store is to be embedded and its program is not there."""
    if "MONGODB_URI" not in user:
        mongodb_program()
    if "REDIS_URL" not in user:
        redis_program()


def check_ports(data: Path, port_offset: int = 0) -> None:
    """Refuse when a service's port is taken."""
    ports = {service.port + port_offset: service.name for service in HTTP_SERVICES}
    if max(ports) > 65535:
        raise Failure(f"--port-offset {port_offset} leads to port {max(ports)}", "choose one up to 62000")
    busy = busy_ports(ports)
    if not busy:
        return
    listed = ", ".join(f"{port} ({ports[port]})" for port in busy)
    left = [str(state.pid) for name, state in read_states(data).items() if name in {ports[port] for port in busy} and state.pid]
    hint = f"; perhaps left over from an earlier run: processes {', '.join(left)}" if left else ""
    raise Failure(f"ports in use: {listed}{hint}", "stop what listens there, or choose others with --port-offset 100")
