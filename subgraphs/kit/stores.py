"""Opens what every subgraph process needs: its database with indexes, Redis, event store, claims."""

import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from beanie import init_beanie
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.clock import Clock, SystemClock
from subgraphs.kit.messaging.nudge import nudge
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.messaging.relay import CatchUp, Publish, Relay
from subgraphs.kit.persistence.claims import Claims
from subgraphs.kit.persistence.documents import TenantDocument
from subgraphs.kit.persistence.event_store import EventLog, MongoEventStore
from subgraphs.kit.persistence.idempotency import IdempotentWrites
from subgraphs.kit.persistence.lease import Lease
from subgraphs.kit.persistence.mongo import connect, ping
from subgraphs.kit.persistence.repository import AggregateRepository, Projection
from subgraphs.kit.persistence.tenant_clocks import TenantClocks
from subgraphs.kit.settings import Settings

__all__ = ["Stores", "open_stores", "process_name", "store_checks"]

A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """One subgraph's open stores."""

    subgraph: str
    settings: Settings
    clock: Clock
    database: AsyncDatabase[dict[str, Any]]
    redis: Redis
    events: EventLog
    claims: Claims
    writes: IdempotentWrites
    clocks: TenantClocks
    committed: Callable[[], Awaitable[None]]

    def repository(self, type_: type[A], projection: Projection[A]) -> AggregateRepository[A]:
        """Return the repository of one aggregate kind."""
        return AggregateRepository(type_, self.events, projection, self.committed)

    def relay(self, publish: Publish, read_models: Mapping[str, CatchUp]) -> Relay:
        """Return this subgraph's relay; `read_models` maps each aggregate kind to its repository."""
        lease = Lease(self.database, "relay", process_name())
        return Relay(self.subgraph, self.events, self.redis, lease, publish, read_models)


@asynccontextmanager
async def open_stores(
    settings: Settings, subgraph: str, documents: Sequence[type[TenantDocument]], clock: Clock | None = None
) -> AsyncIterator[Stores]:
    """Connect, create collections and indexes, and close it all at the end. MongoDB must answer; Redis may come later."""
    async with (
        connect(settings, subgraph) as database,
        connect_redis(settings) as redis,
        nudge(redis, subgraph) as committed,
    ):
        events, claims, writes = MongoEventStore(database), Claims(database), IdempotentWrites(database)
        await init_beanie(database=database, document_models=list(documents))
        await events.ensure_indexes()
        await claims.ensure_indexes()
        await writes.ensure_indexes()
        yield Stores(
            subgraph=subgraph,
            settings=settings,
            clock=clock or SystemClock(),
            clocks=TenantClocks(database, clock or SystemClock()),
            database=database,
            redis=redis,
            events=events,
            claims=claims,
            writes=writes,
            committed=committed,
        )


def store_checks() -> Mapping[str, Callable[[Any], Awaitable[object]]]:
    """Return the readiness checks of a subgraph whose services have its `stores`.

    Redis is not among them: without it, commands and queries still work, and events wait in the outbox.
    """
    return {"mongodb": lambda services: ping(services.stores.database)}


def process_name() -> str:
    """Return a name for this process that no other process of the installation has at the same time."""
    return f"{socket.gethostname()}:{os.getpid()}"
