"""The connection to MongoDB, with a timeout on everything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, ExecutionTimeout, NetworkTimeout

from subgraphs.kit.settings import Settings

__all__ = ["DATABASE_UNREACHABLE", "connect", "database_name", "ping"]

# What any call may raise while the database is away or has no primary.
DATABASE_UNREACHABLE: tuple[type[Exception], ...] = (ConnectionFailure, NetworkTimeout, ExecutionTimeout)


def database_name(settings: Settings, subgraph: str) -> str:
    """Return the name of the database that only this subgraph uses."""
    return f"{settings.database_prefix}_{subgraph}"


@asynccontextmanager
async def connect(settings: Settings, subgraph: str) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """Open the subgraph's own database; acknowledged writes are journaled, on a replica set by a majority.

    Writes are retried once, which is what the driver does unless the URI has `retryWrites=false`.
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        settings.mongodb_uri.get_secret_value(),
        appname=f"tributary-{subgraph}",
        tz_aware=True,
        w="majority",
        journal=True,
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        socketTimeoutMS=20_000,
        maxPoolSize=50,
        waitQueueTimeoutMS=10_000,
    )
    try:
        yield client[database_name(settings, subgraph)]
    finally:
        await client.close()


async def ping(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Ask the server for a sign of life; raises pymongo's error when there is none."""
    await database.client.admin.command("ping")
