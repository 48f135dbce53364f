"""The credit note aggregate: what one invoice gave back.

PENDING → ISSUED

A refund that the provider refuses goes to the customer's balance, so a credit note always gives back what it says.
"""

from collections.abc import Sequence
from typing import ClassVar

from subgraphs.invoice.domain.events import CreditNoteIssued, CreditNoteRequested
from subgraphs.invoice.domain.payment_provider import Declined, RefundOutcome, Succeeded
from subgraphs.invoice.domain.values import CreditNoteStatus, CreditNoteTerms, RefundPart
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.money import Money, total

__all__ = ["CreditNote"]


class CreditNote(Aggregate):
    """An amount on its way back to a customer. Its number is given once, when it is issued; nothing changes from then on."""

    kind: ClassVar[str] = "CreditNote"
    codec: ClassVar[EventCodec] = EventCodec(CreditNoteRequested, CreditNoteIssued)

    requested: CreditNoteRequested
    terms: CreditNoteTerms
    status: CreditNoteStatus
    issued: CreditNoteIssued | None

    @classmethod
    def request(cls, id: str, terms: CreditNoteTerms, context: CommandContext) -> "CreditNote":
        """Return a new credit note, before the provider is asked for a refund."""
        note = cls(id, context.tenant)
        note.record(CreditNoteRequested(terms=terms, requested_by=context.actor, requested_at=context.at))
        return note

    @property
    def refunded(self) -> Money:
        """What went back to where the payment came from, or was given back by people themselves; nothing while pending."""
        return self.issued.refunded if self.issued else Money.zero(self.terms.amount.currency)

    @property
    def refunds(self) -> tuple[RefundPart, ...]:
        """The parts of what was refunded; none while pending."""
        if self.issued is None:
            return ()
        return self.issued.refunds or (self.terms.refund_parts if self.issued.refunded else ())

    @property
    def balance(self) -> Money:
        """What went to the customer's balance; nothing while pending."""
        return self.issued.balance if self.issued else Money.zero(self.terms.amount.currency)

    def issue(self, number: str, outcomes: Sequence[RefundOutcome], context: CommandContext) -> None:
        """Issue the note with what each of its refund parts came to. Again: nothing happens."""
        if self.status is CreditNoteStatus.ISSUED:
            return
        terms, pairs = self.terms, list(zip(self.terms.refund_parts, outcomes, strict=True))
        made = tuple(part for part, outcome in pairs if isinstance(outcome, Succeeded))
        refunded = total([part.amount for part in made], terms.amount.currency)
        references = [outcome.reference for _, outcome in pairs if isinstance(outcome, Succeeded) and outcome.reference]
        refused = next((outcome for outcome in outcomes if isinstance(outcome, Declined)), None)
        self.record(
            CreditNoteIssued(
                terms=terms,
                number=number,
                refunded=refunded,
                balance=terms.balance + terms.refund - refunded,
                refund_reference=", ".join(references) or None,
                refund_failure_code=refused.code if refused else None,
                refund_failure_message=refused.message if refused else None,
                issued_at=context.at,
                refunds=made,
            )
        )

    def apply(self, event: Event) -> None:
        match event:
            case CreditNoteRequested():
                self.requested, self.terms = event, event.terms
                self.status, self.issued = CreditNoteStatus.PENDING, None
            case CreditNoteIssued():
                self.status, self.issued = CreditNoteStatus.ISSUED, event
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a credit note")
