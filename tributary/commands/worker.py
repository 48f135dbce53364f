"""`tributary worker`: one subgraph's relay, consumers and timers."""

import asyncio
import signal
from importlib import import_module

from tributary.options import SubgraphName, subgraph_module

__all__ = ["EXIT_CODES", "worker"]

EXIT_CODES = "Exit codes: 0 stopped by a signal · 1 a loop failed · 2 wrong use."


def worker(subgraph: SubgraphName) -> None:
    """Run one subgraph's background work until SIGINT or SIGTERM.

    Several may run at once: leases and consumer groups divide the work among them.

    Examples:

      tributary worker invoice

      REDIS_URL=redis://cache:6379 tributary worker subscription
    """
    asyncio.run(_work(subgraph_module(subgraph, "worker")))


async def _work(module: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)
    await import_module(module).main(stop)
