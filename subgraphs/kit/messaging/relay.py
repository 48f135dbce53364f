"""Moves commits from the outbox to Redis: a stream for the other subgraphs, pub/sub for live feeds.

At least once: a crash after the write to Redis and before the mark in the outbox sends again, and consumers drop duplicates.
When Redis has lost what it was given (a restart without its data), the relay sees its position go back and sends again.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from subgraphs.kit.messaging.envelope import PublicEvent, envelope_of, events_stream, feed_channel, nudge_channel
from subgraphs.kit.messaging.redis import UNREACHABLE
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import Outbox
from subgraphs.kit.persistence.lease import Lease
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import get_logger

__all__ = ["CatchUp", "Publish", "Relay", "padded_entry"]

BATCH = 200
# How long the outbox is left alone when no nudge comes; bounds the delay of an event whose nudge was lost.
IDLE_SECONDS = 0.5
# The stream keeps about this many envelopes; a consumer that is further behind gets the rest after a replay.
STREAM_LENGTH = 1_000_000
NOWHERE = "0" * 20 + "-" + "0" * 20

Publish = Callable[[Commit], Sequence[PublicEvent]]
"""Translates one commit into its public events: a subgraph's `published.publish`."""


class CatchUp(Protocol):
    """Brings the read documents of one aggregate kind to commits."""

    async def catch_up(self, *commits: Commit) -> None: ...


class Relay:
    """The one relay at work for a subgraph; others stand by with the same lease."""

    def __init__(
        self, subgraph: str, outbox: Outbox, redis: Redis, lease: Lease, publish: Publish, read_models: Mapping[str, CatchUp]
    ) -> None:
        self._subgraph, self._outbox, self._redis, self._lease = subgraph, outbox, redis, lease
        self._publish, self._read_models = publish, read_models
        self._last_entry: str | None = None
        self._log = get_logger("relay")

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop` is set; a store that is away is waited for."""
        while not stop.is_set():
            try:
                async with self._redis.pubsub() as nudges:
                    await nudges.subscribe(nudge_channel(self._subgraph))
                    while not stop.is_set():
                        if not await self._leads() or await self.dispatch() < BATCH:
                            await nudges.get_message(ignore_subscribe_messages=True, timeout=IDLE_SECONDS)
            except (*UNREACHABLE, *DATABASE_UNREACHABLE) as error:
                self._log.warning("a store is unreachable, the outbox waits", error=type(error).__name__)
                await asyncio.sleep(IDLE_SECONDS)
        with suppress(*DATABASE_UNREACHABLE):
            await self._lease.release()

    async def _leads(self) -> bool:
        if await self._lease.hold():
            return True
        self._last_entry = None  # another relay sends now: where it got to, this one has to find out again
        return False

    async def dispatch(self) -> int:
        """Send one batch; return how many commits it had."""
        await self._send_again_what_redis_lost()
        commits = await self._outbox.undispatched(BATCH)
        if not commits:
            return 0
        for kind in {commit.kind for commit in commits}:
            await self._read_models[kind].catch_up(*(commit for commit in commits if commit.kind == kind))
        stream, encoder = events_stream(self._subgraph), msgspec.json.Encoder()
        async with self._redis.pipeline(transaction=False) as pipeline:
            for commit in commits:
                message = encoder.encode(envelope_of(commit, self._publish(commit)))
                pipeline.xadd(stream, {"envelope": message}, maxlen=STREAM_LENGTH, approximate=True)
                pipeline.publish(feed_channel(self._subgraph, commit.tenant), message)
            answers = await pipeline.execute()
        entries = [padded_entry(answer.decode()) for answer in answers[::2]]
        await self._outbox.mark_dispatched([commit.dispatched(entry) for commit, entry in zip(commits, entries, strict=True)])
        self._last_entry = entries[-1]
        return len(commits)

    async def _send_again_what_redis_lost(self) -> None:
        try:
            information = await self._redis.xinfo_stream(events_stream(self._subgraph))
            last = padded_entry(information["last-generated-id"].decode())
        except ResponseError:  # no such stream: a new Redis, or one that lost everything
            last = NOWHERE
        if self._last_entry is None or last < self._last_entry:
            lost = await self._outbox.undispatch_after(last)
            if lost:
                self._log.warning("redis lost events, sending them again", commits=lost)
            self._last_entry = last


def padded_entry(entry: str) -> str:
    """Return a Redis stream position (`<ms>-<n>`) in a form whose text order is its order."""
    milliseconds, _, number = entry.partition("-")
    return f"{int(milliseconds):020d}-{int(number):020d}"
