"""Where plan subscriptions and tenants' clocks are kept."""

from subgraphs.kit.persistence.repository import AggregateRepository
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.tenant_clock import TenantClock

__all__ = ["PlanSubscriptionRepository", "TenantClockRepository"]

PlanSubscriptionRepository = AggregateRepository[PlanSubscription]
TenantClockRepository = AggregateRepository[TenantClock]
