"""What a feed promises those who follow it: nothing is missed without saying so, and nobody holds up the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import msgspec
import pytest
from redis.asyncio import Redis

from subgraphs.kit.messaging import feed as feed_module
from subgraphs.kit.messaging.envelope import Envelope, feed_channel
from subgraphs.kit.messaging.feed import Feed, Gap, TooManySubscribers, following
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.settings import Settings
from tests.testkit.received import received


@pytest.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    async with connect_redis(settings) as client:
        yield client


@pytest.fixture
async def feed(settings: Settings) -> AsyncIterator[Feed]:
    async with connect_redis(settings, listener=True) as listener, following(Feed("thing", listener)) as feed:
        yield feed


async def tell(redis: Redis, number: int, tenant: str = "acme") -> None:
    event = received("thing-happened.v1", {"number": number}, aggregate_id="thing_1", sequence=number, tenant=tenant)
    await redis.publish(feed_channel("thing", tenant), msgspec.json.encode(event.envelope))


async def numbers(messages: AsyncIterator[Envelope | Gap], count: int) -> list[int | None]:
    async with asyncio.timeout(10):
        found = [await anext(messages) for _ in range(count)]
    return [None if isinstance(message, Gap) else message.version for message in found]


async def test_followers_of_a_tenant_all_receive_what_it_is_told(feed: Feed, redis: Redis) -> None:
    async with feed.subscribe("acme") as first, feed.subscribe("acme") as second, feed.subscribe("rival") as other:
        for number in (1, 2):
            await tell(redis, number)
        await tell(redis, 3, "rival")
        assert [await numbers(messages, 2) for messages in (first, second)] == [[1, 2]] * 2
        assert await numbers(other, 1) == [3]


async def test_one_who_is_too_slow_is_told_of_the_gap_and_holds_up_nobody(
    feed: Feed, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "QUEUE_LENGTH", 3)
    async with feed.subscribe("acme") as slow:
        monkeypatch.setattr(feed_module, "QUEUE_LENGTH", 100)
        async with feed.subscribe("acme") as quick:
            for number in range(1, 6):
                await tell(redis, number)
            assert await numbers(quick, 5) == [1, 2, 3, 4, 5]
            # 1, 2, 3 fill the queue; 4 makes it a gap; 5 follows.
            assert await numbers(slow, 2) == [None, 5]


async def test_followers_are_bounded_and_leave_room(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "SUBSCRIBERS", 1)
    async with feed.subscribe("acme"):
        with pytest.raises(TooManySubscribers):
            async with feed.subscribe("rival"):
                pass
    async with feed.subscribe("rival"):
        pass


async def test_a_channel_that_nobody_follows_any_more_is_left(feed: Feed, redis: Redis) -> None:
    channel = feed_channel("thing", "acme")

    async def followed() -> bool:
        return bool(dict(await redis.pubsub_numsub(channel))[channel.encode()])

    async with feed.subscribe("acme"):
        assert await followed()
    async with asyncio.timeout(10):
        while await followed():
            await asyncio.sleep(0.02)
    async with feed.subscribe("acme") as again:
        await tell(redis, 7)
        assert await numbers(again, 1) == [7]


async def test_following_ends_with_its_context(settings: Settings) -> None:
    async with (
        connect_redis(settings, listener=True) as listener,
        following(Feed("thing", listener)) as feed,
        feed.subscribe("acme") as messages,
    ):
        waiting = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
    assert [task for task in asyncio.all_tasks() if "Feed.run" in repr(task.get_coro())] == []
