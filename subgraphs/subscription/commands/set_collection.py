"""Say how what a plan subscription is billed is collected."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.pricing.collection import CollectionMethod, payment_term
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["set_collection"]


async def set_collection(
    subscriptions: PlanSubscriptionRepository,
    id: str,
    method: CollectionMethod,
    days_until_due: int | None,
    context: CommandContext,
) -> PlanSubscription:
    """Charge what is billed from now on, or send it with a payment term; nothing happens when it is so already.

    What was billed before stays as it is: what was to be charged is tried again, what was sent waits for the customer.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidInput: SEND_INVOICE has no payment term, or one that is out of range; CHARGE_AUTOMATICALLY has one.
        InvalidState: it has ended, or waits for its first payment.
    """
    term = payment_term(method, days_until_due)
    return await subscriptions.update(id, context, lambda subscription: subscription.set_collection(term, context))
