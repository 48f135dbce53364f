"""What happens to a customer's balance."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from subgraphs.kit.domain.event import Event

__all__ = ["BalanceEntry", "BalanceEntryKind", "BalanceEntryRecorded", "BalanceOpened"]


class BalanceEntryKind(StrEnum):
    """Why a balance changed.

    CARRIED_FORWARD is what an invoice left unpaid because it was too little to charge, BROUGHT_FORWARD what was owed here and a
    later invoice collects.
    """

    ADJUSTMENT = "ADJUSTMENT"
    APPLIED_TO_INVOICE = "APPLIED_TO_INVOICE"
    RETURNED_FROM_INVOICE = "RETURNED_FROM_INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"
    CARRIED_FORWARD = "CARRIED_FORWARD"
    BROUGHT_FORWARD = "BROUGHT_FORWARD"
    MERGED_OUT = "MERGED_OUT"
    MERGED_IN = "MERGED_IN"


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceEntry:
    """One line of the ledger. Amounts are minor units; a positive one is to the customer's favour.

    `number` counts the ledger's entries from 1. `reference` is the invoice or credit note it is about, for MERGED_OUT the
    customer that has it now, for MERGED_IN the entry by which it was taken out.
    """

    id: str
    number: int
    kind: BalanceEntryKind
    amount: int
    balance_after: int
    reference: str | None
    description: str | None
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceOpened(Event):
    customer_id: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceEntryRecorded(Event):
    customer_id: str
    currency: str
    entry: BalanceEntry
