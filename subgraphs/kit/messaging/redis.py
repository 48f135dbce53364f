"""Connections to Redis. Commands give up soon, so that a stopped Redis never holds a request; listeners never give up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.settings import Settings

__all__ = ["STORE_AWAY", "STORE_UNREACHABLE", "UNREACHABLE", "connect_redis"]

# What any call may raise while Redis is away.
UNREACHABLE: tuple[type[Exception], ...] = (RedisConnectionError, RedisTimeoutError, OSError)
# What may be raised while Redis or the database is.
STORE_UNREACHABLE: tuple[type[Exception], ...] = (*UNREACHABLE, *DATABASE_UNREACHABLE)
# What work that also asks others raises while a store is away. Another server that does not answer in time is no store.
STORE_AWAY: tuple[type[Exception], ...] = (RedisConnectionError, RedisTimeoutError, *DATABASE_UNREACHABLE)


@asynccontextmanager
async def connect_redis(settings: Settings, *, listener: bool = False) -> AsyncIterator[Redis]:
    """Open a client. A `listener` is for pub/sub: it reconnects for as long as it takes."""
    retry = Retry(ExponentialWithJitterBackoff(base=0.1, cap=2), -1 if listener else 1, supported_errors=UNREACHABLE)  # type: ignore[arg-type]
    client: Redis = Redis.from_url(
        settings.redis_url.get_secret_value(),
        socket_connect_timeout=2,
        socket_timeout=None if listener else 5,
        health_check_interval=10 if listener else 0,
        retry=retry,
        decode_responses=False,
    )
    try:
        yield client
    finally:
        await client.aclose()
