"""Open the next billing period of a plan subscription."""

from dataclasses import replace
from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["renew_plan_subscription"]


async def renew_plan_subscription(
    subscriptions: PlanSubscriptionRepository, id: str, now: datetime, context: CommandContext
) -> PlanSubscription:
    """Open the period that follows the one that has ended by `now`; nothing happens when none has.

    The business time of what follows is the end of the ended period, however late it is: `context.at` is replaced by it.

    Raises:
        NotFound: there is no such plan subscription.
    """
    subscription = await subscriptions.get(context.tenant, id)
    at = replace(context, at=min(now, subscription.period.end))
    return await subscriptions.update(id, at, lambda current: current.renew(now))
