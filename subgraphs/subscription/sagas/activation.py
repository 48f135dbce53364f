"""From the payments of a plan subscription's bills to ACTIVE, INCOMPLETE, PAST_DUE or UNPAID, and what is taken back of them."""

from datetime import datetime
from typing import Protocol

import msgspec

from subgraphs.kit.messaging.consumer import Received
from subgraphs.subscription.commands.known_facts import KnownFacts
from subgraphs.subscription.commands.metered import Metered
from subgraphs.subscription.commands.renew_plan_subscription import catch_up_on_clock
from subgraphs.subscription.commands.settle_payment import (
    BillName,
    note_bill_credited,
    note_bill_unpaid,
    note_debt_paid,
    note_dunning_exhausted,
    note_payment_failed,
    note_period_paid,
)
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import CreditedLine
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["ActivationSaga"]

ACTOR = "system:activation"


class _Credited(msgspec.Struct, frozen=True, rename="camel"):
    amount_minor: int
    period_end: datetime | None = None
    is_usage: bool = False
    plan_subscription_id: str | None = None


class CreditNoteIssued(msgspec.Struct, frozen=True, rename="camel"):
    """What credit-note-issued.v1 tells, as far as it matters here."""

    credit_note_id: str
    lines: tuple[_Credited, ...] = ()


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
            if number is not None:
                paid = await note_period_paid(self._subscriptions, id, number, context)
            else:
                paid = await note_bill_unpaid(self._subscriptions, id, _bill(received, number), 0, 0, context)
            await self._debt_gone(id, received, paid)

    async def invoice_voided(self, received: Received) -> None:
        """Let what was unpaid for the invoice go on: it is not owed after all, and nothing of it is given back."""
        total = received.event.data["totalMinor"]
        for id, number in _billed(received):
            bill = _bill(received, number)
            noted = await note_bill_unpaid(self._subscriptions, id, bill, total, total, received.context(ACTOR))
            await self._debt_gone(id, received, noted)

    async def invoice_uncollectible(self, received: Received) -> None:
        """Note what nobody expects to be paid, or a dispute took back: it is not given back once more."""
        data = received.event.data
        for id, number in _billed(received):
            bill, unpaid, total = _bill(received, number), data["amountDueMinor"], data["totalMinor"]
            await note_bill_unpaid(self._subscriptions, id, bill, min(unpaid, total), total, received.context(ACTOR))

    async def credit_note_issued(self, received: Received) -> None:
        """Note what was taken back of the bills of plan subscriptions: it is not given back once more."""
        told = msgspec.convert(received.event.data, CreditNoteIssued)
        for id, number in dict(_billed(received)).items():
            lines = [
                CreditedLine(amount_minor=line.amount_minor, ends_at=None if line.is_usage else line.period_end)
                for line in told.lines
                if line.plan_subscription_id in (None, id)
            ]
            if lines:
                bill, context = _bill(received, number), received.context(ACTOR)
                await note_bill_credited(self._subscriptions, id, bill, told.credit_note_id, lines, context)

    async def dunning_exhausted(self, received: Received) -> None:
        """Do what the campaign says with the subscriptions whose invoice was not paid by its last retry."""
        data = received.event.data
        for id, _ in _billed(received):
            await note_dunning_exhausted(
                self._subscriptions,
                self._metered,
                id,
                data["invoiceId"],
                data["action"],
                data["retries"],
                received.context(ACTOR),
            )

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


def _bill(received: Received, period_number: int | None) -> BillName:
    return BillName(period_number, received.event.data.get("adjustmentsNumber") if period_number is None else None)


def _billed(received: Received) -> list[tuple[str, int | None]]:
    """Return the subscriptions that an invoice bills, each with the number of its period, None: something else than a period.

    A consolidated invoice has several; any other one, or none.
    """
    data = received.event.data
    own = [(data["planSubscriptionId"], data.get("periodNumber"))] if data.get("planSubscriptionId") is not None else []
    return own + [(bill["planSubscriptionId"], bill["periodNumber"]) for bill in data.get("bills", ())]
