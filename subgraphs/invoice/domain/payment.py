"""The payment aggregate: one attempt to collect one invoice.

PROCESSING → SUCCEEDED
    │   └──→ FAILED ←─┐
    └→ ACTION_REQUIRED┴→ SUCCEEDED

What succeeded can be refunded, at most what it was: by credit notes, or at the provider by itself; and taken back by a dispute.
"""

from datetime import datetime
from typing import ClassVar

from subgraphs.invoice.domain.events import (
    PaymentActionRequired,
    PaymentFailed,
    PaymentRefunded,
    PaymentStarted,
    PaymentSucceeded,
    PaymentTakenBack,
)
from subgraphs.invoice.domain.payment_provider import ActionRequired, Declined, PaymentOutcome, Succeeded
from subgraphs.invoice.domain.values import PaymentMethod, PaymentStatus, PaymentSubject, ReceivedPayment
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.money import Money

__all__ = ["Payment"]


class Payment(Aggregate):
    """An amount on its way from a payment method to an invoice. Once SUCCEEDED or FAILED it stays so."""

    kind: ClassVar[str] = "Payment"
    codec: ClassVar[EventCodec] = EventCodec(
        PaymentStarted, PaymentActionRequired, PaymentSucceeded, PaymentFailed, PaymentRefunded, PaymentTakenBack
    )

    subject: PaymentSubject
    method: PaymentMethod | None
    received: ReceivedPayment | None
    status: PaymentStatus
    outcome: PaymentOutcome | None
    started_at: datetime
    settled_at: datetime | None
    refunded: Money
    refunded_by: tuple[str, ...]
    returned: Money
    lost: Money
    lost_by: tuple[str, ...]

    @classmethod
    def start(
        cls,
        id: str,
        subject: PaymentSubject,
        method: PaymentMethod | None,
        context: CommandContext,
        received: ReceivedPayment | None = None,
    ) -> "Payment":
        """Return a new payment, before the provider is asked; `received` is one that nobody has to be asked for."""
        payment = cls(id, context.tenant)
        payment.record(PaymentStarted(subject=subject, method=method, started_at=context.at, received=received))
        return payment

    def settle(self, outcome: PaymentOutcome, context: CommandContext) -> None:
        """Take over what the provider says; nothing happens when it says nothing new or the payment is settled."""
        if self.status in (PaymentStatus.SUCCEEDED, PaymentStatus.FAILED):
            return
        match outcome:
            case Succeeded(reference=reference):
                self.record(PaymentSucceeded(subject=self.subject, reference=reference, settled_at=context.at))
            case Declined(code=code, message=message):
                self.record(PaymentFailed(subject=self.subject, code=code, message=message, settled_at=context.at))
            case ActionRequired() if self.status is PaymentStatus.PROCESSING:
                self.record(PaymentActionRequired(subject=self.subject))

    def note_refund(
        self, credit_note_id: str, amount: Money, context: CommandContext, *, out_of_band: Money | None = None
    ) -> None:
        """Note what a credit note gave back, and what of that people did themselves; nothing happens when that is known."""
        if credit_note_id not in self.refunded_by and amount:
            self.record(
                PaymentRefunded(
                    subject=self.subject,
                    credit_note_id=credit_note_id,
                    amount=amount,
                    refunded_at=context.at,
                    out_of_band=out_of_band or None,
                )
            )

    def note_refunded_in_all(self, amount: Money, context: CommandContext) -> None:
        """Note what the provider says was given back in all: more than is known was refunded there by itself."""
        further = amount - (self.refunded - self.refunded_out_of_band)
        if self.status is PaymentStatus.SUCCEEDED and further.minor_units > 0:
            self.record(PaymentRefunded(subject=self.subject, credit_note_id=None, amount=further, refunded_at=context.at))

    def take_back(self, dispute_id: str, disputed: Money, context: CommandContext) -> None:
        """Note that a dispute was lost: of what was disputed, what had not been refunded is gone. Again: nothing happens."""
        amount = min(disputed, self.subject.amount - self.refunded - self.lost)
        if self.status is PaymentStatus.SUCCEEDED and dispute_id not in self.lost_by:
            self.record(PaymentTakenBack(subject=self.subject, dispute_id=dispute_id, amount=amount, taken_back_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case PaymentStarted():
                self.subject, self.method, self.started_at = event.subject, event.method, event.started_at
                self.received = event.received
                self.status, self.outcome, self.settled_at = PaymentStatus.PROCESSING, None, None
                self.refunded, self.refunded_by = Money.zero(event.subject.amount.currency), ()
                self.returned = self.lost = self.refunded_out_of_band = self.refunded
                self.lost_by = ()
            case PaymentActionRequired():
                self.status, self.outcome = PaymentStatus.ACTION_REQUIRED, ActionRequired()
            case PaymentSucceeded():
                self.status, self.outcome = PaymentStatus.SUCCEEDED, Succeeded(event.reference)
                self.settled_at = event.settled_at
            case PaymentFailed():
                self.status, self.outcome = PaymentStatus.FAILED, Declined(event.code, event.message)
                self.settled_at = event.settled_at
            case PaymentRefunded():
                self.refunded += event.amount
                self.refunded_out_of_band += event.out_of_band or Money.zero(event.amount.currency)
                if event.credit_note_id is not None:
                    self.refunded_by += (event.credit_note_id,)
                else:
                    self.returned += event.amount
            case PaymentTakenBack():
                self.lost += event.amount
                self.lost_by += (event.dispute_id,)
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a payment")
