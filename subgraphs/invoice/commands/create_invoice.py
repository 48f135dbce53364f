"""Bill a customer for something that is no subscription."""

from typing import Protocol

from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.finalize_invoice import Details, finalize_invoice
from subgraphs.invoice.commands.settle_payment import PaymentProviders
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.numbering import InvoiceNumbers
from subgraphs.invoice.domain.values import Charge, InvoiceDraft, InvoiceStatus, PaymentMethod
from subgraphs.invoice.repository import InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import Money

__all__ = ["Credit", "charge_new_invoice", "create_invoice"]


class Credit(Protocol):
    """The customer's credit, which is asked to pay first."""

    async def settled(self, tenant: str, id: str) -> Invoice:
        """Return the invoice once nothing is awaited, or as it is when that takes too long."""
        ...


async def create_invoice(
    invoices: InvoiceRepository,
    numbers: InvoiceNumbers,
    details: Details,
    draft: InvoiceDraft,
    finalize: bool,
    context: CommandContext,
    charge: Charge | None = None,
) -> Invoice:
    """Draft the invoice and, if wanted, give it its number; repeated, it is the same invoice and number.

    `charge` says that what the customer's credit leaves is charged.

    Raises:
        InvalidInput: there are too many lines, or their sum is out of range.
    """
    new = Invoice.create(context.new_id("inv"), draft, context)
    if finalize:
        new.begin_finalizing()
    invoice = await invoices.create(new, context)
    return (
        await finalize_invoice(invoices, numbers, details, invoice.id, context, charge, loaded=invoice) if finalize else invoice
    )


async def charge_new_invoice(
    invoices: InvoiceRepository,
    payments: PaymentRepository,
    numbers: InvoiceNumbers,
    details: Details,
    providers: PaymentProviders,
    credit: Credit,
    draft: InvoiceDraft,
    method: PaymentMethod | None,
    context: CommandContext,
    *,
    minimum: Money | None = None,
) -> Invoice:
    """Draft, finalise and charge the invoice at once; repeated, it takes up where it stopped and charges once.

    None: no way to pay is known, and the payment fails with `no_payment_method`; the invoice is open then. Where the customer's
    credit takes long to answer the invoice is open as well, and is charged when it has. What is due below `minimum` is carried
    forward instead.

    Raises:
        InvalidInput: there are too many lines, or their sum is out of range.
        TimeoutError: the provider did not answer; the payment is taken up again later.
    """
    charge = Charge(payment_method_id=method.id if method else None)
    invoice = await create_invoice(invoices, numbers, details, draft, True, context, charge)
    invoice = await credit.settled(context.tenant, invoice.id)
    if invoice.awaits_credit or invoice.status is not InvoiceStatus.OPEN:
        return invoice
    return await collect_invoice(invoices, payments, providers, invoice.id, method, context, minimum=minimum)
