"""From the payments of a plan subscription's periods to ACTIVE, INCOMPLETE or PAST_DUE."""

from subgraphs.kit.messaging.consumer import Received
from subgraphs.subscription.commands.settle_payment import note_payment_failed, note_period_paid
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["ActivationSaga"]

ACTOR = "system:activation"


class ActivationSaga:
    """Follows payments. Every step looks at the subscription's state first, so events may come twice and in any order."""

    def __init__(self, subscriptions: PlanSubscriptionRepository) -> None:
        self._subscriptions = subscriptions

    async def invoice_paid(self, received: Received) -> None:
        """Activate the subscription whose first period is paid; one that was past due is so no longer."""
        found = _period_of(received)
        if found is not None:
            await note_period_paid(self._subscriptions, *found, received.context(ACTOR))

    async def payment_not_made(self, received: Received) -> None:
        """Mark the subscription whose payment was declined or waits for the customer."""
        found = _period_of(received)
        if found is not None:
            reason = str(received.event.data.get("code") or "payment_failed")
            await note_payment_failed(self._subscriptions, *found, reason, received.context(ACTOR))


def _period_of(received: Received) -> tuple[str, int] | None:
    """Return the subscription and the number of the period that an invoice bills, None when it bills something else."""
    id, number = received.event.data.get("planSubscriptionId"), received.event.data.get("periodNumber")
    return None if id is None or number is None else (id, number)
