"""What the subscription subgraph's entry points work with, once built."""

from dataclasses import dataclass

from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.messaging.feed import Feed
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.stores import Stores
from subgraphs.subscription.clock_answers import FollowerAnswers
from subgraphs.subscription.commands.known_facts import KnownFacts
from subgraphs.subscription.commands.metered import Metered
from subgraphs.subscription.commands.previews import Previews
from subgraphs.subscription.commands.record_usage import KnownMeters
from subgraphs.subscription.commands.redeem_coupon import KnownCoupons, Redemptions
from subgraphs.subscription.documents import (
    MrrMovementDocument,
    PlanReplica,
    PlanSubscriptionDocument,
    PriceMigrationDocument,
    TenantClockDocument,
)
from subgraphs.subscription.mrr import MrrLedger
from subgraphs.subscription.queries import DuePlanSubscriptions, Subscribers, UsageSubscriptions
from subgraphs.subscription.repository import PlanSubscriptionRepository, PriceMigrationRepository, TenantClockRepository
from subgraphs.subscription.usage import MongoUsage
from subgraphs.subscription.usage_totals import MongoUsageTotals
from subgraphs.subscription.watched_usage import MongoWatchedUsage

__all__ = ["SubscriptionServices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionServices:
    """Handed to every resolver as the request context's `deps`."""

    stores: Stores
    subscriptions: PlanSubscriptionRepository
    clocks: TenantClockRepository
    followers: FollowerAnswers
    clock_reader: TenantReader[TenantClockDocument]
    reader: TenantReader[PlanSubscriptionDocument]
    plans: TenantReader[PlanReplica]
    known: KnownFacts
    coupons: KnownCoupons
    redemptions: Redemptions
    claims: ClaimStore
    meters: KnownMeters
    usage: MongoUsage
    migrations: PriceMigrationRepository
    migration_reader: TenantReader[PriceMigrationDocument]
    subscribers: Subscribers
    watched: MongoWatchedUsage
    totals: MongoUsageTotals
    due: DuePlanSubscriptions
    mrr: MrrLedger
    mrr_movements: TenantReader[MrrMovementDocument]
    feed: Feed
    clock: Clock

    @property
    def metered(self) -> Metered:
        """Usage and what counts it."""
        return Metered(self.usage, self.meters)

    @property
    def usage_subscriptions(self) -> UsageSubscriptions:
        """Whose usage is told of."""
        return UsageSubscriptions(self.reader, self.subscriptions)

    @property
    def previews(self) -> Previews:
        """What would be billed."""
        return Previews(self.subscriptions, self.known, self.coupons, self.metered)
