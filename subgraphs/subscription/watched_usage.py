"""Which plan subscriptions' usage is to be looked at for thresholds: a mark in MongoDB each, set before the usage is stored.

Shard key: `_id`, which the tenant leads.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.kit.domain.clock import Clock

__all__ = ["MongoWatchedUsage", "WatchedUsage"]

# Longer than any live process takes between marking and storing, and than the clocks of those who tell of usage are ahead.
SETTLED_AFTER = timedelta(minutes=6)
# How soon it is looked at again while more may come, and while it is not paid for.
AGAIN_AFTER = timedelta(seconds=10)
WAITING_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WatchedUsage:
    """A plan subscription of which usage was recorded, last at `marked_at`."""

    tenant: str
    plan_subscription_id: str
    marked_at: datetime

    @property
    def id(self) -> str:
        return f"{self.tenant}/{self.plan_subscription_id}"


class MongoWatchedUsage:
    """Marks. `clock` is real time, also where a tenant's own is set."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], clock: Clock) -> None:
        self._marks: AsyncCollection[dict[str, Any]] = database["watched_usage"]
        self._clock = clock

    async def ensure_indexes(self) -> None:
        """Create the index; safe to repeat and to run in several processes."""
        await self._marks.create_index([("look_at", ASCENDING)], name="due")

    async def mark(self, tenant: str, plan_subscription_ids: Collection[str]) -> None:
        """Have these looked at as soon as possible, and again until what is being recorded now is stored for sure."""
        now = self._clock.now()
        marks = [
            UpdateOne(
                {"_id": f"{tenant}/{id}"},
                {"$set": {"tenant": tenant, "plan_subscription_id": id, "marked_at": now, "look_at": now}},
                upsert=True,
            )
            for id in plan_subscription_ids
        ]
        if marks:
            await self._marks.bulk_write(marks, ordered=False)

    async def due(self, limit: int, without: Sequence[str] = ()) -> list[WatchedUsage]:
        """Return up to `limit` that are to be looked at now, over all tenants, longest waiting first, except `without`."""
        where: dict[str, Any] = {"look_at": {"$lte": self._clock.now()}, **({"_id": {"$nin": list(without)}} if without else {})}
        return [_found(mark) async for mark in self._marks.find(where).sort("look_at", ASCENDING).limit(limit)]

    async def looked_at(self, found: WatchedUsage, *, waits: bool = False) -> None:
        """Note that it was looked at, unless it was marked again meanwhile; where it `waits` for a payment, look again later."""
        now = self._clock.now()
        unmarked = {"_id": found.id, "marked_at": found.marked_at}
        settled = now > found.marked_at + SETTLED_AFTER
        if settled and not waits:
            await self._marks.delete_one(unmarked)
        else:
            again = now + (WAITING_AFTER if settled else AGAIN_AFTER)
            await self._marks.update_one(unmarked, {"$set": {"look_at": again}})


def _found(mark: Mapping[str, Any]) -> WatchedUsage:
    return WatchedUsage(mark["tenant"], mark["plan_subscription_id"], mark["marked_at"])
