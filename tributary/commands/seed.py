"""`tributary seed`: demo data."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tributary.failure import Failure
from tributary.local_stores import read_settings, stores_environment
from tributary.options import DataFolder

if TYPE_CHECKING:
    from tributary.seed.demo import OnProgress

__all__ = ["EXIT_CODES", "seed"]

EXIT_CODES = "Exit codes: 0 loaded · 1 it failed · 2 wrong use."


def seed(
    data_dir: DataFolder = Path(".data"),
    customers: Annotated[
        int | None, typer.Option(help="At most so many customers per tenant; by default a thousand in all.", min=1)
    ] = None,
) -> None:
    """Load the demo data: three tenants, a catalogue, a thousand customers with their histories.

    Goes through the same commands as clients do, into MONGODB_URI, or into the stores of the system that runs on the data folder.
    What is there already is kept.

    Examples:

      tributary seed

      tributary seed --customers 20

      MONGODB_URI=mongodb://localhost:27017 REDIS_URL=redis://localhost:6379 tributary seed
    """
    os.environ.update(stores_environment(data_dir))
    asyncio.run(_seed(data_dir, customers))


async def _seed(data: Path, customers: int | None) -> None:
    from pymongo.errors import PyMongoError
    from redis.exceptions import RedisError

    from subgraphs.auth.settings import AuthSettings
    from tributary.seed.catalogue import TENANTS
    from tributary.seed.demo import seed_demo

    settings = read_settings(AuthSettings)
    failed: str | None = None
    tenants = [replace(one, customers=min(one.customers, customers or one.customers)) for one in TENANTS]
    with _shown() as on_progress:
        try:
            result = await seed_demo(settings, data, on_progress, tenants)
        except* (PyMongoError, RedisError) as errors:
            failed = type(_first(errors)).__name__
    if failed is not None:
        raise Failure(f"a store does not keep up ({failed})", "do it again with `tributary seed`: what was stored is kept", 1)
    typer.echo("demo data: " + ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in asdict(result).items()))


@contextmanager
def _shown() -> Iterator["OnProgress"]:
    """Show progress: a bar for each step on a terminal, a line for each finished one elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    def on_lines(step: str, done: int, total: int) -> None:
        if done == total:
            typer.echo(f"{step}: {total} done")

    console = Console()
    if not console.is_terminal:
        yield on_lines
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, TaskID] = {}

        def on_bars(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=total)
            progress.update(tasks[step], completed=done, total=total)

        yield on_bars


def _first(group: BaseExceptionGroup[Exception]) -> BaseException:
    """Return the first error that is no group of errors."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
