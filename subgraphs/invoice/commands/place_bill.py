"""Put a bill on a consolidated invoice, once and for all.

A group's invoices are numbered from 0, and a bill goes on the first that takes it: one that exists and is still a draft with
room, else the next one, which is drafted with it. Whoever looks again goes the same way. An invoice that was finalised or full
without the bill will never take it, so that one bill is on exactly one invoice, whatever crashes and comes again.
"""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Protocol

from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.invoice_grouping import BillGroup
from subgraphs.invoice.domain.values import Bill, Charge, InvoiceDraft
from subgraphs.invoice.repository import InvoiceRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.domain.ids import derived_id

__all__ = ["consolidated_invoice_id", "place_bill"]

# Bills of one customer and day that come at the same time each cost the others a round.
ROUNDS = 100
# Far more invoices than one customer has a day: each is finalised before the next is drafted, or full.
MOST_INVOICES = 2_000


class DraftTaxes(Protocol):
    """Puts taxes on drafts, as they are now."""

    async def on(self, tenant: str, draft: InvoiceDraft) -> InvoiceDraft: ...


def consolidated_invoice_id(group: BillGroup, number: int) -> str:
    """Return the id of the group's invoice `number`, from 0."""
    midnight = datetime.combine(group.day, time(), UTC)
    return derived_id("inv", midnight, "consolidated", group.name, str(number))


async def place_bill(
    invoices: InvoiceRepository,
    taxes: DraftTaxes,
    group: BillGroup,
    bill: Bill,
    draft: InvoiceDraft,
    finalize_at: datetime,
    context: CommandContext,
) -> Invoice:
    """Return the invoice that bears the bill, `draft` being what the bill comes to alone, before taxes.

    An invoice that is drafted for it takes further bills until `finalize_at`.

    Raises:
        NotReady: the customer, whose country decides the taxes, is not known yet.
        InvalidInput: the sum is out of range.
        ConcurrentChange: other bills came between again and again.
    """
    lines = tuple(replace(line, plan_subscription_id=bill.plan_subscription_id) for line in draft.lines)
    draft = replace(draft, plan_subscription_id=None, period_number=None, lines=lines)
    for number in range(MOST_INVOICES):
        id = consolidated_invoice_id(group, number)
        if await invoices.find(context.tenant, id) is None:
            charge = None if draft.is_sent else Charge(payment_method_id=group.payment_method_id)
            first = replace(draft, bills=(bill,), finalize_at=finalize_at, charge=charge)
            await invoices.create(Invoice.create(id, await taxes.on(context.tenant, first), context), context)
        invoice = await _add(invoices, taxes, id, bill, draft, context)
        if bill in invoice.bills:
            return invoice
    raise ConcurrentChange(f"no invoice takes the bill of {bill.plan_subscription_id!r}")


async def _add(
    invoices: InvoiceRepository,
    taxes: DraftTaxes,
    id: str,
    bill: Bill,
    draft: InvoiceDraft,
    context: CommandContext,
) -> Invoice:
    """Add the bill to an existing invoice unless it has it or does not take it, and return the invoice."""
    for _ in range(ROUNDS):
        invoice = await invoices.get(context.tenant, id)
        if bill in invoice.bills or not invoice.takes(draft):
            return invoice
        seen, taxed = invoice.version, await taxes.on(context.tenant, invoice.with_bill(bill, draft))

        def add(current: Invoice, seen: int = seen, taxed: InvoiceDraft = taxed) -> None:
            if current.version == seen:  # else its taxes are those of other lines
                current.add_bill(bill, taxed, context)

        await invoices.update(id, context, add)
    raise ConcurrentChange(f"invoice {id!r} is being changed by other bills; try again")
