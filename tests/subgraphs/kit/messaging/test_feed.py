"""What a feed promises those who follow it: nothing is missed without saying so, and nobody holds up the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import msgspec
import pytest
from redis.asyncio import Redis

from subgraphs.kit.messaging import feed as feed_module
from subgraphs.kit.messaging.envelope import Envelope, events_stream, feed_channel
from subgraphs.kit.messaging.feed import Feed, Gap, TooManySubscribers, following
from subgraphs.kit.messaging.positions import padded
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.settings import Settings
from tests.testkit.received import received


@pytest.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    async with connect_redis(settings) as client:
        yield client


POSITIONS: dict[str, str] = {}
"""Where commits were sent."""


async def position(commit_id: str) -> str | None:
    return POSITIONS.get(commit_id)


@pytest.fixture
async def feed(settings: Settings, flushed_redis: None) -> AsyncIterator[Feed]:
    POSITIONS.clear()
    async with connect_redis(settings, listener=True) as listener, following(Feed("thing", listener, position)) as feed:
        yield feed


def told(number: int, tenant: str = "acme") -> Envelope:
    return received("thing-happened.v1", {"number": number}, aggregate_id="thing_1", sequence=number, tenant=tenant).envelope


async def tell(redis: Redis, number: int, tenant: str = "acme") -> None:
    await redis.publish(feed_channel("thing", tenant), msgspec.json.encode(told(number, tenant)))


async def send(redis: Redis, number: int, tenant: str = "acme", events: int = 1) -> str:
    """Tell as a relay does, and return the id of the commit."""
    envelope = told(number, tenant)
    commit_id = f"{tenant}/Thing/thing_1/{number:010d}"
    all_events = tuple(msgspec.structs.replace(envelope.events[0], id=f"{commit_id}#{at}") for at in range(events))
    raw = msgspec.json.encode(msgspec.structs.replace(envelope, commit_id=commit_id, events=all_events))
    POSITIONS[commit_id] = padded((await redis.xadd(events_stream("thing"), {"envelope": raw})).decode())
    await redis.publish(feed_channel("thing", tenant), raw)
    return commit_id


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


async def test_one_who_was_away_goes_on_behind_the_last_event_it_had(
    feed: Feed, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "PAGE", 2)
    first = await send(redis, 1)
    for number in range(2, 6):
        await send(redis, number)
        await send(redis, number, "rival")
    async with feed.subscribe("acme", f"{first}#0") as messages:
        assert await numbers(messages, 4) == [2, 3, 4, 5]
        await send(redis, 6)
        assert await numbers(messages, 1) == [6]


async def test_of_the_commit_that_it_had_a_part_of_it_gets_the_rest(feed: Feed, redis: Redis) -> None:
    id = await send(redis, 1, events=3)
    async with feed.subscribe("acme", f"{id}#0") as messages:
        message = await anext(messages)
        assert isinstance(message, Envelope)
        assert [event.id for event in message.events] == [f"{id}#1", f"{id}#2"]


async def test_what_is_told_while_it_catches_up_comes_once(feed: Feed, redis: Redis) -> None:
    first = await send(redis, 1)
    await send(redis, 2)
    async with feed.subscribe("acme", f"{first}#0") as messages:
        await send(redis, 3)  # in the stream, and in the queue
        await asyncio.sleep(0.2)
        assert await numbers(messages, 2) == [2, 3]
        await send(redis, 4)
        assert await numbers(messages, 1) == [4]


async def test_what_is_not_there_any_more_is_a_gap(feed: Feed, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await send(redis, 1)
    await send(redis, 2)
    await send(redis, 3)
    for unknown in ("acme/Thing/thing_9/0000000001#0", f"rival{first[4:]}#0", "nonsense", first):
        async with feed.subscribe("acme", unknown) as messages:
            await send(redis, 4)
            assert await numbers(messages, 2) == [None, 4]
    [[oldest, _], [second, _], *_] = await redis.xrange(events_stream("thing"))
    await redis.xdel(events_stream("thing"), oldest, second)
    async with feed.subscribe("acme", f"{first}#0") as messages:
        assert (await numbers(messages, 2))[:2] == [None, 3]
    monkeypatch.setattr(feed_module, "PAGE", 1)
    monkeypatch.setattr(feed_module, "LOOKED_THROUGH", 2)
    third = "acme/Thing/thing_1/0000000003"
    async with feed.subscribe("acme", f"{third}#0") as messages:
        assert await numbers(messages, 2) == [4, None]  # more than is looked through


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


async def test_the_only_follower_that_comes_back_at_once_misses_nothing(feed: Feed, redis: Redis) -> None:
    for number in range(20):
        async with asyncio.timeout(3), feed.subscribe("acme") as messages:
            await tell(redis, number)
            assert await numbers(messages, 1) == [number]


async def test_following_ends_with_its_context(settings: Settings) -> None:
    async with (
        connect_redis(settings, listener=True) as listener,
        following(Feed("thing", listener, position)) as feed,
        feed.subscribe("acme") as messages,
    ):
        waiting = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
    assert [task for task in asyncio.all_tasks() if "Feed.run" in repr(task.get_coro())] == []
