"""Live feeds: one Redis connection per process, fanned out to the subscribers of each tenant."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from redis.asyncio import Redis

from subgraphs.kit.messaging.envelope import Envelope, feed_channel
from subgraphs.kit.messaging.redis import UNREACHABLE
from subgraphs.kit.telemetry import get_logger

__all__ = ["Feed", "Gap", "TooManySubscribers", "following"]

# A subscriber that is this many envelopes behind loses them and is told so.
QUEUE_LENGTH = 256
SUBSCRIBERS = 10_000
# How long a new subscriber may wait until its channel is subscribed to; trades wake-ups for latency.
POLL_SECONDS = 0.05


class Gap:
    """Stands where envelopes may be missing: Redis was away, or the subscriber was too slow. Read the current state again."""


class TooManySubscribers(Exception):
    """This process serves as many live subscriptions as it may."""


Message = Envelope | Gap


class Feed:
    """What a subgraph's relay tells, live. Nothing is kept: whoever was not listening reads documents instead."""

    def __init__(self, subgraph: str, redis: Redis) -> None:
        self._subgraph, self._redis = subgraph, redis
        self._pubsub = redis.pubsub()
        self._subscribers: dict[str, set[asyncio.Queue[Message]]] = defaultdict(set)
        self._confirmed: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._decoder = msgspec.json.Decoder(Envelope)
        self._log = get_logger("feed")

    @asynccontextmanager
    async def subscribe(self, tenant: str) -> AsyncIterator[AsyncIterator[Message]]:
        """Receive every envelope of `tenant` from now on; what is committed after entering is not missed."""
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
            yield _drain(queue)
        finally:
            self._subscribers[channel].discard(queue)
            if not self._subscribers[channel]:
                del self._subscribers[channel]
                self._confirmed.pop(channel, None)
                self._changed.set()

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
                self._changed.set()
                await asyncio.sleep(0.5)

    async def _follow_subscriptions(self) -> None:
        if not self._changed.is_set():
            return
        self._changed.clear()
        current = {name.decode() if isinstance(name, bytes) else name for name in self._pubsub.channels}
        if added := set(self._subscribers) - current:
            await self._pubsub.subscribe(*added)
        if removed := current - set(self._subscribers):
            await self._pubsub.unsubscribe(*removed)

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
