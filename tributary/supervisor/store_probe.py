"""Whether the stores answer: one short question, never an exception."""

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError
from redis.asyncio import Redis
from redis.exceptions import RedisError

__all__ = ["mongodb_answers", "mongodb_version", "redis_answers", "redis_version"]

PROBE_SECONDS = 2.0


async def mongodb_answers(uri: str) -> bool:
    """Tell whether a MongoDB server answers at `uri`."""
    return await mongodb_version(uri) is not None


async def mongodb_version(uri: str) -> str | None:
    """Return the version of the MongoDB server at `uri`; None when nobody answers."""
    milliseconds = int(PROBE_SECONDS * 1000)
    try:
        async with AsyncMongoClient[dict[str, object]](
            uri, serverSelectionTimeoutMS=milliseconds, connectTimeoutMS=milliseconds, socketTimeoutMS=milliseconds
        ) as client:
            return str((await client.admin.command("buildInfo"))["version"])
    except PyMongoError:
        return None


async def redis_answers(url: str) -> bool:
    """Tell whether a Redis server answers at `url`."""
    return await redis_version(url) is not None


async def redis_version(url: str) -> str | None:
    """Return the version of the Redis server at `url`; None when nobody answers."""
    try:
        async with Redis.from_url(url, socket_connect_timeout=PROBE_SECONDS, socket_timeout=PROBE_SECONDS) as client:
            info = await client.info("server")
            return str(info["redis_version"])
    except (RedisError, OSError, ValueError):
        return None
