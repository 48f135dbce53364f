"""Record a payment that came without a provider, such as a bank transfer."""

from subgraphs.invoice.commands.cancel_pending_payment import cancel_pending_payment
from subgraphs.invoice.commands.settle_payment import PaymentProviders, settle_payment
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import ReceivedPayment
from subgraphs.invoice.repository import InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import Money

__all__ = ["record_payment"]

FIELD = ("invoiceId",)


async def record_payment(
    invoices: InvoiceRepository,
    payments: PaymentRepository,
    providers: PaymentProviders,
    id: str,
    amount: Money,
    received: ReceivedPayment,
    context: CommandContext,
) -> tuple[Invoice, str]:
    """Take `amount` off what is due of the invoice, and return the invoice with the payment's id; with nothing left it is paid.

    A payment that waits for the customer is canceled first: it was for more than is due then.

    Raises:
        NotFound: there is no such invoice.
        InvalidInput: the amount is not above zero, more than is due, or in another currency; the reference is malformed, or the
            payment is to arrive later than now.
        InvalidState: the invoice is not open, or a payment is under way.
        TimeoutError: the provider did not answer, to cancel a payment; ask again later.
    """
    payment_id = context.new_id("pay")
    if await payments.find(context.tenant, payment_id) is None:  # else the same request got this far before
        invoice = await invoices.get(context.tenant, id, field=FIELD)
        if invoice.pending_payment is None or invoice.pending_payment.payment_id != payment_id:
            invoice.check_receivable(amount, received, context)  # before anything is changed for a request that is refused
            await cancel_pending_payment(invoices, payments, providers, id, context)

        def receive(invoice: Invoice) -> None:
            pending = invoice.pending_payment
            if pending is None or pending.payment_id != payment_id:
                invoice.receive_payment(payment_id, amount, received, context)

        await invoices.update(id, context, receive, field=FIELD)
    return await settle_payment(invoices, payments, providers, id, context), payment_id
