"""Take over how the payment for a plan subscription went."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["activate_plan_subscription", "mark_plan_subscription_incomplete"]


async def activate_plan_subscription(
    subscriptions: PlanSubscriptionRepository, id: str, context: CommandContext
) -> PlanSubscription:
    """Make it ACTIVE; nothing happens when it is active or canceled already.

    Raises:
        NotFound: there is no such plan subscription.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.activate(context))


async def mark_plan_subscription_incomplete(
    subscriptions: PlanSubscriptionRepository, id: str, reason: str, context: CommandContext
) -> PlanSubscription:
    """Make it INCOMPLETE; nothing happens unless its first payment is still awaited.

    Raises:
        NotFound: there is no such plan subscription.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.mark_incomplete(reason))
