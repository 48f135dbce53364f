"""Reads other subgraphs' events from Redis Streams and hands each to its handlers, at least once.

Handlers are idempotent and tolerate events out of order. A commit that was handled is remembered in MongoDB, so a redelivery is
dropped; what is read together is looked up, remembered and acknowledged together. One that fails is tried again, ever later: it
goes to the dead letters after `DELIVERIES` tries, after `WAITS` when it only waits for another event, and at once when it cannot
be read. A store that is away only makes events wait.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.messaging.dead_letters import DeadLetters
from subgraphs.kit.messaging.envelope import Envelope, PublicEvent, events_stream
from subgraphs.kit.messaging.redis import STORE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["Consumer", "EnvelopeHandler", "EventHandler", "Received"]

# What is read is handled all at the same time: what waited in a batch would soon be taken over by another worker.
BATCH = CONCURRENCY = 16
BLOCK_MILLISECONDS = 1_000
# An entry that its reader has not finished for this long is taken over: the reader died, or it failed and waits for a retry.
RETRY_AFTER_MILLISECONDS = 3_000
# Each next retry comes later by this factor, up to the longest pause: 3 s, 4.5 s, 6.8 s … 60 s.
PAUSE_FACTOR = 1.5
LONGEST_PAUSE_MILLISECONDS = 60_000
# What fails is given up after half an hour, by when a deployment that broke it can be taken back.
DELIVERIES = 36
# What waits for another subgraph's event is given up after a week, which is more than that subgraph's relay is ever away.
WAITS = 10_000
# From here on it is told as a warning that something is waited for.
LONG_WAITS = 10
# Entries that are looked at together for whether they are due again.
LOOK = 200
# Longer than Redis keeps entries; what is redelivered later is handled again, which handlers allow.
REMEMBER_SECONDS = 90 * 24 * 3600

_DUPLICATE = 11000


class Received(msgspec.Struct, frozen=True):
    """One public event, with the envelope it came in."""

    event: PublicEvent
    envelope: Envelope

    @property
    def tenant(self) -> str:
        return self.envelope.tenant

    def context(self, actor: str) -> CommandContext:
        """Return the context for commands that follow from this event: its business time, its request."""
        return CommandContext(
            tenant=self.envelope.tenant,
            actor=actor,
            request_id=self.envelope.request_id,
            at=self.event.occurred_at,
            reason=f"event {self.event.id}",
        )


EventHandler = Callable[[Received], Awaitable[None]]
EnvelopeHandler = Callable[[Envelope], Awaitable[None]]


class _Batch:
    """Entries that were read together, and how far they are."""

    def __init__(self, handled: set[str]) -> None:
        self.handled = handled
        """Commits that need no handling any more, however often they are in the batch."""
        self.newly_handled: list[str] = []
        self.done: dict[str, list[bytes]] = defaultdict(list)
        """By stream, the entries to acknowledge."""
        self.store_away: Exception | None = None


class Consumer:
    """A consumer group named after the subgraph it works for; any number of processes share its work."""

    def __init__(
        self,
        subgraph: str,
        worker: str,
        redis: Redis,
        database: AsyncDatabase[dict[str, Any]],
        *,
        sources: Iterable[str],
        handlers: Mapping[str, Iterable[EventHandler]] | None = None,
        every_envelope: EnvelopeHandler | None = None,
    ) -> None:
        self._group, self._worker, self._redis = subgraph, worker, redis
        self._streams = [events_stream(source) for source in sources]
        self._handlers = {type_: tuple(handlers_) for type_, handlers_ in (handlers or {}).items()}
        self._every_envelope = every_envelope
        self._handled, self._dead_letters = database["handled_commits"], DeadLetters(database)
        self._looked_at: dict[str, bytes] = {}
        """By stream, up to where unfinished entries were looked at."""
        self._decoder = msgspec.json.Decoder(Envelope)
        self._log = get_logger("consumer")

    async def ensure_indexes(self) -> None:
        await self._handled.create_index([("handled_at", ASCENDING)], name="forget", expireAfterSeconds=REMEMBER_SECONDS)

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set; Redis away is waited for."""
        groups_exist = False
        while not stop.is_set():
            try:
                if not groups_exist:
                    await self._create_groups()
                    groups_exist = True
                await self._take_over()
                await self._read()
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                groups_exist = False
            except STORE_UNREACHABLE as error:
                self._log.warning("a store is unreachable, events wait", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _create_groups(self) -> None:
        for stream in self._streams:
            try:
                await self._redis.xgroup_create(stream, self._group, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def _read(self) -> None:
        answer = await self._redis.xreadgroup(
            self._group, self._worker, dict.fromkeys(self._streams, ">"), count=BATCH, block=BLOCK_MILLISECONDS
        )
        await self._handle_all([(stream.decode(), entry) for stream, entries in _pairs(answer) for entry in entries])

    async def _take_over(self) -> None:
        """Handle again what is due of what no reader has finished."""
        for stream in self._streams:
            if due := await self._due_again(stream):
                entries = await self._redis.xclaim(stream, self._group, self._worker, RETRY_AFTER_MILLISECONDS, [*due])
                await self._handle_all([(stream, entry) for entry in entries])

    async def _due_again(self, stream: str) -> list[bytes]:
        """Return up to a batch of entries; each look begins where the last one ended, so that none is left out for others."""
        after = self._looked_at.pop(stream, None)
        start = "-" if after is None else b"(" + after
        found: list[Any] = await self._redis.xpending_range(stream, self._group, start, "+", LOOK, idle=RETRY_AFTER_MILLISECONDS)
        due = [one["message_id"] for one in found if one["time_since_delivered"] >= _pause(one["times_delivered"])][:BATCH]
        if len(due) == BATCH:
            self._looked_at[stream] = due[-1]
        elif len(found) == LOOK:
            self._looked_at[stream] = found[-1]["message_id"]
        return due

    async def _handle_all(self, entries: list[tuple[str, Any]]) -> None:
        """Handle a batch: one aggregate's commits in order, different aggregates at the same time.

        What was done of it when a store went away is remembered all the same, or else handled again, which handlers allow.
        """
        by_aggregate: dict[tuple[str, str, str], list[tuple[str, bytes, Envelope]]] = defaultdict(list)
        for stream, (entry, fields) in entries:
            envelope = await self._decode(stream, entry, fields)
            if envelope is None:
                continue
            by_aggregate[stream, envelope.tenant, envelope.aggregate_id].append((stream, entry, envelope))
        if not by_aggregate:
            return
        batch = _Batch(await self._handled_before([envelope for commits in by_aggregate.values() for *_, envelope in commits]))
        limit = asyncio.Semaphore(CONCURRENCY)

        async def in_order(commits: list[tuple[str, bytes, Envelope]]) -> None:
            async with limit:
                for stream, entry, envelope in commits:
                    if batch.store_away is not None:
                        return
                    try:
                        await self._handle(stream, entry, envelope, batch)
                    except STORE_UNREACHABLE as error:
                        batch.store_away = error

        async with asyncio.TaskGroup() as group:
            for commits in by_aggregate.values():
                group.create_task(in_order(commits))
        await self._remember(batch.newly_handled)
        for stream, done in batch.done.items():
            await self._redis.xack(stream, self._group, *done)
        if batch.store_away is not None:
            raise batch.store_away

    async def _decode(self, stream: str, entry: bytes, fields: Mapping[bytes, bytes]) -> Envelope | None:
        """Return the envelope; one that cannot be read will not be readable later either, and must not hold up the others."""
        raw = fields.get(b"envelope", b"")
        try:
            return self._decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._log.error("entry is no envelope, kept as a dead letter", stream=stream, entry=entry.decode(), exc_info=error)
            await self._dead_letters.put(f"{stream}/{entry.decode()}", stream, entry.decode(), raw, error)
            await self._redis.xack(stream, self._group, entry)
            return None

    def _is_wanted(self, envelope: Envelope) -> bool:
        return self._every_envelope is not None or any(event.type in self._handlers for event in envelope.events)

    async def _handled_before(self, envelopes: Iterable[Envelope]) -> set[str]:
        """Return the ids of the commits among those wanted that were handled before."""
        ids = [envelope.commit_id for envelope in envelopes if self._is_wanted(envelope)]
        return {found["_id"] async for found in self._handled.find({"_id": {"$in": ids}}, {"_id": 1})} if ids else set()

    async def _handle(self, stream: str, entry: bytes, envelope: Envelope, batch: "_Batch") -> None:
        if self._is_wanted(envelope) and envelope.commit_id not in batch.handled:
            bind_request(envelope.request_id, tenant=envelope.tenant)
            try:
                await self._call_handlers(envelope)
            except STORE_UNREACHABLE:
                raise
            except Exception as error:
                if not await self._give_up(stream, entry, envelope, error):
                    return
            else:
                batch.handled.add(envelope.commit_id)
                batch.newly_handled.append(envelope.commit_id)
        batch.done[stream].append(entry)

    async def _call_handlers(self, envelope: Envelope) -> None:
        if self._every_envelope:
            await self._every_envelope(envelope)
        for event in envelope.events:
            for handler in self._handlers.get(event.type, ()):
                await handler(Received(event, envelope))

    async def _remember(self, commit_ids: Iterable[str]) -> None:
        now = datetime.now(UTC)
        handled = [{"_id": id, "handled_at": now} for id in commit_ids]
        if not handled:
            return
        try:
            await self._handled.insert_many(handled, ordered=False)
        except BulkWriteError as error:  # another process handled the same redelivery
            if any(failure["code"] != _DUPLICATE for failure in error.details["writeErrors"]):
                raise

    async def _give_up(self, stream: str, entry: bytes, envelope: Envelope, error: Exception) -> bool:
        """Leave a failed entry for a retry or, after too many, keep it as a dead letter; return whether it was given up."""
        pending = await self._redis.xpending_range(stream, self._group, entry, entry, 1)
        waiting = isinstance(error, NotReady)
        most = WAITS if waiting else DELIVERIES
        deliveries = int(pending[0]["times_delivered"]) if pending else most
        if deliveries < most:
            level = logging.ERROR if not waiting else logging.INFO if deliveries < LONG_WAITS else logging.WARNING
            what = "event will be retried"
            self._log.log(level, what, commit=envelope.commit_id, tries=deliveries, error=str(error), exc_info=not waiting)
            return False
        self._log.error("event given up, kept as a dead letter", commit=envelope.commit_id, exc_info=error)
        await self._dead_letters.put(envelope.commit_id, stream, entry.decode(), msgspec.json.encode(envelope), error)
        return True


def _pause(deliveries: int) -> float:
    """Return for how many milliseconds an entry that was delivered so often is left to its reader."""
    return min(RETRY_AFTER_MILLISECONDS * PAUSE_FACTOR ** min(deliveries - 1, 100), LONGEST_PAUSE_MILLISECONDS)


def _pairs(answer: Any) -> Iterable[tuple[bytes, list[Any]]]:
    """Return (stream, entries) pairs from what XREADGROUP answers under either protocol version."""
    if isinstance(answer, dict):
        return [(stream, [entry for chunk in chunks for entry in chunk]) for stream, chunks in answer.items()]
    return answer or []
