"""`tributary token`: an access token for the command line."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tributary.options import DataFolder

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
    from tributary import access

    login = access.login(data_dir, client_id=client_id, client_secret=client_secret, tenant=tenant, issuer=issuer)
    typer.echo(asyncio.run(replace(login, scope=scope).fetch_token()))
