"""A customer's balance in one currency: a ledger that is only ever added to.

Above zero is credit that coming invoices use up. Below zero is what the customer owes, and the next invoice collects: what
invoices left that was too little to charge, and adjustments that say so.
"""

from typing import ClassVar

from subgraphs.customer.domain.amounts import checked_amount, checked_description
from subgraphs.customer.domain.balance_events import BalanceEntry, BalanceEntryKind, BalanceEntryRecorded, BalanceOpened
from subgraphs.customer.domain.debts import Debt, debts_of
from subgraphs.customer.domain.errors import InsufficientBalance
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.kit.domain.ids import derived_id
from subgraphs.kit.domain.money import Money

__all__ = ["CustomerBalance"]


class CustomerBalance(Aggregate):
    """The ledger. Each kind of entry but adjustments is made once for what it refers to, however often it is asked for."""

    kind: ClassVar[str] = "CustomerBalance"
    codec: ClassVar[EventCodec] = EventCodec(BalanceOpened, BalanceEntryRecorded)

    opened: BalanceOpened
    entries: tuple[BalanceEntry, ...]
    balance: Money

    @classmethod
    def open(cls, id: str, customer_id: str, currency: str, context: CommandContext) -> "CustomerBalance":
        """Return a ledger without entries.

        Raises:
            InvalidInput: the currency does not exist.
        """
        balance = cls(id, context.tenant)
        balance.record(BalanceOpened(customer_id=customer_id, currency=check_currency(currency)))
        return balance

    def adjust(self, amount: Money, description: str | None, *, allow_negative: bool, context: CommandContext) -> None:
        """Add `amount`, negative to take away. The same write again adds nothing.

        Raises:
            InvalidInput: the amount is zero or too large, or the description too long.
            InsufficientBalance: more would be taken than is there, and `allow_negative` is False.
        """
        checked_amount(amount, positive=False)
        id = context.new_id("ble")
        if any(entry.id == id for entry in self.entries):
            return
        if amount.minor_units < 0 and self.balance + amount < Money.zero(amount.currency) and not allow_negative:
            raise InsufficientBalance(self.balance, -amount)
        self._add(id, BalanceEntryKind.ADJUSTMENT, amount.minor_units, None, checked_description(description), context)

    def apply_to_invoice(self, invoice_id: str, due: Money, context: CommandContext) -> Money:
        """Take what `invoice_id` needs, as far as it is there; return what was taken, now or when it was asked for before."""
        taken = self._entry(BalanceEntryKind.APPLIED_TO_INVOICE, invoice_id)
        if taken is not None:
            return Money(-taken.amount, self.opened.currency)
        amount = max(0, min(due.minor_units, self.balance.minor_units))
        if amount:
            self._add_once(BalanceEntryKind.APPLIED_TO_INVOICE, invoice_id, -amount, context)
        return Money(amount, self.opened.currency)

    def carry_forward(self, invoice_id: str, amount: Money, context: CommandContext) -> None:
        """Owe what `invoice_id` left that was too little to charge."""
        self._add_once(BalanceEntryKind.CARRIED_FORWARD, invoice_id, -checked_amount(amount).minor_units, context)

    def owes(self, invoice_id: str) -> bool:
        """Whether there is something for `invoice_id` to collect, or was when it was asked for before."""
        return self.balance.minor_units < 0 or self.has(BalanceEntryKind.BROUGHT_FORWARD, invoice_id)

    def bring_forward(self, invoice_id: str, context: CommandContext) -> tuple[Debt, ...]:
        """Let `invoice_id` collect all that is owed; return what that was made of, now or when it was asked for before."""
        if self.balance.minor_units < 0:
            self._add_once(BalanceEntryKind.BROUGHT_FORWARD, invoice_id, -self.balance.minor_units, context)
        return debts_of(self.entries).collected.get(invoice_id, ())

    @property
    def debts(self) -> tuple[Debt, ...]:
        """What is owed, the oldest first; credit has settled the oldest first."""
        return debts_of(self.entries).owed

    def return_from_invoice(self, invoice_id: str, context: CommandContext) -> None:
        """Undo what an invoice that is not to be paid did: give back what was taken for it, owe again what it was to collect."""
        made = (self._entry(kind, invoice_id) for kind in (BalanceEntryKind.APPLIED_TO_INVOICE, BalanceEntryKind.BROUGHT_FORWARD))
        moved = sum(entry.amount for entry in made if entry is not None)
        if moved:
            self._add_once(BalanceEntryKind.RETURNED_FROM_INVOICE, invoice_id, -moved, context)

    def credit(self, credit_note_id: str, amount: Money, context: CommandContext) -> None:
        """Add what a credit note gives back."""
        self._add_once(BalanceEntryKind.CREDIT_NOTE, credit_note_id, checked_amount(amount).minor_units, context)

    def move_out(self, into_customer_id: str, context: CommandContext) -> None:
        """Take everything out, below zero too, for the customer this one was merged into."""
        if self.balance:
            id = derived_id("ble", context.at, self.id, str(len(self.entries) + 1))
            self._add(id, BalanceEntryKind.MERGED_OUT, -self.balance.minor_units, into_customer_id, None, context)

    @property
    def has_moved_out(self) -> bool:
        """Whether anything was ever taken out for a merge."""
        return any(entry.kind is BalanceEntryKind.MERGED_OUT for entry in self.entries)

    def move_in(self, source: "CustomerBalance", context: CommandContext) -> None:
        """Add what was ever taken out of the balance of a customer merged into this one, each entry of it once."""
        for entry in source.entries:
            if entry.kind is BalanceEntryKind.MERGED_OUT:
                self._add_once(BalanceEntryKind.MERGED_IN, entry.id, -entry.amount, context)

    def apply(self, event: Event) -> None:
        match event:
            case BalanceOpened():
                self.opened = event
                self.entries = ()
                self.balance = Money.zero(event.currency)
            case BalanceEntryRecorded():
                self.entries = (*self.entries, event.entry)
                self.balance = Money(event.entry.balance_after, self.opened.currency)
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a balance")

    def has(self, kind: BalanceEntryKind, reference: str) -> bool:
        """Whether there is such an entry."""
        return self._entry(kind, reference) is not None

    def _entry(self, kind: BalanceEntryKind, reference: str) -> BalanceEntry | None:
        return next((entry for entry in self.entries if entry.kind is kind and entry.reference == reference), None)

    def _add_once(self, kind: BalanceEntryKind, reference: str, amount: int, context: CommandContext) -> None:
        if self._entry(kind, reference) is None:
            self._add(derived_id("ble", context.at, self.id, kind.value, reference), kind, amount, reference, None, context)

    def _add(
        self,
        id: str,
        kind: BalanceEntryKind,
        amount: int,
        reference: str | None,
        description: str | None,
        context: CommandContext,
    ) -> None:
        entry = BalanceEntry(
            id=id,
            number=len(self.entries) + 1,
            kind=kind,
            amount=amount,
            balance_after=self.balance.minor_units + amount,
            reference=reference,
            description=description,
            recorded_at=context.at,
            recorded_by=context.actor,
        )
        self.record(BalanceEntryRecorded(customer_id=self.opened.customer_id, currency=self.opened.currency, entry=entry))
