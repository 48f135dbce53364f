"""Declare that an open or uncollectible invoice is not to be paid."""

from subgraphs.invoice.commands.cancel_pending_payment import cancel_pending_payment
from subgraphs.invoice.commands.replace_invoice import replacement_id
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
    *,
    replaced: bool = False,
) -> Invoice:
    """Void the invoice, canceling a payment that waits for the customer; voiding again changes nothing.

    `replaced`: it is to be replaced then, and what it bills is still to be paid.

    Raises:
        NotFound: there is no such invoice.
        InvalidInput: the reason is empty or too long.
        InvalidState: the invoice is a draft or paid, in part or in full, or a payment is under way.
        TimeoutError: the provider did not answer; ask again later.
    """
    # Before anything is changed for a request that is refused.
    invoice = await invoices.get(context.tenant, id)
    invoice.check_voidable(reason)
    replaced_by = replacement_id(invoice) if replaced else None
    await cancel_pending_payment(invoices, payments, providers, id, context)
    return await invoices.update(id, context, lambda invoice: invoice.void(reason, context, replaced_by))
