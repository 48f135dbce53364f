"""Which API a command speaks to, and as whom: as its options say, and otherwise the local system, as its data folder knows it."""

from pathlib import Path

from tributary.demo_clients import local_client
from tributary.failure import Failure
from tributary.oauth import Login
from tributary.services import ROUTER, SUBGRAPHS
from tributary.supervisor.state import read_states

__all__ = ["endpoint", "login"]


def endpoint(data: Path, url: str | None) -> str:
    """Return the GraphQL endpoint: `url`, or the local router's."""
    return url or f"{_running(data, 'router') or ROUTER.url()}/graphql"


def login(
    data: Path,
    *,
    client_id: str | None,
    client_secret: str | None,
    tenant: str | None,
    issuer: str | None,
    secret_option: str = "--client-secret",  # noqa: S107  the name of an option
) -> Login:
    """Return how to log in: with the client that is given, or `tenant`'s local one, at `issuer` or the local auth subgraph.

    `secret_option` names, for the user, where the secret is given.

    Raises:
        Failure: an id without a secret, or the other way round; or none is given, and there is no local one.
    """
    if (client_id is None) != (client_secret is None):
        raise Failure(f"--client-id and {secret_option} belong together", "give both, or none")
    if client_id is None or client_secret is None:
        client = local_client(data, tenant)
        client_id, client_secret = client.client_id, client.client_secret
    return Login(client_id, client_secret, issuer or _running(data, "auth") or SUBGRAPHS["auth"].url())


def _running(data: Path, name: str) -> str | None:
    state = read_states(data).get(name)
    return state.url if state is not None and state.url else None
