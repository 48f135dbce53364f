"""Completes erasures: a crash may have come on the way, and the stream still carries what was told before."""

from typing import Any

import msgspec
from redis.asyncio import Redis

from subgraphs.customer.commands.erase_customer import ErasureStores, complete_erasure
from subgraphs.customer.forgetting import ids_of_customer
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.messaging.envelope import Envelope, events_stream

__all__ = ["CustomerErasureSaga"]

# Entries that are read together.
PAGE = 1_000


class _CustomerErased(msgspec.Struct, frozen=True, rename="camel"):
    customer_id: str


class CustomerErasureSaga:
    """Handler of this subgraph's own event."""

    def __init__(self, stores: ErasureStores, redis: Redis) -> None:
        self._stores, self._redis = stores, redis
        self._decoder = msgspec.json.Decoder(Envelope)

    async def complete(self, received: Received) -> None:
        told = msgspec.convert(received.event.data, _CustomerErased)
        customer = await self._stores.customers.get(received.tenant, told.customer_id)
        await complete_erasure(self._stores, customer)
        await self._forget_what_was_told(received.tenant, customer.id, received.event.sequence)

    async def _forget_what_was_told(self, tenant: str, customer_id: str, erased_by: int) -> None:
        """Delete from the stream what is about the customer or what belongs to it, up to the version that erased it.

        The whole stream is looked through: an entry that a relay sent just before it died is noted nowhere.
        """
        stream, start = events_stream("customer"), "-"
        mine = [id.encode() for id in await ids_of_customer(tenant, customer_id)]
        while True:
            page: Any = await self._redis.xrange(stream, start, count=PAGE)
            found, is_over = list[bytes](), len(page) < PAGE
            for entry, fields in page:
                raw = fields.get(b"envelope", b"")
                if not any(id in raw for id in mine):
                    continue
                envelope = self._decoder.decode(raw)
                if (envelope.tenant, envelope.aggregate_id) == (tenant, customer_id) and envelope.version >= erased_by:
                    is_over = True
                    break
                found.append(entry)
            if found:
                await self._redis.xdel(stream, *found)
            if is_over:
                return
            start = f"({page[-1][0].decode()}"
