"""Keeps a stream of events from growing for ever, without dropping what a reader has not finished."""

from typing import Any

from redis.asyncio import Redis

from subgraphs.kit.messaging.positions import Position, parsed, unpadded
from subgraphs.kit.telemetry import get_logger

__all__ = ["trim"]

# The stream keeps about this many entries that everybody has finished: a new consumer group begins with them.
KEPT = 1_000_000
# It keeps more for a group that is behind, up to so many: a group that nobody works for must not fill Redis.
MOST_KEPT = 4_000_000
# Entries that are dropped together.
STEP = 1_000


async def trim(redis: Redis, stream: str) -> int:
    """Drop the oldest entries of a stream that is too long, at most `STEP`; return how many."""
    length = await redis.xlen(stream)
    if length < KEPT + STEP:
        return 0
    oldest: Any = await redis.xrange(stream, count=STEP)
    end = oldest[-1][0]
    if length <= MOST_KEPT and parsed(end) >= await _unfinished(redis, stream):
        return 0
    if length > MOST_KEPT:
        get_logger("relay").error("a reader is too far behind, events are dropped that it has not read", stream=stream)
    milliseconds, number = parsed(end)
    return int(await redis.xtrim(stream, minid=unpadded((milliseconds, number + 1)), approximate=False))


async def _unfinished(redis: Redis, stream: str) -> Position:
    """Return the first position that some group has not finished; what is before it, all have."""
    first: Position = (2**63, 0)
    groups: Any = await redis.xinfo_groups(stream)
    for group in groups:
        milliseconds, number = parsed(group["last-delivered-id"])
        first = min(first, (milliseconds, number + 1))
        if group["pending"]:
            pending: Any = await redis.xpending(stream, group["name"])
            if pending["min"] is not None:
                first = min(first, parsed(pending["min"]))
    return first
