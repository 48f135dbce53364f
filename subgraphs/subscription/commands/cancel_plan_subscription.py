"""End a plan subscription, now, with its period or on a date, or let it go on after all."""

from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.commands.metered import Metered, update_with_usage
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import UnusedTime
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["cancel_later", "cancel_now", "undo_cancellation"]


async def cancel_now(
    subscriptions: PlanSubscriptionRepository,
    metered: Metered,
    id: str,
    reason: str | None,
    context: CommandContext,
    *,
    unused: UnusedTime = UnusedTime.KEEP,
    bill_usage: bool = True,
) -> PlanSubscription:
    """End it at `context.at`, with a last invoice for what was used unless that is not wanted; canceling again changes nothing.

    What was billed for the rest of the period is kept, or goes back as `unused` says.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidInput: the reason is too long.
    """
    return await update_with_usage(
        subscriptions,
        metered,
        id,
        context,
        lambda subscription, used: subscription.cancel(reason, context, used=used, unused=unused, bill_usage=bill_usage),
    )


async def cancel_later(
    subscriptions: PlanSubscriptionRepository, id: str, at: datetime | None, context: CommandContext
) -> PlanSubscription:
    """End it at `at`, None: when its current period or trial ends; it goes on until then.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidInput: `at` is not later.
        InvalidState: it is not active.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.schedule_cancellation(at, context))


async def undo_cancellation(subscriptions: PlanSubscriptionRepository, id: str, context: CommandContext) -> PlanSubscription:
    """Let it go on, though its end was scheduled.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidState: it is canceled already.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.unschedule_cancellation())
