"""Complete a payment that the customer had to act on."""

from subgraphs.invoice.commands.settle_payment import PaymentProviders, settle_payment
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.values import PaymentOperation, PaymentStatus
from subgraphs.invoice.repository import InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["confirm_payment"]


async def confirm_payment(
    invoices: InvoiceRepository, payments: PaymentRepository, providers: PaymentProviders, id: str, context: CommandContext
) -> tuple[Invoice, Payment]:
    """Confirm the payment and return its invoice with it; confirming one that has succeeded changes nothing.

    Raises:
        NotFound: there is no such payment.
        InvalidState: the payment does not wait for the customer, or its invoice is not open.
        TimeoutError: the provider did not answer; the payment is taken up again later.
    """
    payment = await payments.get(context.tenant, id)
    invoice_id = payment.subject.invoice_id
    if payment.status is PaymentStatus.SUCCEEDED:
        return await invoices.get(context.tenant, invoice_id), payment
    await invoices.update(invoice_id, context, lambda invoice: invoice.continue_payment(id, PaymentOperation.CONFIRM))
    invoice = await settle_payment(invoices, payments, providers, invoice_id, context)
    return invoice, await payments.get(context.tenant, id)
