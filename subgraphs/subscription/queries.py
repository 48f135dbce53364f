"""What can be asked about plan subscriptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING

from subgraphs.subscription.documents import PlanSubscriptionDocument
from subgraphs.subscription.domain.values import PlanSubscriptionStatus

__all__ = ["DuePlanSubscription", "DuePlanSubscriptions", "plan_subscription_filter"]


@dataclass(frozen=True, slots=True)
class DuePlanSubscription:
    """A plan subscription whose period has ended."""

    tenant: str
    id: str


class DuePlanSubscriptions:
    """What time changes, over all tenants: for the timer, never for a request."""

    async def before(self, now: datetime, limit: int, without: Sequence[str] = ()) -> list[DuePlanSubscription]:
        """Return up to `limit` plan subscriptions due at `now`, longest overdue first, leaving out the ids `without`."""
        collection = PlanSubscriptionDocument.get_pymongo_collection()
        due = {"due_at": {"$lte": now}, **({"_id": {"$nin": list(without)}} if without else {})}
        cursor = collection.find(due, {"tenant": 1}).sort([("due_at", ASCENDING)]).limit(limit)
        return [DuePlanSubscription(str(found["tenant"]), str(found["_id"])) async for found in cursor]


def plan_subscription_filter(
    customer_id: str | None, plan_id: str | None, status: PlanSubscriptionStatus | None
) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `plan_subscriptions`, without the tenant, which the reader adds."""
    conditions = {"customer_id": customer_id, "plan_id": plan_id, "status": status.value if status else None}
    return {name: value for name, value in conditions.items() if value is not None}
