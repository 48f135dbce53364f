"""What can be asked about plan subscriptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING

from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.subscription.documents import PlanSubscriptionDocument, PriceMigrationDocument, TenantClockDocument
from subgraphs.subscription.domain.values import PlanSubscriptionStatus
from subgraphs.subscription.projections import plan_subscription_document
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = [
    "ClockStep",
    "DuePlanSubscription",
    "DuePlanSubscriptions",
    "RunningMigration",
    "Subscribers",
    "UsageSubscriptions",
    "plan_subscription_filter",
    "subscriber_filter",
]

# Longer than renewing a batch takes. What a process that died had taken waits as long.
TAKEN_FOR = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class DuePlanSubscription:
    """A plan subscription whose period has ended."""

    tenant: str
    id: str


@dataclass(frozen=True, slots=True)
class ClockStep:
    """A plan subscription that a tenant's own clock changes at `at`."""

    id: str
    customer_id: str
    at: datetime


class DuePlanSubscriptions:
    """What time changes, over all tenants: for the timer, never for a request."""

    async def before(
        self, now: datetime, limit: int, without: Sequence[str] = (), *, since: datetime = datetime.min
    ) -> list[DuePlanSubscription]:
        """Return up to `limit` plan subscriptions due after `since` and by `now`, longest overdue first, except `without`.

        Those that somebody is at are passed over.
        """
        collection = PlanSubscriptionDocument.get_pymongo_collection()
        due: dict[str, Any] = {"due_at": {"$gt": since, "$lte": now}, "taken_until": {"$not": {"$gt": now}}}
        if without:
            due["_id"] = {"$nin": list(without)}
        cursor = collection.find(due, {"tenant": 1}).sort([("due_at", ASCENDING)]).limit(limit)
        return [DuePlanSubscription(str(found["tenant"]), str(found["_id"])) async for found in cursor]

    async def take(
        self, now: datetime, limit: int, without: Sequence[str] = (), *, since: datetime = datetime.min, owner: str
    ) -> list[DuePlanSubscription]:
        """Return what `before` does, as far as it is taken for `owner` now: nobody else is given it for TAKEN_FOR, or until it is
        changed or given back. `owner` names this one call.
        """
        due = await self.before(now, limit, without, since=since)
        if not due:
            return []
        collection = PlanSubscriptionDocument.get_pymongo_collection()
        ids = [found.id for found in due]
        taken = await collection.update_many(
            {"_id": {"$in": ids}, "taken_until": {"$not": {"$gt": now}}},
            {"$set": {"taken_by": owner, "taken_until": now + TAKEN_FOR}},
        )
        if taken.modified_count == len(due):
            return due
        own = {found["_id"] async for found in collection.find({"_id": {"$in": ids}, "taken_by": owner}, {"_id": 1})}
        return [found for found in due if found.id in own]

    async def give_back(self, ids: Sequence[str], owner: str) -> None:
        """Let others have what was taken for `owner` and has not been changed."""
        if ids:
            await PlanSubscriptionDocument.get_pymongo_collection().update_many(
                {"_id": {"$in": list(ids)}, "taken_by": owner}, {"$set": {"taken_by": None, "taken_until": None}}
            )

    async def overdue(self, since: datetime) -> int:
        """Return how many plan subscriptions were due before `since` already."""
        return await PlanSubscriptionDocument.get_pymongo_collection().count_documents(
            {"due_at": {"$gt": datetime.min, "$lte": since}}, limit=1_000
        )

    async def next_of(self, tenant: str, until: datetime, limit: int) -> list[ClockStep]:
        """Return up to `limit` plan subscriptions of a tenant with a clock of its own that are due by `until`, earliest first."""
        collection = PlanSubscriptionDocument.get_pymongo_collection()
        due = {"tenant": tenant, "clock_due_at": {"$gt": datetime.min, "$lte": until}}
        cursor = collection.find(due, {"customer_id": 1, "clock_due_at": 1}).sort([("clock_due_at", ASCENDING)]).limit(limit)
        return [ClockStep(str(found["_id"]), str(found["customer_id"]), found["clock_due_at"]) async for found in cursor]

    async def advancing_clocks(self, limit: int) -> list[str]:
        """Return up to `limit` tenants whose clocks are on their way, the longest first."""
        collection = TenantClockDocument.get_pymongo_collection()
        cursor = collection.find({"advancing_since": {"$gt": datetime.min}}, {"_id": 1})
        return [str(found["_id"]) async for found in cursor.sort([("advancing_since", ASCENDING)]).limit(limit)]

    async def any(self, tenant: str) -> bool:
        """Tell whether the tenant ever had a plan subscription."""
        return await PlanSubscriptionDocument.get_pymongo_collection().find_one({"tenant": tenant}, {"_id": 1}) is not None


@dataclass(frozen=True, slots=True)
class RunningMigration:
    """A price migration that is not completed."""

    tenant: str
    id: str


@dataclass(frozen=True, slots=True)
class UsageSubscriptions:
    """Plan subscriptions as whoever tells of their usage needs them: what a document lacks is derived from their events."""

    reader: TenantReader[PlanSubscriptionDocument]
    repository: PlanSubscriptionRepository

    async def find(self, tenant: str, id: str) -> PlanSubscriptionDocument | None:
        """Return the plan subscription with its `usage_windows`."""
        document = await self.reader.find(tenant, id)
        if document is None or document.usage_windows is not None:
            return document
        subscription = await self.repository.find(tenant, id)
        return plan_subscription_document(subscription) if subscription else document


class Subscribers:
    """Who subscribes to a price, for what walks all of them."""

    async def of_price(self, tenant: str, price_id: str, limit: int, after: str | None) -> list[str]:
        """Return up to `limit` ids of plan subscriptions that have not ended, oldest first, after one of them.

        They are to the price, or are scheduled to come to it.
        """
        collection = PlanSubscriptionDocument.get_pymongo_collection()
        wanted = subscriber_filter(tenant, price_id, _id={"$gt": after or ""})
        return [str(found["_id"]) async for found in collection.find(wanted, {"_id": 1}).sort([("_id", ASCENDING)]).limit(limit)]

    async def running_migrations(self, limit: int) -> list[RunningMigration]:
        """Return up to `limit` price migrations of all tenants that are running, the longest first."""
        collection = PriceMigrationDocument.get_pymongo_collection()
        cursor = collection.find({"running_since": {"$gt": datetime.min}}, {"tenant": 1})
        return [
            RunningMigration(str(found["tenant"]), str(found["_id"]))
            async for found in cursor.sort([("running_since", ASCENDING)]).limit(limit)
        ]


def subscriber_filter(tenant: str, price_id: str, **also: Any) -> dict[str, Any]:
    """Return the conditions of one that has not ended and has a price, in its plan or add-ons, or will have it.

    Each of the alternatives says all of it: an index gives it in the order of the ids.
    """
    final = [status.value for status in PlanSubscriptionStatus if status.is_final]
    has_it = ("price_ids", "phases.price_id", "phases.add_ons.price_id")
    return {"$or": [{"tenant": tenant, path: price_id, **also, "status": {"$nin": final}} for path in has_it]}


def plan_subscription_filter(
    customer_id: str | None,
    plan_id: str | None,
    status: PlanSubscriptionStatus | None,
    external_id: str | None = None,
) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `plan_subscriptions`, without the tenant, which the reader adds."""
    conditions = {
        "customer_id": customer_id,
        "plan_id": plan_id,
        "status": status.value if status else None,
        "external_id": external_id,
    }
    return {name: value for name, value in conditions.items() if value is not None}
