"""Keeps the movements of MRR, derived from the commits of each subscription, in any order and however often they are told."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.domain.ids import derived_id
from subgraphs.kit.domain.series import day_of
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import EventStore
from subgraphs.kit.persistence.ledger import DailySums, Ledger, told_streams
from subgraphs.subscription.documents import MrrMovementDocument
from subgraphs.subscription.domain.mrr import MOVING_EVENTS, MrrMovementKind, mrr_movements
from subgraphs.subscription.domain.plan_subscription import PlanSubscription

__all__ = ["MOVEMENT", "SUBSCRIPTIONS", "MrrLedger", "movement_documents"]

MOVEMENT = "mrm"
SUBSCRIPTIONS = "subscriptions"


class MrrLedger:
    """The movements of all subscriptions. Part of what the relay brings up to date before a commit is told of."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], store: EventStore, clock: Clock) -> None:
        self._ledger, self._store = Ledger(database, MrrMovementDocument, clock), store

    async def ensure_indexes(self) -> None:
        """Create what the ledger needs."""
        await self._ledger.ensure_indexes()

    async def catch_up(self, *commits: Commit) -> None:
        """Store the movements of these commits; those of earlier ones were stored with them."""
        streams = await told_streams(self._store, PlanSubscription.kind, commits, MOVING_EVENTS)
        await self._ledger.record([one for told in streams for one in told.of(movement_documents)], expected_new=True)

    async def follow(self, tenant: str, plan_subscription_id: str) -> int:
        """Store the movements of a subscription that are not stored yet; return how many that were."""
        commits = await self._store.load(tenant, PlanSubscription.kind, plan_subscription_id)
        return await self._ledger.record(movement_documents(commits))

    async def daily(self, tenant: str, currency: str, start: date, end: date) -> DailySums:
        """Return what movements come to before `start`, and on each day up to `end`: by kind, and of how many subscriptions."""
        return await self._ledger.daily(tenant, currency, start, end)


def movement_documents(commits: Sequence[Commit]) -> list[MrrMovementDocument]:
    """Return the movements of one subscription's commits, oldest first: the same commits always give the same ones."""
    if not commits:
        return []
    decode, tenant, id = PlanSubscription.codec.decode, commits[0].tenant, commits[0].aggregate_id
    happened = [(commit.context.at, [decode(event.type, event.data) for event in commit.events]) for commit in commits]
    subscription, movements = mrr_movements(id, tenant, happened)
    found = []
    for one in movements:
        day = day_of(one.at).isoformat()
        sums = {one.kind.value: abs(one.amount.minor_units)}
        if one.kind in {MrrMovementKind.NEW, MrrMovementKind.REACTIVATION, MrrMovementKind.CHURN}:
            sums[SUBSCRIPTIONS] = 1 if one.after else -1
        found.append(
            MrrMovementDocument(
                id=derived_id(MOVEMENT, one.at, tenant, id, str(one.version)),
                tenant=tenant,
                version=one.version,
                currency=one.after.currency,
                bucket=day,
                sums={day: sums},
                kind=one.kind,
                reason=one.reason,
                before_minor=one.before.minor_units,
                after_minor=one.after.minor_units,
                at=one.at,
                plan_subscription_id=id,
                customer_id=subscription.customer_id,
                plan_id=one.plan_id,
            )
        )
    return found
