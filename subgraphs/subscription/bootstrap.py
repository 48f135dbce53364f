"""Builds the subscription subgraph's adapters; nothing else does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.kit.domain.clock import Clock, SystemClock
from subgraphs.kit.messaging.feed import Feed, following
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.persistence.event_store import MongoEventStore
from subgraphs.kit.persistence.places import MongoPlaces
from subgraphs.kit.settings import Settings
from subgraphs.kit.stores import open_stores
from subgraphs.subscription.clock_answers import MongoFollowerAnswers
from subgraphs.subscription.documents import (
    CouponReplica,
    CustomerReplica,
    FeatureReplica,
    MeterReplica,
    MrrMovementDocument,
    PlanReplica,
    PlanSubscriptionDocument,
    PriceMigrationDocument,
    PriceReplica,
    PromotionCodeReplica,
    TenantClockDocument,
)
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.price_migration import PriceMigration
from subgraphs.subscription.domain.tenant_clock import TenantClock
from subgraphs.subscription.known_facts import ReplicatedFacts
from subgraphs.subscription.mrr import MrrLedger
from subgraphs.subscription.projections import plan_subscription_projection, price_migration_projection, tenant_clock_projection
from subgraphs.subscription.queries import DuePlanSubscriptions, Subscribers
from subgraphs.subscription.services import SubscriptionServices
from subgraphs.subscription.usage import MongoUsage
from subgraphs.subscription.usage_totals import MongoUsageTotals
from subgraphs.subscription.watched_usage import MongoWatchedUsage

__all__ = ["open_services"]


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[SubscriptionServices]:
    """Open the stores and return what commands, queries, sagas and the worker use."""
    documents = [
        PlanSubscriptionDocument,
        PriceMigrationDocument,
        TenantClockDocument,
        CustomerReplica,
        FeatureReplica,
        PlanReplica,
        PriceReplica,
        CouponReplica,
        PromotionCodeReplica,
        MeterReplica,
        MrrMovementDocument,
    ]
    async with (
        open_stores(settings, "subscription", documents, clock) as stores,
        connect_redis(settings, listener=True) as listening,
        following(Feed("subscription", listening, MongoEventStore(stores.database).position)) as feed,
    ):
        known = ReplicatedFacts(stores.clocks, settings.replica_wait_seconds)
        redemptions = MongoPlaces(stores.database, "redemptions")
        await redemptions.ensure_indexes()
        usage = MongoUsage(stores.database, SystemClock())
        await usage.ensure_indexes()
        watched = MongoWatchedUsage(stores.database, SystemClock())
        await watched.ensure_indexes()
        mrr = MrrLedger(stores.database, stores.events, SystemClock())
        await mrr.ensure_indexes()
        yield SubscriptionServices(
            stores=stores,
            subscriptions=stores.repository(PlanSubscription, plan_subscription_projection()),
            clocks=stores.repository(TenantClock, tenant_clock_projection()),
            followers=MongoFollowerAnswers(stores.database),
            clock_reader=TenantReader(TenantClockDocument),
            reader=TenantReader(PlanSubscriptionDocument),
            plans=TenantReader(PlanReplica),
            known=known,
            coupons=known,
            redemptions=redemptions,
            claims=stores.claims,
            meters=known,
            usage=usage,
            migrations=stores.repository(PriceMigration, price_migration_projection()),
            migration_reader=TenantReader(PriceMigrationDocument),
            subscribers=Subscribers(),
            watched=watched,
            totals=MongoUsageTotals(stores.database, usage, SystemClock()),
            due=DuePlanSubscriptions(),
            mrr=mrr,
            mrr_movements=TenantReader(MrrMovementDocument),
            feed=feed,
            clock=stores.clock,
        )
