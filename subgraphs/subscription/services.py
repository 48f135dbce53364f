"""What the subscription subgraph's entry points work with, once built."""

from dataclasses import dataclass

from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.messaging.feed import Feed
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.stores import Stores
from subgraphs.subscription.commands.known_facts import KnownFacts
from subgraphs.subscription.commands.metered import Metered
from subgraphs.subscription.commands.record_usage import KnownMeters, Usage
from subgraphs.subscription.commands.redeem_coupon import KnownCoupons, Redemptions
from subgraphs.subscription.documents import PlanReplica, PlanSubscriptionDocument
from subgraphs.subscription.queries import DuePlanSubscriptions
from subgraphs.subscription.repository import PlanSubscriptionRepository, TenantClockRepository
from subgraphs.subscription.usage_totals import MongoUsageTotals
from subgraphs.subscription.watched_usage import MongoWatchedUsage

__all__ = ["SubscriptionServices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionServices:
    """Handed to every resolver as the request context's `deps`."""

    stores: Stores
    subscriptions: PlanSubscriptionRepository
    clocks: TenantClockRepository
    reader: TenantReader[PlanSubscriptionDocument]
    plans: TenantReader[PlanReplica]
    known: KnownFacts
    coupons: KnownCoupons
    redemptions: Redemptions
    meters: KnownMeters
    usage: Usage
    watched: MongoWatchedUsage
    totals: MongoUsageTotals
    due: DuePlanSubscriptions
    feed: Feed
    clock: Clock

    @property
    def metered(self) -> Metered:
        """Usage and what counts it."""
        return Metered(self.usage, self.meters)
