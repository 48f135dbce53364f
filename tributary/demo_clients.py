"""The OAuth clients of a local system: the operator's, and those that came with the demo data, kept for their owner alone."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tributary.failure import Failure
from tributary.supervisor.secrets import CLIENT_ID, CLIENT_SECRET, read_secrets

__all__ = ["OPERATOR", "DemoClient", "local_client", "read_demo_clients", "write_demo_clients"]

FILE = "demo-clients.json"
OPERATOR = "operator"
"""The tenant of whoever runs the system."""


@dataclass(frozen=True, slots=True)
class DemoClient:
    """A client of one demo tenant."""

    tenant: str
    client_id: str
    client_secret: str


def local_client(data: Path, tenant: str | None = None) -> DemoClient:
    """Return a tenant's client; without `tenant` the first demo tenant's, and the operator's when no demo data was loaded.

    Raises:
        Failure: no system ever ran on `data`, or it has no such tenant.
    """
    clients = read_demo_clients(data)
    secrets = read_secrets(data)
    if CLIENT_ID in secrets and CLIENT_SECRET in secrets:
        clients.append(DemoClient(OPERATOR, secrets[CLIENT_ID], secrets[CLIENT_SECRET]))
    if not clients:
        raise Failure(f"{data} has no client's secrets", "run `tributary up`, or give --client-id and --client-secret")
    for client in clients:
        if tenant in {None, client.tenant}:
            return client
    raise Failure(f"{data} knows no client of {tenant!r}", f"choose among {', '.join(client.tenant for client in clients)}")


def write_demo_clients(data: Path, clients: Iterable[DemoClient]) -> None:
    """Keep the clients; those of other tenants stay."""
    kept = {client.tenant: client for client in (*read_demo_clients(data), *clients)}
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = data / f"{FILE}.new"
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump([asdict(client) for client in kept.values()], file, indent=2)
    temporary.replace(data / FILE)


def read_demo_clients(data: Path) -> list[DemoClient]:
    """Return the clients in the order they were made; empty when no demo data was loaded."""
    path = data / FILE
    return [DemoClient(**client) for client in json.loads(path.read_text("utf-8"))] if path.is_file() else []
