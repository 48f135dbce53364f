"""`tributary export`: tables as CSV or JSON lines."""

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tributary.export.formats import ExportFormat
from tributary.export.tables import TABLES, Slicing
from tributary.failure import Failure
from tributary.options import DataFolder

if TYPE_CHECKING:
    from tributary.export.job import Wanted
    from tributary.oauth import Login

__all__ = ["EXIT_CODES", "export"]

EXIT_CODES = "Exit codes: 0 written · 1 refused, or nobody answers · 2 wrong use."


def _known(name: str) -> str:
    if name not in TABLES:
        raise typer.BadParameter(f"there is no table {name!r}; there are {', '.join(TABLES)}")
    return name


def export(
    table: Annotated[str, typer.Argument(help=f"One of {', '.join(TABLES)}.", callback=_known, show_default=False)],
    format: Annotated[ExportFormat, typer.Option(help="What is written.")] = ExportFormat.CSV,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from", help="A day (2026-01-31, in UTC) or an instant; by default from the beginning, where the table has one."
        ),
    ] = None,
    to: Annotated[str | None, typer.Option(help="A day or an instant that is not in it any more; by default now.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The file; by default standard output.", dir_okay=False, show_default=False)
    ] = None,
    url: Annotated[str | None, typer.Option(help="The GraphQL endpoint; by default the local router's.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Whose local client: a demo tenant.")] = None,
    client_id: Annotated[str | None, typer.Option(envvar="TRIBUTARY_CLIENT_ID", help="By default the local one.")] = None,
    client_secret: Annotated[
        str | None, typer.Option(envvar="TRIBUTARY_CLIENT_SECRET", help="The client's secret; better given by the variable.")
    ] = None,
    issuer: Annotated[str | None, typer.Option(help="The authorization server; by default the local system's.")] = None,
    data_dir: DataFolder = Path(".data"),
) -> None:
    """Write a table as CSV or JSON lines, page by page, over the public API.

    The range is about when invoices got their number, payments were settled,
    credit notes were issued, subscriptions started, customers were created and
    MRR moved; revenue is of whole months.

    With --out, an export that was interrupted goes on when the same command is
    given again.

    Examples:

      tributary export invoices --out invoices.csv

      tributary export revenue --from 2026-01-01 --to 2027-01-01

      tributary export payments --format jsonl --from 2026-01-01 --out p.jsonl
    """
    from tributary import access
    from tributary.export.job import Wanted

    login = access.login(data_dir, client_id=client_id, client_secret=client_secret, tenant=tenant, issuer=issuer)
    end = _instant(to, "--to") or datetime.now(UTC)
    start = _instant(from_, "--from")
    if start is not None and start >= end:
        raise Failure("the range is empty", "give a --to after --from")
    if start is None and TABLES[table].slicing is Slicing.MONTH:
        raise Failure(f"{table} is exported by month", "give the first one by --from 2026-01-01")
    endpoint = access.endpoint(data_dir, url)
    wanted = Wanted(source=f"{endpoint} {login.client_id}", table=table, format=format, start=start, end=end)
    rows = asyncio.run(_export(wanted, out, endpoint, replace(login, scope=TABLES[table].scope), ends_now=to is None))
    typer.echo(f"{table}: {rows} rows", err=True)


async def _export(wanted: "Wanted", out: Path | None, endpoint: str, login: "Login", *, ends_now: bool) -> int:
    from tributary.export.api import connect
    from tributary.export.job import export_to_file, export_to_stream

    async with connect(endpoint, login) as api:
        if out is None:
            return await export_to_stream(api, wanted, sys.stdout.buffer)
        return await export_to_file(api, wanted, out, ends_now=ends_now)


def _instant(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(f"{option} {text!r} is no day and no instant", "write 2026-01-31, or 2026-01-31T12:00:00Z") from error
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
