"""Give up expecting an open invoice's money."""

from subgraphs.invoice.commands.cancel_pending_payment import cancel_pending_payment
from subgraphs.invoice.commands.settle_payment import PaymentProviders
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.invoice.repository import InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["mark_invoice_uncollectible"]


async def mark_invoice_uncollectible(
    invoices: InvoiceRepository,
    payments: PaymentRepository,
    providers: PaymentProviders,
    id: str,
    reason: str,
    context: CommandContext,
) -> Invoice:
    """Mark the invoice, canceling a payment that waits for the customer; marking it again changes nothing.

    Raises:
        NotFound: there is no such invoice.
        InvalidInput: the reason is empty or too long.
        InvalidState: the invoice is a draft, paid or void, or a payment is under way.
        TimeoutError: the provider did not answer; ask again later.
    """
    Invoice.check_reason(reason)
    invoice = await invoices.get(context.tenant, id)
    if invoice.status is InvoiceStatus.UNCOLLECTIBLE:
        return invoice  # a payment begun since then goes on
    await cancel_pending_payment(invoices, payments, providers, id, context)
    return await invoices.update(id, context, lambda invoice: invoice.mark_uncollectible(reason, context))
