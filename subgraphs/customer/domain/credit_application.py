"""What of a customer's wallets and balance was used for one invoice."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.money import Money, total

__all__ = ["CreditApplication", "CreditApplied", "CreditPart", "CreditReturned", "CreditSource"]


class CreditSource(StrEnum):
    """What credit came from."""

    WALLET = "WALLET"
    BALANCE = "BALANCE"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditPart:
    """`amount` minor units that came from the wallet or balance `id`."""

    source: CreditSource
    id: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditApplied(Event):
    customer_id: str
    invoice_id: str
    currency: str
    requested: int
    parts: tuple[CreditPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReturned(Event):
    """The invoice is not to be paid: every part went back to where it came from."""

    customer_id: str
    invoice_id: str
    currency: str
    amount: int


class CreditApplication(Aggregate):
    """One per invoice, with the invoice's id. It is made once everything was taken, so that its event tells the final amount."""

    kind: ClassVar[str] = "CreditApplication"
    codec: ClassVar[EventCodec] = EventCodec(CreditApplied, CreditReturned)

    applied: CreditApplied
    returned: bool

    @classmethod
    def make(
        cls, customer_id: str, invoice_id: str, requested: Money, parts: tuple[CreditPart, ...], context: CommandContext
    ) -> "CreditApplication":
        """Return the record that `parts` were taken for the invoice, which asked for `requested`."""
        application = cls(invoice_id, context.tenant)
        application.record(
            CreditApplied(
                customer_id=customer_id,
                invoice_id=invoice_id,
                currency=requested.currency,
                requested=requested.minor_units,
                parts=parts,
            )
        )
        return application

    @property
    def amount(self) -> Money:
        """What was used for the invoice."""
        currency = self.applied.currency
        return total([Money(part.amount, currency) for part in self.applied.parts], currency)

    def note_returned(self) -> None:
        """Record that everything went back; again: nothing."""
        if not self.returned:
            applied = self.applied
            self.record(
                CreditReturned(
                    customer_id=applied.customer_id,
                    invoice_id=applied.invoice_id,
                    currency=applied.currency,
                    amount=self.amount.minor_units,
                )
            )

    def apply(self, event: Event) -> None:
        match event:
            case CreditApplied():
                self.applied, self.returned = event, False
            case CreditReturned():
                self.returned = True
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a credit application")
