"""`tributary seed`: demo data."""

import asyncio
import os
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import typer

from tributary.failure import Failure
from tributary.options import DataFolder

__all__ = ["EXIT_CODES", "seed"]

EXIT_CODES = "Exit codes: 0 loaded · 1 it failed · 2 wrong use."

SEED_MODULE = "tributary.seed.demo"


def seed(data_dir: DataFolder = Path(".data")) -> None:
    """Load the demo data: three tenants, a catalogue, a thousand customers with their histories.

    Goes through the same commands as clients do, into MONGODB_URI, or into the stores of the system that runs on the data folder.
    What is there already is kept.

    Examples:

      tributary seed

      MONGODB_URI=mongodb://localhost:27017 REDIS_URL=redis://localhost:6379 tributary seed
    """
    os.environ.update(_environment(data_dir))
    asyncio.run(_seed(data_dir))


async def _seed(data: Path) -> None:
    from importlib import import_module
    from importlib.util import find_spec

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from subgraphs.kit.settings import Settings
    from tributary.demo_clients import DemoClient, write_demo_clients

    if find_spec("tributary.seed") is None or find_spec(SEED_MODULE) is None:
        raise Failure(f"{SEED_MODULE} is not installed", "run `make install`")
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        tasks: dict[str, Any] = {}

        def on_progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=total)
            progress.update(tasks[step], completed=done, total=total)

        result = await import_module(SEED_MODULE).seed_demo(Settings(), on_progress)
    clients = [DemoClient(each.tenant, each.client_id, each.client_secret) for each in getattr(result, "clients", ())]
    await asyncio.to_thread(write_demo_clients, data, clients)
    counts = asdict(result) if is_dataclass(result) and not isinstance(result, type) else {}
    typer.echo("demo data: " + ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items() if isinstance(n, int)))


def _environment(data: Path) -> dict[str, str]:
    """Return what leads to the stores and secrets of the system on `data`, as far as the environment does not say so itself."""
    from tributary.supervisor.environment import user_environment
    from tributary.supervisor.secrets import read_secrets
    from tributary.supervisor.state import read_states

    user, states = user_environment(), read_states(data)
    running = {"MONGODB_URI": states.get("mongodb"), "REDIS_URL": states.get("redis")}
    found = {name: state.url for name, state in running.items() if state is not None and state.pid is not None and state.url}
    environment = {**read_secrets(data), **found, **user}
    for name, store in (("MONGODB_URI", "MongoDB"), ("REDIS_URL", "Redis")):
        if name not in environment:
            raise Failure(f"no {store} is known: no system runs on {data}", f"run `tributary up`, or set {name}")
    return environment
