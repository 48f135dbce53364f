"""From the payments of a plan subscription's periods to ACTIVE, INCOMPLETE, PAST_DUE or UNPAID."""

from datetime import datetime
from typing import Protocol

from subgraphs.kit.messaging.consumer import Received
from subgraphs.subscription.commands.known_facts import KnownFacts
from subgraphs.subscription.commands.metered import Metered
from subgraphs.subscription.commands.renew_plan_subscription import catch_up_on_clock
from subgraphs.subscription.commands.settle_payment import (
    note_debt_paid,
    note_debt_replaced,
    note_dunning_exhausted,
    note_payment_failed,
    note_payment_overdue,
    note_period_paid,
    note_period_settled,
)
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["ActivationSaga"]

ACTOR = "system:activation"


class TenantTime(Protocol):
    """Knows what time it is for a tenant."""

    async def now(self, tenant: str) -> datetime: ...


class ActivationSaga:
    """Follows payments. Every step looks at the subscription's state first, so events may come twice and in any order."""

    def __init__(
        self, subscriptions: PlanSubscriptionRepository, known: KnownFacts, metered: Metered, clocks: TenantTime
    ) -> None:
        self._subscriptions, self._known, self._metered, self._clocks = subscriptions, known, metered, clocks

    async def invoice_paid(self, received: Received) -> None:
        """Activate the subscription whose first period is paid; one that was past due or unpaid is so no longer."""
        context = received.context(ACTOR)
        for id, number in _billed(received):
            paid = None if number is None else await note_period_paid(self._subscriptions, id, number, context)
            await self._debt_gone(id, received, paid)

    async def invoice_voided(self, received: Received) -> None:
        """Let what was past due or unpaid for the invoice go on: it is not owed after all, unless another one takes its place.

        So it is when that other one is given up as a draft.
        """
        replaced_by, context = received.event.data.get("replacedBy"), received.context(ACTOR)
        for id, number in _billed(received):
            if replaced_by is not None:
                await note_debt_replaced(self._subscriptions, id, received.event.data["invoiceId"], replaced_by, context)
                continue
            settled = None if number is None else await note_period_settled(self._subscriptions, id, number, context)
            await self._debt_gone(id, received, settled)

    async def invoice_marked_uncollectible(self, received: Received) -> None:
        """Let what was past due for the invoice go on: nobody tries to collect it any more. What is unpaid stays so."""
        for id, number in _billed(received):
            if number is not None:
                await note_period_settled(self._subscriptions, id, number, received.context(ACTOR))

    async def dunning_exhausted(self, received: Received) -> None:
        """Do what the campaign says with the subscriptions whose invoice was not paid by its last retry."""
        data = received.event.data
        since = data.get("overdueSince")
        for id, number in _billed(received):
            await note_dunning_exhausted(
                self._subscriptions,
                self._metered,
                id,
                data["invoiceId"],
                data["action"],
                data["retries"],
                received.context(ACTOR),
                number,
                overdue_since=datetime.fromisoformat(since) if since else None,
            )

    async def invoice_overdue(self, received: Received) -> None:
        """Mark the subscriptions whose invoice was sent and not paid when due."""
        for id, number in _billed(received):
            if number is not None:
                await note_payment_overdue(self._subscriptions, id, number, received.context(ACTOR))

    async def payment_not_made(self, received: Received) -> None:
        """Mark the subscriptions whose payment was declined or waits for the customer."""
        reason = str(received.event.data.get("code") or "payment_failed")
        for id, number in _billed(received):
            if number is not None:
                await note_payment_failed(self._subscriptions, id, number, reason, received.context(ACTOR))

    async def _debt_gone(self, id: str, received: Received, loaded: PlanSubscription | None) -> None:
        context = received.context(ACTOR)
        subscription = await note_debt_paid(
            self._subscriptions, self._metered, id, received.event.data["invoiceId"], context, loaded=loaded
        )
        if subscription.started.on_test_clock:
            now = await self._clocks.now(context.tenant)
            await catch_up_on_clock(self._subscriptions, self._known, self._metered, subscription, now, context)


def _billed(received: Received) -> list[tuple[str, int | None]]:
    """Return the subscriptions that an invoice bills, each with the number of its period, None: something else than a period.

    A consolidated invoice has several; any other one, or none.
    """
    data = received.event.data
    own = [(data["planSubscriptionId"], data.get("periodNumber"))] if data.get("planSubscriptionId") is not None else []
    return own + [(bill["planSubscriptionId"], bill["periodNumber"]) for bill in data.get("bills", ())]
