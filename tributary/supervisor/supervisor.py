"""All child processes of one system."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from tributary.failure import Failure
from tributary.supervisor.process import ManagedProcess, ProcessSpec
from tributary.supervisor.state import write_states

__all__ = ["Supervisor"]

# One that stops twice before it was ever ready has a reason that a third start does not cure.
START_ATTEMPTS = 2


class Supervisor:
    """Starts groups of processes and keeps them running until `stop`, which ends them by their `stop_order`."""

    def __init__(self, data: Path, report: Callable[[str], None]) -> None:
        self._data, self._report = data, report
        self._processes: dict[str, ManagedProcess] = {}

    async def start(self, specs: Iterable[ProcessSpec], seconds: float, on_ready: Callable[[str], None]) -> None:
        """Start processes and wait until each is ready; `on_ready` gets each one's name.

        Raises:
            Failure: one stopped, or took longer than `seconds`. The first to fail is not waited for by the others.
        """
        started = [ManagedProcess(spec, self._data, self._changed, self._report) for spec in specs]
        for process in started:
            self._processes[process.spec.name] = process
            process.start()
        waits = [asyncio.create_task(self._wait(process, seconds, on_ready)) for process in started]
        try:
            for wait in asyncio.as_completed(waits):
                if (failure := await wait) is not None:
                    raise failure
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def stop(self, on_stopping: Callable[[str], None] = lambda _: None) -> None:
        """End every process, group by group, and leave a state file that says so."""
        ordered = sorted(self._processes.values(), key=lambda process: process.spec.stop_order)
        for _, members in groupby(ordered, key=lambda process: process.spec.stop_order):
            group = list(members)
            on_stopping(", ".join(process.spec.name for process in group))
            await asyncio.gather(*(process.stop() for process in group))
        self._processes.clear()
        self._changed()

    async def _wait(self, process: ManagedProcess, seconds: float, on_ready: Callable[[str], None]) -> Failure | None:
        log = process.log.path
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not process.ready.is_set():
                    if process.exits >= START_ATTEMPTS:
                        return Failure(f"{process.spec.name} does not start: {_last_line(process)}", f"see {log}", 3)
                    await asyncio.sleep(0.05)
            on_ready(process.spec.name)
            return None
        return Failure(f"{process.spec.name} was not ready within {seconds:g} s", f"see {log}", 3)

    def _changed(self) -> None:
        write_states(self._data, {name: process.state for name, process in self._processes.items()})


def _last_line(process: ManagedProcess) -> str:
    lines = [line.strip() for line in process.log.tail().splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"
