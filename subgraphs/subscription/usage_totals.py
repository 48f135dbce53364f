"""What was used in the running period, fast: for whoever asks whether there is room for more, never for bills.

A total adds up the hours of a period that nothing was recorded in for a while, and remembers until when. So a look reads it, and
the hours marked since: two index reads, and the events of the hours in which something happens right now. When an hour that is in
the total was marked again, by a late event or a withdrawal, the hours of the period are added up anew.

An hour with very many events is not read again at every look, but as many milliseconds later as it has events, ten seconds at
most.

Shard key: `_id`, which the tenant leads.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pymongo import ASCENDING
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.usage import EMPTY, Aggregation, Rollup, aggregated, rolled_up
from subgraphs.subscription.usage import HOUR, SETTLED_AFTER, MongoUsage, loaded_rollup, stored_rollup

__all__ = ["MongoUsageTotals"]

# From so many events on, an hour in which something happens is remembered for as many milliseconds, but not longer than that.
MANY_EVENTS = 1_000
LONGEST_LAG = timedelta(seconds=10)
# Hours that were not quiet when a total was made; with more than these none is made.
MOST_WITHOUT = 100


class MongoUsageTotals:
    """Totals of running periods. `clock` is real time, also where a tenant's own is set."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], usage: MongoUsage, clock: Clock) -> None:
        self._totals: AsyncCollection[dict[str, Any]] = database["usage_totals"]
        self._hours: AsyncCollection[dict[str, Any]] = database["usage_hours"]
        self._usage, self._clock = usage, clock

    async def used(
        self, tenant: str, plan_subscription_id: str, meter_id: str, aggregation: Aggregation, period: Period
    ) -> Decimal:
        """Return what was recorded of a period by now; in hours with very many events, of ten seconds ago at the latest.

        WEIGHTED_SUM has no total: it is the mean of a whole period.
        """
        owner = plan_subscription_id, meter_id
        id = f"{tenant}/{plan_subscription_id}/{meter_id}"
        total = await self._totals.find_one({"_id": id})
        if total is None or (total["start"], total["end"]) != (period.start, period.end):
            rollup = await self._anew(id, tenant, owner, period)
        else:
            rollup = await self._since(id, total, tenant, owner, period)
        if aggregation is Aggregation.UNIQUE_COUNT and rollup.keys is None:  # too many to be remembered
            return await self._usage.quantity(tenant, plan_subscription_id, meter_id, aggregation, period)
        return aggregated(aggregation, rollup, period)

    async def _since(self, id: str, total: Mapping[str, Any], tenant: str, owner: tuple[str, str], period: Period) -> Rollup:
        """Return the total and what was recorded since."""
        through, without = total["through"], set(total["without"])
        where = {**_of(tenant, owner), "marked_at": {"$gt": through}}
        marked = [hour async for hour in self._hours.find(where) if _overlaps(hour, period)]
        if any(hour.get("first_marked_at", through) <= through and hour["_id"] not in without for hour in marked):
            return await self._anew(id, tenant, owner, period)
        return await self._added(id, loaded_rollup(total["rollup"]), marked, tenant, owner, period)

    async def _anew(self, id: str, tenant: str, owner: tuple[str, str], period: Period) -> Rollup:
        where = {**_of(tenant, owner), "hour": {"$gt": period.start - HOUR, "$lt": period.end}}
        hours = [hour async for hour in self._hours.find(where).sort("hour", ASCENDING)]
        return await self._added(id, EMPTY, hours, tenant, owner, period)

    async def _added(
        self,
        id: str,
        base: Rollup,
        hours: list[dict[str, Any]],
        tenant: str,
        owner: tuple[str, str],
        period: Period,
    ) -> Rollup:
        """Return the sum of `base` and the hours; what of them is quiet is remembered with it."""
        now = self._clock.now()
        through, settled, moving = now - SETTLED_AFTER, base, EMPTY
        for hour in hours:
            rollup = await self._of(hour, tenant, owner, period, now)
            if hour["marked_at"] <= through:
                settled += rollup
            else:
                moving += rollup
        without = [hour["_id"] for hour in hours if hour["marked_at"] > through]
        if len(without) < len(hours) and len(without) <= MOST_WITHOUT:
            stored = {
                **_of(tenant, owner),
                "start": period.start,
                "end": period.end,
                "through": through,
                "without": without,
                "rollup": stored_rollup(settled),
            }
            await self._totals.replace_one({"_id": id}, stored, upsert=True)
        return settled + moving

    async def _of(self, hour: Mapping[str, Any], tenant: str, owner: tuple[str, str], period: Period, now: datetime) -> Rollup:
        start, end = max(hour["hour"], period.start), min(hour["hour"] + HOUR, period.end)
        if hour["marked_at"] <= now - SETTLED_AFTER:
            if end - start == HOUR:
                return await self._usage.of_hour(tenant, owner, hour)
            return rolled_up([event async for event in self._usage.between(tenant, owner, Period(start, end))])
        seen = hour.get("seen")
        if seen is not None and (seen["start"], seen["end"]) == (start, end) and now < seen["until"]:
            return loaded_rollup(seen["rollup"])
        rollup = rolled_up([event async for event in self._usage.between(tenant, owner, Period(start, end))])
        if rollup.count >= MANY_EVENTS:
            until = now + min(timedelta(milliseconds=rollup.count), LONGEST_LAG)
            seen = {"start": start, "end": end, "until": until, "rollup": stored_rollup(rollup)}
            await self._hours.update_one({"_id": hour["_id"]}, {"$set": {"seen": seen}})
        return rollup


def _of(tenant: str, owner: tuple[str, str]) -> dict[str, Any]:
    return {"tenant": tenant, "plan_subscription_id": owner[0], "meter_id": owner[1]}


def _overlaps(hour: Mapping[str, Any], period: Period) -> bool:
    return bool(period.start - HOUR < hour["hour"] < period.end)
