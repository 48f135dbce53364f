"""`tributary token`: an access token for the command line."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from tributary.failure import Failure
from tributary.options import DataFolder
from tributary.services import SUBGRAPHS

__all__ = ["EXIT_CODES", "token"]

EXIT_CODES = "Exit codes: 0 printed · 1 refused, or nobody answers · 2 wrong use."


def token(
    scope: Annotated[str | None, typer.Option(help="Scopes, separated by spaces; by default all of the client's.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Whose local client: a demo tenant, or operator.")] = None,
    client_id: Annotated[str | None, typer.Option(envvar="TRIBUTARY_CLIENT_ID", help="By default the local one.")] = None,
    client_secret: Annotated[
        str | None, typer.Option(envvar="TRIBUTARY_CLIENT_SECRET", help="The client's secret; better given by the variable.")
    ] = None,
    issuer: Annotated[str | None, typer.Option(help="The authorization server; by default the local system's.")] = None,
    data_dir: DataFolder = Path(".data"),
) -> None:
    """Print an access token (client credentials), and nothing else.

    Examples:

      tributary token

      tributary token --tenant operator

      TOKEN=$(tributary token --scope "customers:read invoices:read")

      TRIBUTARY_CLIENT_SECRET=… tributary token --client-id client_1 --issuer https://auth.example.com
    """
    from tributary.demo_clients import local_client
    from tributary.oauth import fetch_token
    from tributary.supervisor.state import read_states

    if (client_id is None) != (client_secret is None):
        raise Failure("--client-id and --client-secret belong together", "give both, or none")
    if client_id is None or client_secret is None:
        client = local_client(data_dir, tenant)
        client_id, client_secret = client.client_id, client.client_secret
    auth = read_states(data_dir).get("auth")
    local = auth.url if auth is not None and auth.url else SUBGRAPHS["auth"].url()
    typer.echo(asyncio.run(fetch_token(issuer or local, client_id, client_secret, scope)))
