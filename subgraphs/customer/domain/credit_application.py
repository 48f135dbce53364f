"""What of a customer's wallets and balance was used for one invoice, and what it collects beside its total."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from subgraphs.customer.domain.debts import Debt
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.money import Money, total

__all__ = ["BroughtForward", "CreditApplication", "CreditApplied", "CreditPart", "CreditReturned", "CreditSource"]


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
class BroughtForward:
    """What was owed in the balance `balance_id`, and the invoice collects."""

    balance_id: str
    debts: tuple[Debt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditApplied(Event):
    """`parts` pay what the invoice `requested` and what is `brought_forward` to it; both are settled in one answer."""

    customer_id: str
    invoice_id: str
    currency: str
    requested: int
    parts: tuple[CreditPart, ...]
    brought_forward: BroughtForward | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReturned(Event):
    """The invoice is not to be paid: every part went back to where it came from, and what it was to collect is owed again."""

    customer_id: str
    invoice_id: str
    currency: str
    amount: int
    brought_forward: int = 0


class CreditApplication(Aggregate):
    """One per invoice, with the invoice's id. It is made once everything was taken, so that its event tells the final amount."""

    kind: ClassVar[str] = "CreditApplication"
    codec: ClassVar[EventCodec] = EventCodec(CreditApplied, CreditReturned)

    applied: CreditApplied
    returned: bool

    @classmethod
    def make(
        cls,
        customer_id: str,
        invoice_id: str,
        requested: Money,
        parts: tuple[CreditPart, ...],
        context: CommandContext,
        brought_forward: BroughtForward | None = None,
    ) -> "CreditApplication":
        """Return the record that `parts` were taken for the invoice, which asked for `requested` and collects more."""
        application = cls(invoice_id, context.tenant)
        application.record(
            CreditApplied(
                customer_id=customer_id,
                invoice_id=invoice_id,
                currency=requested.currency,
                requested=requested.minor_units,
                parts=parts,
                brought_forward=brought_forward,
            )
        )
        return application

    @property
    def amount(self) -> Money:
        """What was used for the invoice."""
        currency = self.applied.currency
        return total([Money(part.amount, currency) for part in self.applied.parts], currency)

    @property
    def brought_forward(self) -> Money:
        """What the invoice collects beside its total."""
        debts = self.applied.brought_forward.debts if self.applied.brought_forward else ()
        return Money(sum(debt.amount for debt in debts), self.applied.currency)

    @property
    def balance_ids(self) -> tuple[str, ...]:
        """The balances it changed."""
        used = [part.id for part in self.applied.parts if part.source is CreditSource.BALANCE]
        collected = [self.applied.brought_forward.balance_id] if self.applied.brought_forward else []
        return tuple(dict.fromkeys(used + collected))

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
                    brought_forward=self.brought_forward.minor_units,
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
