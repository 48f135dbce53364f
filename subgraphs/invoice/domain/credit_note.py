"""The credit note aggregate: what one invoice gave back.

PENDING → ISSUED

A refund that the provider refuses goes to the customer's balance, so a credit note always gives back what it says.
"""

from typing import ClassVar

from subgraphs.invoice.domain.events import CreditNoteIssued, CreditNoteRequested
from subgraphs.invoice.domain.payment_provider import Declined, RefundOutcome, Succeeded
from subgraphs.invoice.domain.values import CreditNoteStatus, CreditNoteTerms
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.money import Money

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
        """What went back to where the payment came from; nothing while pending."""
        return self.issued.refunded if self.issued else Money.zero(self.terms.amount.currency)

    @property
    def balance(self) -> Money:
        """What went to the customer's balance; nothing while pending."""
        return self.issued.balance if self.issued else Money.zero(self.terms.amount.currency)

    def issue(self, number: str, outcome: RefundOutcome | None, context: CommandContext) -> None:
        """Issue the note with what the refund came to, None when there was none to make. Again: nothing happens."""
        if self.status is CreditNoteStatus.ISSUED:
            return
        terms, nothing = self.terms, Money.zero(self.terms.amount.currency)
        refused = outcome if isinstance(outcome, Declined) else None
        self.record(
            CreditNoteIssued(
                terms=terms,
                number=number,
                refunded=nothing if refused else terms.refund,
                balance=terms.balance + terms.refund if refused else terms.balance,
                refund_reference=outcome.reference if isinstance(outcome, Succeeded) else None,
                refund_failure_code=refused.code if refused else None,
                refund_failure_message=refused.message if refused else None,
                issued_at=context.at,
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
