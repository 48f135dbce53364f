"""`tributary worker`: one subgraph's relay, consumers and timers."""

import asyncio
import signal
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from tributary.options import SubgraphName, subgraph_module
from tributary.signals import exit_cleanly_on_signals

__all__ = ["EXIT_CODES", "worker"]

EXIT_CODES = "Exit codes: 0 stopped by a signal · 1 a loop failed · 2 wrong use."

HEARTBEAT_SECONDS = 5.0


def worker(
    subgraph: SubgraphName,
    heartbeat_file: Annotated[
        Path | None,
        typer.Option(envvar="TRIBUTARY_HEARTBEAT_FILE", help="Touched every 5 s while the process lives: a probe reads its age."),
    ] = None,
) -> None:
    """Run one subgraph's background work until SIGINT or SIGTERM.

    Several may run at once: leases and consumer groups divide the work among them.

    Examples:

      tributary worker invoice

      REDIS_URL=redis://cache:6379 tributary worker subscription --heartbeat-file /tmp/alive
    """
    exit_cleanly_on_signals()
    asyncio.run(_work(subgraph_module(subgraph, "worker"), heartbeat_file))


async def _work(module: str, heartbeat_file: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)
    beating = asyncio.create_task(_beat(heartbeat_file)) if heartbeat_file is not None else None
    try:
        await import_module(module).main(stop)
    finally:
        if beating is not None:
            beating.cancel()


async def _beat(file: Path) -> None:
    while True:
        file.touch()  # noqa: ASYNC240  a small local file
        await asyncio.sleep(HEARTBEAT_SECONDS)
