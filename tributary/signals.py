"""Stopping on purpose is no failure."""

import signal
import sys
from types import FrameType

__all__ = ["exit_cleanly_on_signals"]


def exit_cleanly_on_signals() -> None:
    """Make SIGINT and SIGTERM end the process with status 0, while it starts and after its server has shut down.

    In between the server's own handlers are in place. uvicorn raises the signal again when it is done: without this, a process
    stopped by SIGTERM would look like one that was killed.
    """
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _exit)


def _exit(_: int, __: FrameType | None) -> None:
    sys.exit(0)
