"""What time it is for a tenant: the machine's, or that of a clock which the tenant has frozen and moves by itself."""

from datetime import datetime
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.persistence.documents import set_forward

__all__ = ["COLLECTION", "TenantClocks"]

COLLECTION = "test_clocks"


class TenantClocks:
    """Frozen clocks in MongoDB, one document per tenant that has one; everybody else lives by `clock`."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], clock: Clock) -> None:
        self._clocks: AsyncCollection[dict[str, Any]] = database[COLLECTION]
        self._clock = clock

    async def now(self, tenant: str) -> datetime:
        """Return the tenant's business time."""
        return await self.frozen_at(tenant) or self._clock.now()

    async def frozen_at(self, tenant: str) -> datetime | None:
        """Return the time of the tenant's own clock, None when it has none."""
        found = await self._clocks.find_one({"_id": tenant}, {"now": 1})
        return found["now"] if found else None

    async def set(self, tenant: str, now: datetime, version: int) -> None:
        """Follow another subgraph's clock, unless what is known is as new: events may come twice and in any order."""
        filters = {"_id": tenant, "version": {"$lt": version}}
        await set_forward(self._clocks, filters, {"tenant": tenant, "now": now, "version": version})
