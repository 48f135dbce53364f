"""Give up a payment that waits for the customer, so that the invoice can be paid otherwise or voided."""

from subgraphs.invoice.commands.settle_payment import PaymentProviders, settle_payment
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import PaymentOperation
from subgraphs.invoice.repository import InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["cancel_pending_payment"]


async def cancel_pending_payment(
    invoices: InvoiceRepository, payments: PaymentRepository, providers: PaymentProviders, id: str, context: CommandContext
) -> Invoice:
    """Cancel the payment of the invoice that the customer has not confirmed, if there is one, and return the invoice.

    It may turn out to be paid: the provider's word counts.

    Raises:
        NotFound: there is no such invoice.
        TimeoutError: the provider did not answer; ask again later.
    """

    def cancel(invoice: Invoice) -> None:
        pending = invoice.pending_payment
        if invoice.is_collectible and pending is not None and pending.operation is None:
            invoice.continue_payment(pending.payment_id, PaymentOperation.CANCEL)

    invoice = await invoices.update(id, context, cancel)
    pending = invoice.pending_payment
    if pending is None or pending.operation is not PaymentOperation.CANCEL:
        return invoice
    return await settle_payment(invoices, payments, providers, id, context)
