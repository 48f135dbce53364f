"""Pay an open invoice with a payment method of the customer."""

from subgraphs.invoice.commands.cancel_pending_payment import cancel_pending_payment
from subgraphs.invoice.commands.settle_payment import PaymentProviders, settle_payment
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import PaymentMethod, PaymentOperation
from subgraphs.invoice.repository import InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["pay_invoice"]


async def pay_invoice(
    invoices: InvoiceRepository,
    payments: PaymentRepository,
    providers: PaymentProviders,
    id: str,
    method: PaymentMethod,
    context: CommandContext,
) -> tuple[Invoice, str]:
    """Charge the invoice and return it with the payment's id; whether it was paid, the payment tells.

    A payment that waits for the customer is canceled first. One with the same method that is under way is joined, so that a
    repeated request never charges twice.

    Raises:
        NotFound: there is no such invoice.
        InvalidState: the invoice is not open, or a payment with another method is under way.
        TimeoutError: the provider did not answer; the payment is taken up again later.
    """
    payment_id = context.new_id("pay")
    if await payments.find(context.tenant, payment_id) is not None:  # the same request got this far before
        return await settle_payment(invoices, payments, providers, id, context), payment_id
    await cancel_pending_payment(invoices, payments, providers, id, context)

    def start(invoice: Invoice) -> None:
        pending = invoice.pending_payment
        if pending is None or pending.operation is not PaymentOperation.CHARGE or pending.method != method:
            invoice.start_payment(payment_id, method, context)

    reserved = (await invoices.update(id, context, start)).pending_payment
    invoice = await settle_payment(invoices, payments, providers, id, context)
    return invoice, reserved.payment_id if reserved else payment_id
