"""What was billed, taken back, paid and given back of an invoice, and what is owed of it: amounts that balance at any time. Pure.

outstanding + uncollectible
    = invoiced + tax + brought_forward − carried_forward − credited − paid − paid_by_credit + refunded + to_balance
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.kit.domain.event import Event

__all__ = ["NOTHING_BILLED", "BillingChange", "BillingTotals", "billing_changes", "billing_totals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingTotals:
    """Minor units of one currency. `invoiced` is without tax; `credited` is what credit notes and voids took back, with taxes.

    `paid` is what payments paid, `paid_by_credit` what wallets and balance did. `refunded` went back to where a payment came
    from; `to_balance` is the rest of what was given back, with what is still on its way; below zero, more went back at a provider
    than credit notes account for yet. `carried_forward` was too little to charge and is owed in balances since, `brought_forward`
    was owed there before and invoices collect it. `outstanding` is owed of open invoices.
    """

    invoiced: int = 0
    tax: int = 0
    credited: int = 0
    paid: int = 0
    paid_by_credit: int = 0
    refunded: int = 0
    to_balance: int = 0
    brought_forward: int = 0
    carried_forward: int = 0
    outstanding: int = 0
    uncollectible: int = 0

    def __sub__(self, other: "BillingTotals") -> "BillingTotals":
        return BillingTotals(**{one.name: getattr(self, one.name) - getattr(other, one.name) for one in fields(self)})

    def __add__(self, other: "BillingTotals") -> "BillingTotals":
        return BillingTotals(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})

    def changed(self) -> dict[str, int]:
        """Return the amounts that are not zero, by name."""
        return {one.name: amount for one in fields(self) if (amount := getattr(self, one.name))}


NOTHING_BILLED = BillingTotals()


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingChange:
    """What one commit changes of an invoice's totals, at its business time."""

    version: int
    at: datetime
    difference: BillingTotals


def billing_totals(invoice: Invoice) -> BillingTotals:
    """Return an invoice's totals in the state it is in: nothing of a draft, deleted or not."""
    if invoice.status in (InvoiceStatus.DRAFT, InvoiceStatus.DELETED):
        return NOTHING_BILLED
    total, tax, due = invoice.total.minor_units, invoice.tax.minor_units, invoice.amount_due.minor_units
    void, applied = invoice.status is InvoiceStatus.VOID, invoice.credit_applied.minor_units
    refunded, paid = invoice.amount_refunded.minor_units, invoice.amount_paid.minor_units
    # Of a void invoice, all that had paid it went back.
    given_back = paid + applied if void else (invoice.amount_credited - invoice.credited_from_due).minor_units
    return BillingTotals(
        invoiced=total - tax,
        tax=tax,
        credited=total if void else invoice.amount_credited.minor_units,
        paid=paid,
        paid_by_credit=applied,
        refunded=refunded,
        to_balance=given_back - refunded,
        brought_forward=0 if void else invoice.amount_brought_forward.minor_units,  # of a void one, it is owed there again
        carried_forward=invoice.amount_carried_forward.minor_units,
        outstanding=due if invoice.status is InvoiceStatus.OPEN else 0,
        uncollectible=due if invoice.status is InvoiceStatus.UNCOLLECTIBLE else 0,
    )


def billing_changes(
    id: str, tenant: str, commits: Iterable[tuple[datetime, Sequence[Event]]]
) -> tuple[Invoice, list[BillingChange]]:
    """Return the invoice after `commits`, oldest first, each with its business time, and what each changed of its totals.

    Business time that goes back within a stream is taken for the latest so far.
    """
    invoice, before, found = Invoice(id, tenant), NOTHING_BILLED, list[BillingChange]()
    latest: datetime | None = None
    for version, (at, happened) in enumerate(commits, 1):
        latest = at if latest is None else max(latest, at)
        for event in happened:
            invoice.apply(event)
        after = billing_totals(invoice)
        if after != before:
            found.append(BillingChange(version=version, at=latest, difference=after - before))
        before = after
    return invoice, found
