"""One child process: started through the shim, logged, watched, started anew with back-off when it crashes."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tributary.supervisor import shim
from tributary.supervisor.log_file import LogFile, log_path
from tributary.supervisor.state import ProcessState

__all__ = ["ManagedProcess", "ProcessSpec"]

STOP_SECONDS = 15
# A process that the kernel does not let go for so long hangs in a device; nobody can end it.
KILLED_SECONDS = 5
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 30.0
# One that lived this long is taken for healthy: its next crash waits for the shortest time again.
HEALTHY_AFTER_SECONDS = 30.0
PROBE_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """What to run, and how to tell that it is ready: a probe that answers True, or a text in its output."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path = Path()
    url: str | None = None
    probe: Callable[[], Awaitable[bool]] | None = None
    ready_text: bytes | None = None
    stop_order: int = 0


class ManagedProcess:
    """Runs a spec until `stop`. `changed` is called after every change, `report` with a line for the user."""

    def __init__(self, spec: ProcessSpec, data: Path, changed: Callable[[], None], report: Callable[[str], None]) -> None:
        self.spec = spec
        self.log = LogFile(log_path(data, spec.name))
        self.exits = 0
        self.ready = asyncio.Event()
        self._hold = data / "hold" / spec.name
        self._changed, self._report = changed, report
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._keeper: asyncio.Task[None] | None = None

    @property
    def state(self) -> ProcessState:
        """What is known of it now."""
        pid = self._process.pid if self._process is not None else None
        return ProcessState(pid=pid, ready=self.ready.is_set(), restarts=self.exits, url=self.spec.url)

    def start(self) -> None:
        """Begin to keep it running."""
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.spec.name}")

    async def stop(self) -> None:
        """End it, kindly and after a while by force, with everything it started."""
        self._stopping = True
        process = self._process
        if process is not None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
            self._signal(signal.SIGKILL)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KILLED_SECONDS):
                    await process.wait()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        self.log.close()

    async def _keep(self) -> None:
        backoff = FIRST_BACKOFF_SECONDS
        while not self._stopping:
            await self._released()
            began = time.monotonic()
            status = await self._run_once()
            if self._stopping:
                return
            self.exits += 1
            if time.monotonic() - began > HEALTHY_AFTER_SECONDS:
                backoff = FIRST_BACKOFF_SECONDS
            self._report(f"{self.spec.name} {_described(status)}; starting it again in {backoff:g} s ({self.log.path})")
            self._changed()
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)

    async def _released(self) -> None:
        """Wait while a file in the hold folder keeps this process from starting."""
        while self._hold.exists():  # noqa: ASYNC110  others make and remove the file
            await asyncio.sleep(PROBE_SECONDS)

    async def _run_once(self) -> int:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(Path(shim.__file__)), str(os.getpid())),
            *self.spec.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(self.spec.environment),
            cwd=self.spec.folder,
            start_new_session=True,
        )
        self._process = process
        self._changed()
        watching = asyncio.create_task(self._watch_probe())
        try:
            await self._pump(process)
            return await process.wait()
        finally:
            watching.cancel()
            self._signal(signal.SIGKILL)
            self._process = None
            self.ready.clear()
            self._changed()

    async def _pump(self, process: asyncio.subprocess.Process) -> None:
        """Copy output to the log, and look in it for the ready text, which may be cut in two."""
        assert process.stdout is not None  # noqa: S101  it was asked for
        wanted, seen = self.spec.ready_text, b""
        while chunk := await process.stdout.read(65_536):
            self.log.write(chunk)
            if wanted is not None and not self.ready.is_set():
                seen = seen[-len(wanted) :] + chunk
                if wanted in seen:
                    self._set_ready()

    async def _watch_probe(self) -> None:
        if self.spec.probe is None:
            return
        while not await self.spec.probe():  # noqa: ASYNC110  the other process cannot set an event here
            await asyncio.sleep(PROBE_SECONDS)
        self._set_ready()

    def _set_ready(self) -> None:
        self.ready.set()
        self._changed()

    def _signal(self, signum: signal.Signals) -> None:
        """Signal the child's whole process group."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signum)


def _described(status: int) -> str:
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"stopped with status {status}"
