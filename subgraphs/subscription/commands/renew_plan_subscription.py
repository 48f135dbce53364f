"""Open the next billing period of a plan subscription."""

from dataclasses import replace
from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["renew_plan_subscription"]


async def renew_plan_subscription(
    subscriptions: PlanSubscriptionRepository, id: str, now: datetime, context: CommandContext
) -> bool:
    """Open the period that follows the one that has ended by `now`, and return whether there is a newer one than before.

    The business time of what follows is the end of the ended period, however late it is: `context.at` is replaced by it. Where
    another process renews at the same time, one of the two does, and only this one period.

    Raises:
        NotFound: there is no such plan subscription.
    """
    found = await subscriptions.get(context.tenant, id)
    ended = found.period

    def renew(current: PlanSubscription) -> None:
        if current.period == ended:
            current.renew(now)

    renewed = await subscriptions.update(id, replace(context, at=min(now, ended.end)), renew)
    return renewed.version > found.version
