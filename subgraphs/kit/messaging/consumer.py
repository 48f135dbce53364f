"""Reads other subgraphs' events from Redis Streams and hands each to its handlers, at least once.

Handlers are idempotent and tolerate events out of order. A commit that was handled is remembered in MongoDB, so a redelivery is
dropped; what is read together is looked up, remembered and acknowledged together. One that fails is tried again, ever later and
beside what is new. It goes to the dead letters after `FAILURES`, after `WAITS` when it only waits for another event or a server
that does not answer, and at once when it cannot be read. A store that is away only makes events wait.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
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
from subgraphs.kit.messaging.dead_letters import LETTER, DeadLetters
from subgraphs.kit.messaging.envelope import Envelope, PublicEvent, events_stream
from subgraphs.kit.messaging.redis import STORE_AWAY, STORE_UNREACHABLE
from subgraphs.kit.messaging.retries import Retries
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["Consumer", "EnvelopeHandler", "EventHandler", "Received"]

# What is read is handled all at the same time: what waited in a batch would soon be taken over by another worker.
BATCH = 16
# Retries mostly wait. There may be many after an outage, and they must not take a week.
RETRIES_AT_ONCE = 64
BLOCK_MILLISECONDS = 1_000
# Well within the time after which others take over what is not heard of.
HOLD_SECONDS = 1.0
# What fails is given up after half an hour, by when a deployment that broke it can be taken back.
FAILURES = 36
# What waits is given up after a week, which is more than another subgraph's relay is ever away.
WAITS = 10_000
# From here on it is told as a warning that something is waited for.
LONG_WAITS = 10
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
Step = Callable[[asyncio.Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of a stream."""

    stream: str
    id: bytes
    envelope: Envelope
    is_dead_letter: bool
    """Whether it is a dead letter of this group that is tried again."""


class _Batch:
    """Entries that were read together, and how far they are."""

    def __init__(self, handled: set[str]) -> None:
        self.handled = handled
        """Commits that need no handling any more, however often they are in the batch."""
        self.newly_handled: list[str] = []
        self.letters: list[str] = []
        """Dead letters that are none any more."""
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
        self._retries = Retries(redis, subgraph, worker)
        self._in_hand: dict[str, set[bytes]] = {stream: set() for stream in self._streams}
        """By stream, the entries that this process is at work on."""
        self._decoder = msgspec.json.Decoder(Envelope)
        self._log = get_logger("consumer")

    async def ensure_indexes(self) -> None:
        await self._handled.create_index([("handled_at", ASCENDING)], name="forget", expireAfterSeconds=REMEMBER_SECONDS)

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set; a store that is away is waited for."""
        async with asyncio.TaskGroup() as group:
            for step in (self._read, self._retry, self._hold):
                group.create_task(self._repeat(step, stop))

    async def _repeat(self, step: Step, stop: asyncio.Event) -> None:
        groups_exist = False
        while not stop.is_set():
            try:
                if not groups_exist:
                    await self._create_groups()
                    groups_exist = True
                await step(stop)
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

    async def _read(self, _: asyncio.Event) -> None:
        """Handle what is new, all that is read at the same time: what waited in a batch could be handled by another worker."""
        answer = await self._redis.xreadgroup(
            self._group, self._worker, dict.fromkeys(self._streams, ">"), count=BATCH, block=BLOCK_MILLISECONDS
        )
        await self._handle_all([(stream.decode(), *entry) for stream, entries in _pairs(answer) for entry in entries])

    async def _retry(self, stop: asyncio.Event) -> None:
        """Handle again what is due of what no reader has finished."""
        due = list[tuple[str, bytes, Mapping[bytes, bytes]]]()
        for stream in self._streams:
            if len(due) == RETRIES_AT_ONCE:
                break
            taken = await self._retries.take(stream, RETRIES_AT_ONCE - len(due))
            due += [(stream, id, fields) for id, fields in taken if id not in self._in_hand[stream]]
        await self._handle_all(due)
        if not due and not any(self._retries.look_goes_on(stream) for stream in self._streams):
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), BLOCK_MILLISECONDS / 1000)

    async def _hold(self, stop: asyncio.Event) -> None:
        """Let the other workers know that what this one is at work on is not to be taken over."""
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), HOLD_SECONDS)
        for stream, entries in self._in_hand.items():
            if entries:
                await self._retries.hold(stream, entries)

    async def _handle_all(self, entries: list[tuple[str, bytes, Mapping[bytes, bytes]]]) -> None:
        """Handle a batch: one aggregate's commits in order, different aggregates at the same time.

        What was done of it when a store went away is remembered all the same, or else handled again, which handlers allow.
        """
        for stream, id, _ in entries:
            self._in_hand[stream].add(id)
        try:
            await self._handle_batch(entries)
        finally:
            for stream, id, _ in entries:
                self._in_hand[stream].discard(id)

    async def _handle_batch(self, entries: list[tuple[str, bytes, Mapping[bytes, bytes]]]) -> None:
        by_aggregate: dict[tuple[str, str, str], list[_Entry]] = defaultdict(list)
        for stream, id, fields in entries:
            envelope = await self._decode(stream, id, fields)
            if envelope is not None:
                entry = _Entry(stream, id, envelope, fields.get(LETTER) == self._group.encode())
                by_aggregate[stream, envelope.tenant, envelope.aggregate_id].append(entry)
        if not by_aggregate:
            return
        batch = _Batch(await self._handled_before([entry.envelope for found in by_aggregate.values() for entry in found]))

        async def in_order(found: list[_Entry]) -> None:
            for entry in found:
                if batch.store_away is not None:
                    return
                try:
                    await self._handle(entry, batch)
                except STORE_AWAY as error:
                    batch.store_away = error

        async with asyncio.TaskGroup() as group:
            for found in by_aggregate.values():
                group.create_task(in_order(found))
        await self._remember(batch.newly_handled)
        await self._dead_letters.delete(batch.letters)
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

    async def _handle(self, entry: _Entry, batch: "_Batch") -> None:
        envelope = entry.envelope
        if self._is_wanted(envelope) and envelope.commit_id not in batch.handled:
            bind_request(envelope.request_id, tenant=envelope.tenant)
            try:
                await self._call_handlers(envelope)
            except STORE_AWAY:
                raise
            except Exception as error:
                if not await self._give_up(entry, error):
                    return
                batch.done[entry.stream].append(entry.id)
                return
            batch.handled.add(envelope.commit_id)
            batch.newly_handled.append(envelope.commit_id)
        if entry.is_dead_letter:
            batch.letters.append(envelope.commit_id)
        batch.done[entry.stream].append(entry.id)

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

    async def _give_up(self, entry: _Entry, error: Exception) -> bool:
        """Leave a failed entry for a retry or, after too many, keep it as a dead letter; return whether it was given up."""
        envelope, deliveries = entry.envelope, await self._retries.deliveries(entry.stream, entry.id)
        if deliveries is None:  # another worker has finished it meanwhile
            return False
        waits = isinstance(error, NotReady | TimeoutError)
        tries, most = (deliveries, WAITS) if waits else (await self._retries.failed(entry.stream, entry.id), FAILURES)
        if tries < most:
            level = logging.ERROR if not waits else logging.INFO if tries < LONG_WAITS else logging.WARNING
            what, why = "event will be retried", str(error) or type(error).__name__
            self._log.log(level, what, commit=envelope.commit_id, tries=tries, error=why, exc_info=not waits)
            return False
        self._log.error("event given up, kept as a dead letter", commit=envelope.commit_id, exc_info=error)
        raw = msgspec.json.encode(envelope)
        await self._dead_letters.put(envelope.commit_id, entry.stream, entry.id.decode(), raw, error)
        return True


def _pairs(answer: Any) -> Iterable[tuple[bytes, list[Any]]]:
    """Return (stream, entries) pairs from what XREADGROUP answers under either protocol version."""
    if isinstance(answer, dict):
        return [(stream, [entry for chunk in chunks for entry in chunk]) for stream, chunks in answer.items()]
    return answer or []
