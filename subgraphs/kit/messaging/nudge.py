"""Wakes the relay when a command has committed."""

import asyncio
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis

from subgraphs.kit.messaging.envelope import nudge_channel
from subgraphs.kit.messaging.redis import UNREACHABLE

__all__ = ["nudge"]


def nudge(redis: Redis, subgraph: str) -> Callable[[], Awaitable[None]]:
    """Return a callback that publishes one wake-up at a time and never makes its caller wait for Redis."""
    running: set[asyncio.Task[None]] = set()

    async def publish() -> None:
        try:
            await redis.publish(nudge_channel(subgraph), b"")
        except UNREACHABLE:
            pass  # the relay looks by itself soon

    async def committed() -> None:
        # A nudge already on its way is read after this commit was stored only if it has not been sent: allow two.
        if len(running) < 2:
            task = asyncio.create_task(publish())
            running.add(task)
            task.add_done_callback(running.discard)

    return committed
