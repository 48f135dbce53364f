"""End a plan subscription, now or with its period, or let it go on after all."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["cancel_now", "cancel_with_period", "undo_cancellation"]


async def cancel_now(
    subscriptions: PlanSubscriptionRepository, id: str, reason: str | None, context: CommandContext
) -> PlanSubscription:
    """End it at `context.at`; canceling again changes nothing.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidInput: the reason is too long.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.cancel(reason, context))


async def cancel_with_period(subscriptions: PlanSubscriptionRepository, id: str, context: CommandContext) -> PlanSubscription:
    """End it when its current period ends; it stays ACTIVE until then.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidState: it is not active.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.schedule_cancellation())


async def undo_cancellation(subscriptions: PlanSubscriptionRepository, id: str, context: CommandContext) -> PlanSubscription:
    """Let it go on after its current period.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidState: it is canceled already.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.unschedule_cancellation())
