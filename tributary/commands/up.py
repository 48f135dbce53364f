"""`tributary up`: the whole system on this machine."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from tributary.options import DataFolder, PortOffset

__all__ = ["EXIT_CODES", "up"]

EXIT_CODES = (
    "Exit codes: 0 stopped by a signal · 2 something is missing, a port is taken, or a system runs already · "
    "3 something did not start · 130 interrupted while starting."
)


def up(
    data_dir: DataFolder = Path(".data"),
    seed: Annotated[bool, typer.Option("--seed/--no-seed", help="Load the demo data, the first time.")] = True,
    port_offset: PortOffset = 0,
) -> None:
    """Run the whole system until Ctrl-C or SIGTERM: stores, five subgraphs, their workers, the router, with demo data.

    Without MONGODB_URI and REDIS_URL (in the environment or .env), embedded stores keep their data in the data folder.
    Logs are in <data-dir>/logs, process ids in <data-dir>/processes.json. A crashed process is started again; it waits as long
    as there is a file <data-dir>/hold/<name>.

    Examples:

      tributary up

      tributary up --no-seed --data-dir /tmp/second --port-offset 100

      MONGODB_URI=mongodb://localhost:27017 REDIS_URL=redis://localhost:6379 tributary up
    """
    from tributary.supervisor import preflight
    from tributary.supervisor.data_folder import open_data_folder

    preflight.check_python()
    with open_data_folder(data_dir) as data:
        raise typer.Exit(asyncio.run(_up(data, seed, port_offset)))


async def _up(data: Path, seed: bool, port_offset: int) -> int:
    from tributary.demo_clients import local_client
    from tributary.supervisor.display import TerminalDisplay
    from tributary.supervisor.system import SystemOptions, running_system

    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    display = TerminalDisplay()
    came_up = False

    async def run() -> None:
        nonlocal came_up
        async with running_system(SystemOptions(data=data, seed=seed, port_offset=port_offset), display):
            came_up = True
            display.running(data, local_client(data), port_offset)
            await stop.wait()

    running = asyncio.create_task(run())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not came_up and not running.done():
        running.cancel()
    (failure,) = await asyncio.gather(running, return_exceptions=True)
    stopping.cancel()
    if isinstance(failure, Exception):
        raise failure
    display.report("stopped")
    return 0 if came_up else 130
