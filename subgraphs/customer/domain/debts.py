"""What a balance below zero is made of: each debt with the invoice that left it, the oldest settled first by credit. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from subgraphs.customer.domain.balance_events import BalanceEntry, BalanceEntryKind

__all__ = ["Debt", "Debts", "debts_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """`amount` minor units, above zero; `invoice_id` left them unpaid, None: an adjustment or a merged customer brought them."""

    invoice_id: str | None
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Debts:
    """What is owed now, and what each invoice collected, by its id."""

    owed: tuple[Debt, ...]
    collected: Mapping[str, tuple[Debt, ...]]


def debts_of(entries: Iterable[BalanceEntry]) -> Debts:
    """Return the debts of a ledger: those that are owed come to what its balance is below zero."""
    credit, owed, collected = 0, list[Debt](), dict[str, tuple[Debt, ...]]()
    for entry in entries:
        if entry.kind is BalanceEntryKind.BROUGHT_FORWARD:
            collected[entry.reference or ""] = tuple(owed)
            owed = []
        elif entry.amount > 0:
            owed, left = _settled(owed, entry.amount)
            credit += left
        else:
            covered = min(credit, -entry.amount)
            credit -= covered
            owed += _settled(list(_new_debts(entry, collected)), covered)[0]
    return Debts(owed=tuple(owed), collected=collected)


def _new_debts(entry: BalanceEntry, collected: Mapping[str, tuple[Debt, ...]]) -> tuple[Debt, ...]:
    """Return what an entry below zero makes owed, as far as nothing covers it."""
    if entry.kind is BalanceEntryKind.RETURNED_FROM_INVOICE:  # owed as before it was collected
        before = collected.get(entry.reference or "", ())
        if sum(debt.amount for debt in before) == -entry.amount:
            return before
    carried = entry.kind is BalanceEntryKind.CARRIED_FORWARD
    return (Debt(invoice_id=entry.reference if carried else None, amount=-entry.amount),)


def _settled(owed: list[Debt], amount: int) -> tuple[list[Debt], int]:
    """Return what `amount` leaves of the debts, the oldest settled first, and what is left of it."""
    left = list[Debt]()
    for debt in owed:
        paid = min(debt.amount, amount)
        amount -= paid
        if debt.amount > paid:
            left.append(replace(debt, amount=debt.amount - paid))
    return left, amount
