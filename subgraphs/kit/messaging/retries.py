"""Entries of a stream that a consumer group has not finished: which are due again, and how often handling one has failed."""

from collections.abc import Collection, Mapping
from typing import Any

from redis.asyncio import Redis

__all__ = ["Retries"]

# An entry whose reader was not heard of for this long is due again: the reader died, or it failed and waits for a retry.
RETRY_AFTER_MILLISECONDS = 3_000
# Each next retry comes later by this factor, up to the longest pause: 3 s, 4.5 s, 6.8 s … 60 s.
PAUSE_FACTOR = 1.5
LONGEST_PAUSE_MILLISECONDS = 60_000
# Entries that are looked at together for whether they are due.
LOOK = 200
# Failures are counted for longer than there is between two of them.
COUNT_SECONDS = 24 * 3600


class Retries:
    """Of one consumer group, for one of the processes that share its work."""

    def __init__(self, redis: Redis, group: str, worker: str) -> None:
        self._redis, self._group, self._worker = redis, group, worker
        self._looked_at: dict[str, bytes] = {}
        """By stream, up to where unfinished entries were looked at."""

    def look_goes_on(self, stream: str) -> bool:
        """Tell whether there may be more to look at, behind what was looked at last."""
        return stream in self._looked_at

    async def take(self, stream: str, most: int) -> list[tuple[bytes, Mapping[bytes, bytes]]]:
        """Take over up to `most` entries that are due; each look begins where the last one ended, so that none is left out.

        What is not in the stream any more is dropped.
        """
        after = self._looked_at.pop(stream, None)
        start = "-" if after is None else b"(" + after
        found: list[Any] = await self._redis.xpending_range(stream, self._group, start, "+", LOOK, idle=RETRY_AFTER_MILLISECONDS)
        due = [one["message_id"] for one in found if one["time_since_delivered"] >= pause(one["times_delivered"])][:most]
        if len(due) == most:
            self._looked_at[stream] = due[-1]
        elif len(found) == LOOK:
            self._looked_at[stream] = found[-1]["message_id"]
        if not due:
            return []
        taken: Any = await self._redis.xclaim(stream, self._group, self._worker, RETRY_AFTER_MILLISECONDS, due)
        return [(entry, fields) for entry, fields in taken if fields is not None]

    async def hold(self, stream: str, entries: Collection[bytes]) -> None:
        """Keep entries that are being handled from being due."""
        held: Any = list(entries)
        await self._redis.xclaim(stream, self._group, self._worker, 0, held, justid=True)

    async def deliveries(self, stream: str, entry: bytes) -> int | None:
        """Return how often an unfinished entry was handed out, None when somebody has finished it."""
        pending: list[Any] = await self._redis.xpending_range(stream, self._group, entry, entry, 1)
        return int(pending[0]["times_delivered"]) if pending else None

    async def failed(self, stream: str, entry: bytes) -> int:
        """Count one more failure of an entry; return how many there were."""
        key = f"tributary:failures:{self._group}:{stream}:{entry.decode()}"
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, COUNT_SECONDS)
            count, _ = await pipeline.execute()
        return int(count)


def pause(deliveries: int) -> float:
    """Return for how many milliseconds an entry that was delivered so often is left to its reader."""
    return min(RETRY_AFTER_MILLISECONDS * PAUSE_FACTOR ** min(deliveries - 1, 100), LONGEST_PAUSE_MILLISECONDS)
