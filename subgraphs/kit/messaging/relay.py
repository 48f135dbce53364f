"""Moves commits from the outbox to Redis: a stream for the other subgraphs, pub/sub for live feeds.

At least once: a crash after the write to Redis and before the mark in the outbox sends again, and consumers drop duplicates.
When Redis has lost what it was given (a restart without its data), the relay sees its position go back and sends again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Protocol

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from subgraphs.kit.left_alone import LeftAlone
from subgraphs.kit.messaging.envelope import PublicEvent, envelope_of, events_stream, feed_channel, nudge_channel
from subgraphs.kit.messaging.positions import padded
from subgraphs.kit.messaging.redis import STORE_UNREACHABLE
from subgraphs.kit.messaging.trimming import trim
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import Outbox
from subgraphs.kit.persistence.lease import Lease
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import get_logger

__all__ = ["CatchUp", "Publish", "Relay"]

BATCH = 200
# How long the outbox is left alone when no nudge comes; bounds the delay of an event whose nudge was lost.
IDLE_SECONDS = 0.5
# An aggregate whose events cannot be prepared is left alone this long: they wait, in their order, and the others' are sent.
RETRY_SECONDS = 60.0
# More waiting commits than this are more than some aggregates' trouble: then everything waits.
MOST_WAITING = 1_000
NOWHERE = "0" * 20 + "-" + "0" * 20


Publish = Callable[[Commit], Sequence[PublicEvent]]
"""Translates one commit into its public events: a subgraph's `published.publish`."""


class CatchUp(Protocol):
    """Brings the read documents of one aggregate kind to commits."""

    async def catch_up(self, *commits: Commit) -> None: ...


class Relay:
    """The one relay at work for a subgraph; others stand by with the same lease."""

    def __init__(
        self,
        subgraph: str,
        outbox: Outbox,
        redis: Redis,
        lease: Lease,
        publish: Publish,
        read_models: Mapping[str, CatchUp],
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._subgraph, self._outbox, self._redis, self._lease = subgraph, outbox, redis, lease
        self._publish, self._read_models = publish, read_models
        self._last_entry: str | None = None
        self._left_alone = LeftAlone(RETRY_SECONDS, seconds)
        """Streams of aggregates whose events could not be prepared."""
        self._waiting = 0
        """Commits at the head of the outbox that are left there for now."""
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
            except STORE_UNREACHABLE as error:
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
        messages = await self._messages(await self._outbox.undispatched(BATCH + min(self._waiting, MOST_WAITING)))
        if not messages:
            return 0
        stream = events_stream(self._subgraph)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for commit, message in messages:
                pipeline.xadd(stream, {"envelope": message})
                pipeline.publish(feed_channel(self._subgraph, commit.tenant), message)
            answers = await pipeline.execute()
        entries = [padded(answer) for answer in answers[::2]]
        sent = [commit.dispatched(entry) for (commit, _), entry in zip(messages, entries, strict=True)]
        await self._outbox.mark_dispatched(sent)
        self._last_entry = entries[-1]
        await trim(self._redis, stream)
        return len(sent)

    async def _messages(self, commits: Sequence[Commit]) -> list[tuple[Commit, bytes]]:
        """Return what is to be sent of each commit, whose document is up to date then; of what fails, nothing for a while."""
        left_alone = self._left_alone.ids()
        ready = [commit for commit in commits if commit.stream not in left_alone]
        try:
            messages = await self._prepared(ready)
        except STORE_UNREACHABLE:
            raise
        except Exception:  # one aggregate's trouble must not keep the others waiting: find out which one's it is
            by_stream: dict[str, list[Commit]] = defaultdict(list)
            for commit in ready:
                by_stream[commit.stream].append(commit)
            found: dict[str, bytes] = {}
            for stream, of_stream in by_stream.items():
                try:
                    found |= {commit.id: message for commit, message in await self._prepared(of_stream)}
                except STORE_UNREACHABLE:
                    raise
                except Exception:
                    self._left_alone.add(stream)
                    self._log.exception("events wait, their aggregate will be tried again", stream=stream)
            messages = [(commit, found[commit.id]) for commit in ready if commit.id in found]
        self._waiting = len(commits) - len(messages)
        return messages

    async def _prepared(self, commits: Sequence[Commit]) -> list[tuple[Commit, bytes]]:
        for kind in {commit.kind for commit in commits}:
            await self._read_models[kind].catch_up(*(commit for commit in commits if commit.kind == kind))
        encode = msgspec.json.Encoder().encode
        return [(commit, encode(envelope_of(commit, self._publish(commit)))) for commit in commits]

    async def _send_again_what_redis_lost(self) -> None:
        try:
            information = await self._redis.xinfo_stream(events_stream(self._subgraph))
            last = padded(information["last-generated-id"])
        except ResponseError as error:
            if "no such key" not in str(error):
                raise
            last = NOWHERE  # a new Redis, or one that lost everything
        if self._last_entry is None or last < self._last_entry:
            lost = await self._outbox.undispatch_after(last)
            if lost:
                self._log.warning("redis lost events, sending them again", commits=lost)
            self._last_entry = last
