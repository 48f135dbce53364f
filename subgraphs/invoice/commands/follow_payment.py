"""Take over what became of a payment at its provider, when the provider tells it by itself."""

from subgraphs.invoice.commands.dun_invoice import DunningStores, plan_retry
from subgraphs.invoice.commands.settle_payment import settle_payment
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import PaymentOperation
from subgraphs.kit.domain.command import CommandContext

__all__ = ["follow_payment"]


async def follow_payment(stores: DunningStores, id: str, context: CommandContext) -> Invoice:
    """Ask the provider what became of the payment and return its invoice; one that is settled stays as it is.

    Raises:
        NotFound: there is no such payment.
        TimeoutError: the provider did not answer; ask again later.
    """
    payment = await stores.payments.get(context.tenant, id)
    invoice_id = payment.subject.invoice_id

    def take_up(invoice: Invoice) -> None:
        pending = invoice.pending_payment
        if pending is not None and pending.payment_id == id and pending.operation is None:
            invoice.continue_payment(id, PaymentOperation.CONFIRM)

    invoice = await stores.invoices.update(invoice_id, context, take_up)
    if invoice.pending_payment is None or invoice.pending_payment.payment_id != id:
        return invoice
    await settle_payment(stores.invoices, stores.payments, stores.providers, invoice_id, context)
    return await plan_retry(stores, invoice_id, context)
