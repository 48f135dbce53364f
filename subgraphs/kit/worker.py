"""Runs a subgraph's background work until told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

from subgraphs.kit.telemetry import get_logger

__all__ = ["run_until_stopped"]


# A loop that has failed starts again after this long, and after twice as long each further time: it must not fill the log.
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0

Loop = Callable[[asyncio.Event], Awaitable[None]]


async def run_until_stopped(stop: asyncio.Event, *loops: Loop, first_pause_seconds: float = FIRST_PAUSE_SECONDS) -> None:
    """Run every loop with the same stop signal. One that fails starts again after a pause; the others go on meanwhile."""
    log = get_logger("worker")
    try:
        async with asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(_run(loop, stop, first_pause_seconds))
            log.info("worker ready")
    finally:
        log.info("worker stopped")


async def _run(loop: Loop, stop: asyncio.Event, first_pause_seconds: float) -> None:
    log, pause = get_logger("worker"), first_pause_seconds
    name = getattr(loop, "__qualname__", repr(loop))
    while not stop.is_set():
        began = monotonic()
        try:
            await loop(stop)
        except Exception:  # what one loop cannot cope with must not end the others' work
            if monotonic() - began > LONGEST_PAUSE_SECONDS:  # it worked in between
                pause = first_pause_seconds
            log.exception("a loop has failed and will be started again", loop=name, seconds=pause)
        else:  # nothing is left to do for it
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
