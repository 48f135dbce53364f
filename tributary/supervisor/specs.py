"""The specs of a system's own processes: five subgraphs, their workers, the router."""

import sys
from collections.abc import Mapping
from pathlib import Path

from tributary.services import ROUTER, SUBGRAPHS, Service, worker_name
from tributary.supervisor.http_probe import is_ready
from tributary.supervisor.process import ProcessSpec
from tributary.supervisor.secrets import CLIENT_ID, CLIENT_SECRET, ENCRYPTION_SECRET

__all__ = ["system_specs"]

WORKER_READY = b"worker ready"
ROUTER_STOPS, SUBGRAPHS_STOP = 0, 1
SECRETS = (ENCRYPTION_SECRET, CLIENT_ID, CLIENT_SECRET)


def system_specs(environment: Mapping[str, str], port_offset: int = 0) -> list[ProcessSpec]:
    """Return every process but the stores. They may start in any order; the router stops first."""
    own = [_own(service, environment, port_offset) for service in SUBGRAPHS.values()]
    workers = [
        ProcessSpec(
            name=worker_name(name),
            command=_tributary("worker", name),
            environment=_environment(environment, name),
            folder=Path.cwd(),
            ready_text=WORKER_READY,
            stop_order=SUBGRAPHS_STOP,
        )
        for name in SUBGRAPHS
    ]
    return [*own, *workers, _router(environment, port_offset)]


def _own(service: Service, environment: Mapping[str, str], port_offset: int) -> ProcessSpec:
    url = service.url(port_offset)
    return ProcessSpec(
        name=service.name,
        command=_tributary("serve", service.name, "--host", "127.0.0.1", "--port", str(service.port + port_offset)),
        environment=_environment(environment, service.name),
        folder=Path.cwd(),
        url=url,
        probe=lambda: is_ready(url),
        stop_order=SUBGRAPHS_STOP,
    )


def _router(environment: Mapping[str, str], port_offset: int) -> ProcessSpec:
    url = ROUTER.url(port_offset)
    return ProcessSpec(
        name=ROUTER.name,
        command=_tributary("router"),
        environment=_environment(environment, ROUTER.name),
        folder=Path.cwd(),
        url=url,
        probe=lambda: is_ready(url),
        stop_order=ROUTER_STOPS,
    )


def _tributary(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tributary", *arguments]


def _environment(environment: Mapping[str, str], process: str) -> dict[str, str]:
    """Keep the secrets to the one subgraph that needs them."""
    if process == "auth":
        return dict(environment)
    return {name: value for name, value in environment.items() if name not in SECRETS}
