"""Bill usage that reached a threshold before its period has ended."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.commands.metered import Metered, update_with_usage
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["reach_thresholds"]


async def reach_thresholds(
    subscriptions: PlanSubscriptionRepository, metered: Metered, id: str, context: CommandContext
) -> PlanSubscription:
    """Bill what was used by `context.at` of prices whose usage reached a threshold, and return the subscription.

    Where none did since it was last looked at, nothing happens, however often and by however many it is asked for.

    Raises:
        NotFound: there is no such plan subscription.
        ConcurrentChange: every attempt lost to another command, or a meter is not known yet.
    """
    return await update_with_usage(
        subscriptions,
        metered,
        id,
        context,
        lambda subscription, used: subscription.reach_thresholds(used),
        wanted=lambda subscription: subscription.thresholds_wanted(context.at),
    )
