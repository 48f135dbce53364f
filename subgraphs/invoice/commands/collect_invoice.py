"""Charge a new invoice by itself."""

from subgraphs.invoice.commands.settle_payment import PaymentProviders, settle_payment
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus, PaymentMethod
from subgraphs.invoice.repository import InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import Money

__all__ = ["collect_invoice"]


async def collect_invoice(
    invoices: InvoiceRepository,
    payments: PaymentRepository,
    providers: PaymentProviders,
    id: str,
    method: PaymentMethod | None,
    context: CommandContext,
    *,
    loaded: Invoice | None = None,
    minimum: Money | None = None,
) -> Invoice:
    """Charge the open invoice, unless that was tried before or the customer's credit has not answered yet.

    A charge that was interrupted is finished. No method: no way to pay is known.
    What is due below `minimum` is carried forward instead: it moves to the customer's balance, and the invoice is paid.
    `loaded` is the invoice, where the caller has just loaded or changed it.

    Raises:
        NotFound: there is no such invoice.
        TimeoutError: the provider did not answer; ask again later.
    """
    payment_id = context.new_id("pay")

    def start(invoice: Invoice) -> None:
        if invoice.status is InvoiceStatus.OPEN and invoice.payment_count == 0 and not invoice.awaits_credit:
            invoice.charge_or_carry(payment_id, method, minimum, context)

    started = await invoices.update(id, context, start, loaded=loaded)
    return await settle_payment(invoices, payments, providers, id, context, loaded=started)
