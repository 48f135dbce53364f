"""Declare that an open or uncollectible invoice is not to be paid."""

from subgraphs.invoice.commands.cancel_pending_payment import cancel_pending_payment
from subgraphs.invoice.commands.settle_payment import PaymentProviders
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.repository import InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["void_invoice"]


async def void_invoice(
    invoices: InvoiceRepository,
    payments: PaymentRepository,
    providers: PaymentProviders,
    id: str,
    reason: str,
    context: CommandContext,
) -> Invoice:
    """Void the invoice, canceling a payment that waits for the customer; voiding again changes nothing.

    Raises:
        NotFound: there is no such invoice.
        InvalidInput: the reason is empty or too long.
        InvalidState: the invoice is a draft or paid, in part or in full, or a payment is under way.
        TimeoutError: the provider did not answer; ask again later.
    """
    # Before anything is changed for a request that is refused.
    (await invoices.get(context.tenant, id)).check_voidable(reason)
    await cancel_pending_payment(invoices, payments, providers, id, context)
    return await invoices.update(id, context, lambda invoice: invoice.void(reason, context))
