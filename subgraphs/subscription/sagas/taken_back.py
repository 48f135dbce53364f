"""What of plan subscriptions' bills credit notes take back, and what of them nobody pays: it is not credited once more."""

from datetime import datetime

import msgspec

from subgraphs.kit.messaging.consumer import Received
from subgraphs.subscription.commands.settle_payment import BillName, note_bill_credited, note_bill_unpaid
from subgraphs.subscription.domain.values import CreditedLine
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["TakenBackSaga"]

ACTOR = "system:credit"


class _Bill(msgspec.Struct, frozen=True, rename="camel"):
    plan_subscription_id: str
    period_number: int


class _Billing(msgspec.Struct, frozen=True, rename="camel"):
    """What events of invoices and credit notes tell of what an invoice bills: several bills where it is a consolidated one."""

    plan_subscription_id: str | None
    period_number: int | None = None
    adjustments_number: int | None = None
    bills: tuple[_Bill, ...] = ()

    @property
    def named(self) -> dict[str, BillName]:
        """The bill of each plan subscription, the newest where there are several."""
        found = {one.plan_subscription_id: BillName(one.period_number, None) for one in self.bills}
        if self.plan_subscription_id is not None:
            found[self.plan_subscription_id] = BillName(self.period_number, self.adjustments_number)
        return found


class _Invoice(_Billing, frozen=True, kw_only=True, rename="camel"):
    total_minor: int
    amount_due_minor: int


class _Line(msgspec.Struct, frozen=True, rename="camel"):
    amount_minor: int
    period_end: datetime | None = None
    is_usage: bool = False
    plan_subscription_id: str | None = None


class _CreditNote(_Billing, frozen=True, kw_only=True, rename="camel"):
    credit_note_id: str
    lines: tuple[_Line, ...] = ()


class TakenBackSaga:
    """Every step looks at what the subscription knows first, so events may come twice."""

    def __init__(self, subscriptions: PlanSubscriptionRepository) -> None:
        self._subscriptions = subscriptions

    async def invoice_paid(self, received: Received) -> None:
        """Note that changes are paid after all; of a period, its payment tells."""
        told = msgspec.convert(received.event.data, _Billing)
        for id, bill in told.named.items():
            if bill.period_number is None:
                await note_bill_unpaid(self._subscriptions, id, bill, 0, 0, received.context(ACTOR))

    async def invoice_voided(self, received: Received) -> None:
        """Note that nothing of the invoice is paid, until another one that takes its place is."""
        told = msgspec.convert(received.event.data, _Invoice)
        for id, bill in told.named.items():
            whole = told.total_minor
            await note_bill_unpaid(self._subscriptions, id, bill, whole, whole, received.context(ACTOR))

    async def invoice_uncollectible(self, received: Received) -> None:
        """Note what nobody expects to be paid, or a dispute took back."""
        told = msgspec.convert(received.event.data, _Invoice)
        for id, bill in told.named.items():
            unpaid = min(told.amount_due_minor, told.total_minor)
            await note_bill_unpaid(self._subscriptions, id, bill, unpaid, told.total_minor, received.context(ACTOR))

    async def credit_note_issued(self, received: Received) -> None:
        """Note what was taken back of which line."""
        told = msgspec.convert(received.event.data, _CreditNote)
        for id, bill in told.named.items():
            lines = [
                CreditedLine(amount_minor=line.amount_minor, ends_at=None if line.is_usage else line.period_end)
                for line in told.lines
                if line.plan_subscription_id in (None, id)
            ]
            if lines:
                context = received.context(ACTOR)
                await note_bill_credited(self._subscriptions, id, bill, told.credit_note_id, lines, context)
