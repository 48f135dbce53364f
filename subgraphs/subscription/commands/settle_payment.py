"""Take over how the payment for a billing period went."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["note_payment_failed", "note_period_paid"]


async def note_period_paid(
    subscriptions: PlanSubscriptionRepository, id: str, number: int, context: CommandContext
) -> PlanSubscription:
    """Note that period `number` is paid: the first makes it ACTIVE, a later one makes up for a failed payment.

    Raises:
        NotFound: there is no such plan subscription.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.period_paid(number, context))


async def note_payment_failed(
    subscriptions: PlanSubscriptionRepository, id: str, number: int, reason: str, context: CommandContext
) -> PlanSubscription:
    """Note that the payment of period `number` failed: it becomes INCOMPLETE, or PAST_DUE; nothing happens once that is paid.

    Raises:
        NotFound: there is no such plan subscription.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.payment_failed(number, reason))
