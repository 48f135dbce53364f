"""Where plan subscriptions are kept."""

from subgraphs.kit.persistence.repository import AggregateRepository
from subgraphs.subscription.domain.plan_subscription import PlanSubscription

__all__ = ["PlanSubscriptionRepository"]

PlanSubscriptionRepository = AggregateRepository[PlanSubscription]
