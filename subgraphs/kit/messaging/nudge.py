"""Wakes the relay when a command has committed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from subgraphs.kit.messaging.envelope import nudge_channel
from subgraphs.kit.messaging.redis import UNREACHABLE

__all__ = ["nudge"]


@asynccontextmanager
async def nudge(redis: Redis, subgraph: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Give a callback that publishes one wake-up at a time and never makes its caller wait for Redis.

    At the end, wake-ups on their way are waited for, as long as the client's timeouts allow: `redis` can be closed then.
    """
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

    try:
        yield committed
    finally:
        if running:
            await asyncio.wait(running)
