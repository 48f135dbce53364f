"""Completes erasures: a crash may have come on the way, and the stream still carries what was told before."""

import msgspec
from redis.asyncio import Redis

from subgraphs.customer.commands.erase_customer import ErasureStores, complete_erasure
from subgraphs.customer.domain.customer import Customer
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.messaging.envelope import events_stream
from subgraphs.kit.persistence.event_store import EventStore

__all__ = ["CustomerErasureSaga"]


class _CustomerErased(msgspec.Struct, frozen=True, rename="camel"):
    customer_id: str


class CustomerErasureSaga:
    """Handler of this subgraph's own event."""

    def __init__(self, stores: ErasureStores, events: EventStore, redis: Redis) -> None:
        self._stores, self._events, self._redis = stores, events, redis

    async def complete(self, received: Received) -> None:
        told = msgspec.convert(received.event.data, _CustomerErased)
        customer = await self._stores.customers.get(received.tenant, told.customer_id)
        await complete_erasure(self._stores, customer)
        commits = await self._events.load(received.tenant, Customer.kind, customer.id)
        sent = [commit.entry for commit in commits if commit.entry is not None and commit.version < received.event.sequence]
        if sent:
            await self._redis.xdel(events_stream("customer"), *(_position(entry) for entry in sent))


def _position(entry: str) -> str:
    """Return a padded stream position in the form Redis knows it by."""
    milliseconds, _, number = entry.partition("-")
    return f"{int(milliseconds)}-{int(number)}"
