"""The running subscriptions: equal ones share one source, every subscriber has its own bounded queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing

from router.errors import Overloaded, RouterError, SubscriptionFailed, SubscriptionOverflow
from router.telemetry.logs import get_logger
from router.telemetry.metrics import Metrics

__all__ = ["Subscriber", "SubscriptionRegistry"]

log = get_logger(__name__)

# What a queue holds: an event's answer, the reason for the end, or None for a regular end.
Item = bytes | RouterError | None


class SubscriptionRegistry:
    """Starts a source with its first subscriber and stops it with the last one."""

    def __init__(self, *, max_subscriptions: int, queue_size: int, metrics: Metrics) -> None:
        self._max_subscriptions = max_subscriptions
        self._queue_size = queue_size
        self._metrics = metrics
        self._sources: dict[Hashable, _Source] = {}
        self._closed = False
        metrics.subscriptions.read = lambda: sum(len(source.subscribers) for source in self._sources.values())
        metrics.upstreams.read = lambda: len(self._sources)

    def subscribe(self, key: Hashable, start: Callable[[], AsyncGenerator[bytes, None]]) -> Subscriber:
        """Return a new subscriber of the source with this key; `start` opens it when it is not running.

        Raises:
            Overloaded: the limit is reached, or the router is shutting down.
        """
        if self._closed:
            raise Overloaded("The router is shutting down.")
        if self._metrics.subscriptions.value() >= self._max_subscriptions:
            raise Overloaded("Too many subscriptions are running.")
        source = self._sources.get(key)
        if source is None:
            source = self._sources[key] = _Source()
            source.task = asyncio.create_task(self._run(key, source, start))
        subscriber = Subscriber(self, key, source, self._queue_size)
        source.subscribers.add(subscriber)
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a subscriber; its source stops when it was the last one."""
        source = subscriber.source
        source.subscribers.discard(subscriber)
        if not source.subscribers and source.task is not None and not source.task.done():
            source.task.cancel()
            if self._sources.get(subscriber.key) is source:
                del self._sources[subscriber.key]

    async def close(self) -> None:
        """End every subscription: each subscriber sees a regular end."""
        self._closed = True
        sources = list(self._sources.values())
        for source in sources:
            for subscriber in list(source.subscribers):
                subscriber.offer(None)
            if source.task is not None:
                source.task.cancel()
        tasks = [source.task for source in sources if source.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        self._sources.clear()

    async def _run(self, key: Hashable, source: _Source, start: Callable[[], AsyncGenerator[bytes, None]]) -> None:
        end: RouterError | None = None
        try:
            async with aclosing(start()) as bodies:
                async for body in bodies:
                    for subscriber in list(source.subscribers):
                        self._deliver(subscriber, body)
        except RouterError as error:
            end = error
        except Exception:
            log.exception("subscription.failed")
            end = SubscriptionFailed("The subscription failed.")
        finally:
            if self._sources.get(key) is source:
                del self._sources[key]
        for subscriber in list(source.subscribers):
            subscriber.offer(end)

    def _deliver(self, subscriber: Subscriber, body: bytes) -> None:
        if subscriber.offer(body):
            self._metrics.subscription_events.inc("delivered")
        else:
            self._metrics.subscription_events.inc("overflow")
            subscriber.overflow()
            self.leave(subscriber)


class Subscriber:
    """An iterator over the answers of one subscription, from the moment it was made. Close it when done."""

    def __init__(self, registry: SubscriptionRegistry, key: Hashable, source: _Source, queue_size: int) -> None:
        self.key = key
        self.source = source
        self._registry = registry
        # One more place than events, so that the end always fits.
        self._queue: asyncio.Queue[Item] = asyncio.Queue(queue_size + 1)
        self._queue_size = queue_size

    async def next(self, timeout_seconds: float | None = None) -> bytes | None:
        """Return the next answer; None at the regular end.

        Raises:
            TimeoutError: there was none in time.
            RouterError: why the subscription ended.
        """
        if self._queue.empty():
            item = await asyncio.wait_for(self._queue.get(), timeout_seconds)
        else:
            item = self._queue.get_nowait()
        if isinstance(item, RouterError):
            raise item
        return item

    def close(self) -> None:
        """Stop listening; calling it again does nothing."""
        self._registry.leave(self)

    def offer(self, item: Item) -> bool:
        """Queue an item; events are refused when the queue is full, the end is not."""
        if isinstance(item, bytes) and self._queue.qsize() >= self._queue_size:
            return False
        if not self._queue.full():
            self._queue.put_nowait(item)
        return True

    def overflow(self) -> None:
        """Replace what was not read by the reason for the end."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(SubscriptionOverflow("Events arrive faster than they are read."))


class _Source:
    """One running source and those who listen to it."""

    def __init__(self) -> None:
        self.subscribers: set[Subscriber] = set()
        self.task: asyncio.Task[None] | None = None
