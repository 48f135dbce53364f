"""Pause a plan subscription, and let it go on."""

from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.commands.metered import Metered, update_with_usage
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["pause_plan_subscription", "resume_plan_subscription"]


async def pause_plan_subscription(
    subscriptions: PlanSubscriptionRepository, id: str, resumes_at: datetime | None, context: CommandContext
) -> PlanSubscription:
    """Bill nothing from `context.at` until it is resumed, at `resumes_at` by itself; what is paused resumes then instead.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidInput: `resumes_at` is not later.
        InvalidState: it is neither active nor in its trial, nor paused.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.pause(resumes_at, context))


async def resume_plan_subscription(
    subscriptions: PlanSubscriptionRepository, metered: Metered, id: str, context: CommandContext
) -> PlanSubscription:
    """Go on from `context.at`; nothing happens when it is not paused.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidState: it was never active or has ended.
    """
    return await update_with_usage(
        subscriptions,
        metered,
        id,
        context,
        lambda subscription, used: subscription.resume(context, used=used),
        wanted=lambda subscription: subscription.usage_wanted(min(context.at, subscription.cancel_at or context.at)),
    )
