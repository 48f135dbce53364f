"""Completes merges of customers: a crash may have come between the alias and what moves to the customer it stands for."""

import msgspec

from subgraphs.customer.commands.merge_customers import MergeStores, complete_merge
from subgraphs.kit.messaging.consumer import Received

__all__ = ["CustomerMergeSaga"]

ACTOR = "system:merge"


class _CustomerMerged(msgspec.Struct, frozen=True, rename="camel"):
    customer_id: str


class CustomerMergeSaga:
    """Handler of this subgraph's own event."""

    def __init__(self, stores: MergeStores) -> None:
        self._stores = stores

    async def complete(self, received: Received) -> None:
        told = msgspec.convert(received.event.data, _CustomerMerged)
        await complete_merge(self._stores, told.customer_id, received.context(ACTOR))
