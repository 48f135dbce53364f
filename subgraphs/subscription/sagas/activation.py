"""From the first invoice's payment to an ACTIVE or INCOMPLETE plan subscription."""

from subgraphs.kit.messaging.consumer import Received
from subgraphs.subscription.commands.settle_first_payment import (
    activate_plan_subscription,
    mark_plan_subscription_incomplete,
)
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["ActivationSaga"]

ACTOR = "system:activation"


class ActivationSaga:
    """Follows payments. Every step looks at the subscription's state first, so events may come twice and in any order."""

    def __init__(self, subscriptions: PlanSubscriptionRepository) -> None:
        self._subscriptions = subscriptions

    async def invoice_paid(self, received: Received) -> None:
        """Activate the subscription whose first period is paid."""
        id = _first_period_of(received)
        if id is not None:
            await activate_plan_subscription(self._subscriptions, id, received.context(ACTOR))

    async def payment_not_made(self, received: Received) -> None:
        """Mark the subscription incomplete whose first payment was declined or waits for the customer."""
        id = _first_period_of(received)
        if id is not None:
            reason = str(received.event.data.get("code") or "payment_failed")
            await mark_plan_subscription_incomplete(self._subscriptions, id, reason, received.context(ACTOR))


def _first_period_of(received: Received) -> str | None:
    data = received.event.data
    return data.get("planSubscriptionId") if data.get("periodNumber") == 0 else None
