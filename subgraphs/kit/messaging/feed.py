"""Live feeds: one Redis connection per process, fanned out to the subscribers of each tenant.

Who was away goes on behind the last event it had: what was told since is read from the stream that the other subgraphs read.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from redis.asyncio import Redis

from subgraphs.kit.messaging.envelope import Envelope, events_stream, feed_channel
from subgraphs.kit.messaging.positions import parsed, unpadded
from subgraphs.kit.messaging.redis import UNREACHABLE
from subgraphs.kit.telemetry import get_logger

__all__ = ["Feed", "Gap", "TooManySubscribers", "following"]

# A subscriber that is this many envelopes behind loses them and is told so.
QUEUE_LENGTH = 256
SUBSCRIBERS = 10_000
# How long a new subscriber may wait until its channel is subscribed to; trades wake-ups for latency.
POLL_SECONDS = 0.05
# Entries of the stream that are read together, and how many of all tenants are looked through for one who was away.
PAGE, LOOKED_THROUGH = 500, 100_000

Position = Callable[[str], Awaitable[str | None]]
"""Returns the position in the stream, padded, at which a commit was sent, by the commit's id; None: it was not, or is unknown."""


class Gap:
    """Stands where envelopes may be missing: Redis was away, or the subscriber was too slow. Read the current state again."""


class TooManySubscribers(Exception):
    """This process serves as many live subscriptions as it may."""


Message = Envelope | Gap


class Feed:
    """What a subgraph's relay tells, live, and what it told lately. Who was away for too long reads documents instead."""

    def __init__(self, subgraph: str, redis: Redis, position: Position) -> None:
        self._subgraph, self._redis, self._position = subgraph, redis, position
        self._pubsub = redis.pubsub()
        self._subscribers: dict[str, set[asyncio.Queue[Message]]] = defaultdict(set)
        self._confirmed: dict[str, asyncio.Event] = {}
        self._followed: set[str] = set()
        """The channels that Redis was asked for, whether it has confirmed that or not."""
        self._changed = asyncio.Event()
        self._decoder = msgspec.json.Decoder(Envelope)
        self._log = get_logger("feed")

    @asynccontextmanager
    async def subscribe(self, tenant: str, after: str | None = None) -> AsyncIterator[AsyncIterator[Message]]:
        """Receive every envelope of `tenant` from now on; what is committed after entering is not missed.

        `after` is the id of an event: what was told behind it comes first, behind a gap where that is not all there any more.
        """
        if sum(map(len, self._subscribers.values())) >= SUBSCRIBERS:
            raise TooManySubscribers
        channel = feed_channel(self._subgraph, tenant)
        queue: asyncio.Queue[Message] = asyncio.Queue(QUEUE_LENGTH)
        self._subscribers[channel].add(queue)
        confirmed = self._confirmed.setdefault(channel, asyncio.Event())
        try:
            self._changed.set()
            try:
                await asyncio.wait_for(confirmed.wait(), timeout=5)
            except TimeoutError:
                queue.put_nowait(Gap())  # Redis is away: the subscription stands, and will say again when it is back
            yield _drain(queue) if after is None else self._drained_after(queue, tenant, after)
        finally:
            self._subscribers[channel].discard(queue)
            if not self._subscribers[channel]:
                del self._subscribers[channel]
                self._changed.set()

    async def _drained_after(self, queue: asyncio.Queue[Message], tenant: str, after: str) -> AsyncIterator[Message]:
        # What is told while the stream is read comes twice.
        told: deque[str] = deque(maxlen=QUEUE_LENGTH)
        try:
            async for message in self._told_after(tenant, after):
                if isinstance(message, Envelope):
                    told.append(message.commit_id)
                yield message
        except UNREACHABLE as error:
            self._log.warning("redis is unreachable, a feed has a gap", error=type(error).__name__)
            yield Gap()
        async for message in _drain(queue):
            if not isinstance(message, Envelope) or message.commit_id not in told:
                yield message

    async def _told_after(self, tenant: str, after: str) -> AsyncIterator[Message]:
        commit_id, _, number = after.rpartition("#")
        is_mine = commit_id.startswith(f"{tenant}/") and number.isdecimal()
        position = await self._position(commit_id) if is_mine else None
        if position is None:
            yield Gap()
            return
        start, stream = unpadded(parsed(position)), events_stream(self._subgraph)
        oldest: Any = await self._redis.xrange(stream, count=1)
        if not oldest or parsed(oldest[0][0]) > parsed(position):
            yield Gap()
        for _ in range(LOOKED_THROUGH // PAGE):
            page: Any = await self._redis.xrange(stream, start, count=PAGE)
            for _, fields in page:
                raw = fields[b"envelope"]
                if tenant.encode() not in raw:
                    continue
                envelope = self._decoder.decode(raw)
                if envelope.commit_id == commit_id:
                    events = tuple(event for event in envelope.events if int(event.id.rpartition("#")[2]) > int(number))
                    envelope = msgspec.structs.replace(envelope, events=events)
                if envelope.tenant == tenant and envelope.events:
                    yield envelope
            if len(page) < PAGE:
                return
            start = f"({page[-1][0].decode()}"
        yield Gap()

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._follow_subscriptions()
                if not self._pubsub.subscribed:
                    await self._changed.wait()
                    continue
                message = await self._pubsub.get_message(timeout=POLL_SECONDS)
                if message is not None:
                    self._deliver(message)
            except UNREACHABLE as error:
                self._log.warning("redis is unreachable, feeds have a gap", error=type(error).__name__)
                await self._pubsub.aclose()  # type: ignore[no-untyped-call]
                self._pubsub = self._redis.pubsub()
                self._followed = set()
                self._changed.set()
                await asyncio.sleep(0.5)

    async def _follow_subscriptions(self) -> None:
        if not self._changed.is_set():
            return
        self._changed.clear()
        added, removed = set(self._subscribers) - self._followed, self._followed - set(self._subscribers)
        self._followed = set(self._subscribers)
        for channel in removed:
            self._confirmed.pop(channel, None)
        if removed:
            await self._pubsub.unsubscribe(*removed)
        if added:
            await self._pubsub.subscribe(*added)

    def _deliver(self, message: dict[str, object]) -> None:
        raw = message["channel"]
        channel = raw.decode() if isinstance(raw, bytes) else str(raw)
        if message["type"] == "subscribe":
            confirmed = self._confirmed.get(channel)
            if confirmed is not None and confirmed.is_set():  # a second confirmation: the connection was lost in between
                self._fan_out(channel, Gap())
            elif confirmed is not None:
                confirmed.set()
        elif message["type"] == "message":
            self._fan_out(channel, self._decoder.decode(message["data"]))  # type: ignore[arg-type]

    def _fan_out(self, channel: str, message: Message) -> None:
        for queue in self._subscribers.get(channel, ()):
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(Gap())
            else:
                queue.put_nowait(message)


@asynccontextmanager
async def following(feed: Feed) -> AsyncIterator[Feed]:
    """Let the feed listen while the context is open."""
    listening = asyncio.create_task(feed.run())
    try:
        yield feed
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _drain(queue: asyncio.Queue[Message]) -> AsyncIterator[Message]:
    while True:
        yield await queue.get()
