"""The system's processes, and the port each HTTP service has: five subgraphs, their workers, the router."""

from dataclasses import dataclass
from importlib.util import find_spec

__all__ = ["HTTP_SERVICES", "ROUTER", "SUBGRAPHS", "Service", "has_worker", "worker_name"]


@dataclass(frozen=True, slots=True)
class Service:
    """A process that listens; `port` is where it does unless told otherwise."""

    name: str
    port: int

    def url(self, port_offset: int = 0, host: str = "127.0.0.1") -> str:
        """Return its base URL."""
        return f"http://{host}:{self.port + port_offset}"


ROUTER = Service("router", 3000)
SUBGRAPHS = {
    service.name: service
    for service in (
        Service("customer", 3001),
        Service("subscription", 3002),
        Service("plan", 3003),
        Service("invoice", 3004),
        Service("auth", 3005),
    )
}
HTTP_SERVICES = (ROUTER, *SUBGRAPHS.values())


def worker_name(subgraph: str) -> str:
    """Return the process name of a subgraph's worker."""
    return f"{subgraph}-worker"


def has_worker(subgraph: str) -> bool:
    """Tell whether a subgraph has background work."""
    return find_spec(f"subgraphs.{subgraph}.worker") is not None
