"""Where plan subscriptions and tenants' clocks are kept."""

from subgraphs.kit.persistence.repository import AggregateRepository
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.price_migration import PriceMigration
from subgraphs.subscription.domain.tenant_clock import TenantClock

__all__ = ["PlanSubscriptionRepository", "PriceMigrationRepository", "TenantClockRepository"]

PlanSubscriptionRepository = AggregateRepository[PlanSubscription]
PriceMigrationRepository = AggregateRepository[PriceMigration]
TenantClockRepository = AggregateRepository[TenantClock]
