"""`tributary import`: customers, prices and subscriptions of another billing system."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tributary.failure import Failure
from tributary.options import DataFolder

if TYPE_CHECKING:
    from tributary.importing.api import ImportApi
    from tributary.importing.importer import OnProgress
    from tributary.importing.report import Report
    from tributary.importing.sources import Source
    from tributary.importing.stripe_values import StripeOptions
    from tributary.oauth import Login

__all__ = ["EXIT_CODES", "import_data"]

EXIT_CODES = "Exit codes: 0 all good · 1 some rows were refused · 2 it cannot start or go on · 130 interrupted."
CANNOT_GO_ON = 2
# A wrong address is told at once; later, an API that is away is waited for.
START_ATTEMPTS = 3
SECRET = "TRIBUTARY_CLIENT_SECRET"  # noqa: S105  the name of a variable


class From(StrEnum):
    """What the files are."""

    CSV = "csv"
    STRIPE = "stripe"


def import_data(
    paths: Annotated[list[Path], typer.Argument(help="The files, in any order.", show_default=False)],
    from_: Annotated[From, typer.Option("--from", help="CSV with the documented columns, or JSON as Stripe prints it.")],
    apply: Annotated[bool, typer.Option("--apply", help="Write. Without it, nothing is changed.")] = False,
    report: Annotated[Path | None, typer.Option(help="Where refused rows are listed: .csv or .jsonl.", dir_okay=False)] = None,
    state: Annotated[
        Path | None, typer.Option(help="What was done so far; by default import-<from>.state.jsonl here.", dir_okay=False)
    ] = None,
    url: Annotated[str | None, typer.Option(help="The GraphQL endpoint; by default the local router's.")] = None,
    token_url: Annotated[str | None, typer.Option(help="Where tokens are given; by default where the issuer says.")] = None,
    issuer: Annotated[str | None, typer.Option(help="The authorization server; by default the local system's.")] = None,
    client_id: Annotated[
        str | None, typer.Option(envvar="TRIBUTARY_CLIENT_ID", help=f"With the secret in {SECRET}; by default the local one.")
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="Whose local client: a demo tenant, or operator.")] = None,
    data_dir: DataFolder = Path(".data"),
    in_flight: Annotated[int, typer.Option(help="Requests at a time.", min=1, max=64)] = 8,
    currency: Annotated[str | None, typer.Option(help="Stripe: of customers who have none yet.")] = None,
    payment_provider: Annotated[
        str | None, typer.Option(help="Stripe: take default payment methods over, under this provider.")
    ] = None,
    coupon: Annotated[
        list[str] | None,
        typer.Option(help="Stripe: ID=cou_…, your coupon for one of Stripe's; once for each.", metavar="ID=COUPON"),
    ] = None,
    ignore_discounts: Annotated[
        bool, typer.Option("--ignore-discounts", help="Stripe: import subscriptions without their discounts.")
    ] = False,
    bill_ended: Annotated[
        bool, typer.Option("--bill-ended", help="Import what is paid through a time that is over: it is billed at once.")
    ] = False,
) -> None:
    """Move in from another billing system: read its exports, check them, write.

    Without --apply it only tells what would happen. Do it as often as you like:
    what is there is not made again, and what was paid is not billed again. A run
    that was cut off goes on where it was. docs/import.md has the columns.

    Examples:

      tributary import --from csv customers.csv prices.csv subscriptions.csv

      tributary import --from stripe customers.json prices.json --report refused.csv

      TRIBUTARY_CLIENT_SECRET=… tributary import --from stripe *.json --apply --client-id client_1 --url https://api.example.com/graphql
    """
    from tributary import access
    from tributary.importing.stripe_values import StripeOptions

    options = StripeOptions(
        currency=currency,
        payment_provider=payment_provider,
        coupons=_coupons(coupon or []),
        ignore_discounts=ignore_discounts,
    )
    login = access.login(
        data_dir,
        client_id=client_id,
        client_secret=os.environ.get(SECRET),
        tenant=tenant,
        issuer=issuer,
        secret_option=f"the variable {SECRET}",
    )
    login, endpoint = replace(login, token_url=token_url), access.endpoint(data_dir, url)
    path = state or Path(f"import-{from_.value}.state.jsonl")
    try:
        code = asyncio.run(_import(from_, paths, options, login, endpoint, apply, report, path, in_flight, bill_ended))
    except Failure as failure:
        # 1 says that rows were refused, and the others are there: whatever ends the import itself is another code,
        # also where the same failure ends other commands with 1.
        raise Failure(failure.problem, failure.remedy, CANNOT_GO_ON) from failure
    raise typer.Exit(code)


async def _import(
    from_: From,
    paths: list[Path],
    options: "StripeOptions",
    login: "Login",
    url: str,
    apply: bool,
    report_path: Path | None,
    state_path: Path,
    in_flight: int,
    bill_ended: bool,
) -> int:
    from contextlib import ExitStack

    from tributary.importing.api import connect
    from tributary.importing.importer import Importer
    from tributary.importing.report import open_report
    from tributary.importing.state import open_state, read_state

    stop, failure = asyncio.Event(), list[Failure]()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, _stop, stop)
    # Opened before anything is asked: what cannot be read or written is told at once.
    _open_source(from_, paths, options, datetime.now(UTC))
    with ExitStack() as stack:
        report = stack.enter_context(open_report(report_path))
        async with connect(url, login, in_flight) as api:
            now = await _checked_start(api, apply)
            source = _open_source(from_, paths, options, now)
            if apply:
                state = stack.enter_context(open_state(state_path, source.name, api.tenant))
            else:
                state = read_state(state_path, source.name, api.tenant)
            with _shown() as on_progress:
                importer = Importer(
                    source=source,
                    api=api,
                    state=state,
                    report=report,
                    apply=apply,
                    now=now,
                    workers=in_flight,
                    bill_ended=bill_ended,
                    stop=stop,
                    on_progress=on_progress,
                )
                try:
                    await importer.run()
                except Failure as error:
                    failure.append(error)
        _print_summary(report, apply=apply, report_path=report_path)
    if failure:
        raise failure[0]
    if stop.is_set():
        typer.echo("Interrupted. The same command goes on where this one was." if apply else "Interrupted.", err=True)
        return 130
    return 1 if report.refused else 0


def _stop(stop: asyncio.Event) -> None:
    """End after the rows that are under way; the second time at once: what was done is on the disk."""
    if stop.is_set():
        os._exit(130)
    typer.echo("Stopping after the rows that are under way; again: at once.", err=True)
    stop.set()


async def _checked_start(api: "ImportApi", apply: bool) -> datetime:
    """Return what time it is for the tenant, once it is sure that the API answers and permits the import."""
    from tributary.importing.records import Problem
    from tributary.importing.writes import READ_SCOPES, START_QUERY, WRITE_SCOPES

    missing = sorted((READ_SCOPES | (WRITE_SCOPES if apply else frozenset())) - api.scopes) if api.scopes else []
    if missing:
        raise Failure(f"the client has no scope {', '.join(missing)}", "use one that has, or give it to this one")
    try:
        data = await api.data(START_QUERY, attempts=START_ATTEMPTS)
    except Problem as problem:
        raise Failure(f"the API does not know what to say ({problem.message})", "check --url") from problem
    clock = data["testClock"]
    return datetime.fromisoformat(clock["now"]) if clock else datetime.now(UTC)


def _open_source(from_: From, paths: list[Path], options: "StripeOptions", now: datetime) -> "Source":
    from tributary.importing.sources import CsvSource, StripeSource

    return CsvSource(paths, now) if from_ is From.CSV else StripeSource(paths, options, now)


def _coupons(given: list[str]) -> dict[str, str]:
    found = {}
    for text in given:
        theirs, _, ours = text.partition("=")
        if not theirs or not ours:
            raise Failure(f"--coupon {text} does not name two coupons", "write --coupon ID=cou_…, Stripe's first")
        found[theirs] = ours
    return found


@contextmanager
def _shown() -> Iterator["OnProgress"]:
    """Show progress: a bar for each kind on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    from tributary.importing.records import Kind

    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield lambda kind, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        tasks: dict[Kind, TaskID] = {}

        def on_progress(kind: Kind, done: int, total: int) -> None:
            if kind not in tasks:
                tasks[kind] = progress.add_task(f"{kind}s", total=total)
            progress.update(tasks[kind], completed=done, total=total)

        yield on_progress


def _print_summary(report: "Report", *, apply: bool, report_path: Path | None) -> None:
    from rich.console import Console
    from rich.table import Table

    from tributary.importing.records import Kind, Outcome

    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    table = Table("", "created" if apply else "would create", "already there", *Outcome, box=None, pad_edge=False)
    for kind in (*Kind, None):
        numbers = [report.counts[kind, what] for what in ("created", "there", *Outcome)]
        if any(numbers):
            table.add_row("other" if kind is None else f"{kind}s", *map(str, numbers))
    console.print(table)
    if report.first:
        refusals = Table("file", "line", "kind", "id", "code", "what to do", title="the first refused rows", title_justify="left")
        for one in report.first:
            refusals.add_row(Path(one.file).name, str(one.line), one.kind, one.source_id, one.code, one.message)
        console.print(refusals)
        typer.echo(f"All are in {report_path}." if report_path else "Give --report FILE to have them all in a file.")
    if not apply:
        typer.echo("Nothing was changed: this was a dry run. Do it with --apply.")
