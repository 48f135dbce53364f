"""A commit wakes the relay, and never waits for Redis."""

import asyncio
import time

from pydantic import SecretStr

from subgraphs.kit.messaging.envelope import nudge_channel
from subgraphs.kit.messaging.nudge import nudge
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.settings import Settings
from tests.testkit.stores import free_port


async def test_a_commit_is_told_on_the_subgraphs_channel(settings: Settings) -> None:
    async with connect_redis(settings) as redis, redis.pubsub() as listening:
        await listening.subscribe(nudge_channel("thing"))
        async with nudge(redis, "thing") as committed:
            await committed()
        async with asyncio.timeout(10):
            while not await listening.get_message(ignore_subscribe_messages=True, timeout=1):
                pass


async def test_without_redis_a_commit_goes_on_at_once() -> None:
    away = Settings(_env_file=None, redis_url=SecretStr(f"redis://127.0.0.1:{free_port()}"))
    async with connect_redis(away) as redis, nudge(redis, "thing") as committed:
        started = time.monotonic()
        for _ in range(100):
            await committed()
        assert time.monotonic() - started < 0.2
