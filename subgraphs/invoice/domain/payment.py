"""The payment aggregate: one attempt to collect one invoice.

PROCESSING → SUCCEEDED
    │   └──→ FAILED ←─┐
    └→ ACTION_REQUIRED┴→ SUCCEEDED
"""

from datetime import datetime
from typing import ClassVar

from subgraphs.invoice.domain.events import PaymentActionRequired, PaymentFailed, PaymentStarted, PaymentSucceeded
from subgraphs.invoice.domain.payment_provider import ActionRequired, Declined, PaymentOutcome, Succeeded
from subgraphs.invoice.domain.values import PaymentMethod, PaymentStatus, PaymentSubject
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec

__all__ = ["Payment"]


class Payment(Aggregate):
    """An amount on its way from a payment method to an invoice. Once SUCCEEDED or FAILED it stays so."""

    kind: ClassVar[str] = "Payment"
    codec: ClassVar[EventCodec] = EventCodec(PaymentStarted, PaymentActionRequired, PaymentSucceeded, PaymentFailed)

    subject: PaymentSubject
    method: PaymentMethod | None
    status: PaymentStatus
    outcome: PaymentOutcome | None
    started_at: datetime
    settled_at: datetime | None

    @classmethod
    def start(cls, id: str, subject: PaymentSubject, method: PaymentMethod | None, context: CommandContext) -> "Payment":
        """Return a new payment, before the provider is asked."""
        payment = cls(id, context.tenant)
        payment.record(PaymentStarted(subject=subject, method=method, started_at=context.at))
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

    def apply(self, event: Event) -> None:
        match event:
            case PaymentStarted():
                self.subject, self.method, self.started_at = event.subject, event.method, event.started_at
                self.status, self.outcome, self.settled_at = PaymentStatus.PROCESSING, None, None
            case PaymentActionRequired():
                self.status, self.outcome = PaymentStatus.ACTION_REQUIRED, ActionRequired()
            case PaymentSucceeded():
                self.status, self.outcome = PaymentStatus.SUCCEEDED, Succeeded(event.reference)
                self.settled_at = event.settled_at
            case PaymentFailed():
                self.status, self.outcome = PaymentStatus.FAILED, Declined(event.code, event.message)
                self.settled_at = event.settled_at
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a payment")
