"""Runs a subgraph's background work until told to stop."""

import asyncio
from collections.abc import Awaitable, Callable

from subgraphs.kit.telemetry import get_logger

__all__ = ["run_until_stopped"]


async def run_until_stopped(stop: asyncio.Event, *loops: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run every loop with the same stop signal. One that fails ends all: the process exits and its supervisor starts it anew."""
    log = get_logger("worker")
    try:
        async with asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(_run(loop, stop))
            log.info("worker ready")
    finally:
        log.info("worker stopped")


async def _run(loop: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    try:
        await loop(stop)
    finally:
        stop.set()
