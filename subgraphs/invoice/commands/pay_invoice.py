"""Pay an open invoice with a payment method of the customer."""

from subgraphs.invoice.commands.cancel_pending_payment import cancel_pending_payment
from subgraphs.invoice.commands.settle_payment import PaymentProviders, settle_payment
from subgraphs.invoice.domain.errors import BelowMinimumCharge
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import PaymentMethod, PaymentOperation
from subgraphs.invoice.repository import InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import Money

__all__ = ["pay_invoice"]


async def pay_invoice(
    invoices: InvoiceRepository,
    payments: PaymentRepository,
    providers: PaymentProviders,
    id: str,
    method: PaymentMethod,
    context: CommandContext,
    amount: Money | None = None,
) -> tuple[Invoice, str]:
    """Charge the invoice, or `amount` of it, and return it with the payment's id; whether it was paid, the payment tells.

    A payment that waits for the customer is canceled first. One with the same method that is under way is joined, so that a
    repeated request never charges twice.

    Raises:
        NotFound: there is no such invoice.
        InvalidInput: the amount is not above zero, more than is due, or in another currency.
        BelowMinimumCharge: the payment provider charges no such small amount.
        InvalidState: the invoice is not open, or a payment with another method or amount is under way.
        TimeoutError: the provider did not answer; the payment is taken up again later.
    """
    payment_id = context.new_id("pay")
    if await payments.find(context.tenant, payment_id) is not None:  # the same request got this far before
        return await settle_payment(invoices, payments, providers, id, context), payment_id
    # Before anything is changed for a request that is refused.
    invoice = await invoices.get(context.tenant, id)
    invoice.check_payable(amount)
    _check_minimum(providers, method, invoice, amount)
    await cancel_pending_payment(invoices, payments, providers, id, context)

    def start(invoice: Invoice) -> None:
        pending = invoice.pending_payment
        wanted = invoice.amount_due if amount is None else amount
        joined = pending is not None and pending.operation is PaymentOperation.CHARGE
        if not joined or pending is None or (pending.method, pending.amount) != (method, wanted):
            invoice.start_payment(payment_id, method, context, amount)

    reserved = (await invoices.update(id, context, start)).pending_payment
    invoice = await settle_payment(invoices, payments, providers, id, context)
    return invoice, reserved.payment_id if reserved else payment_id


def _check_minimum(providers: PaymentProviders, method: PaymentMethod, invoice: Invoice, amount: Money | None) -> None:
    """Refuse what the provider would: a tenant's own minimum is for what is charged by itself."""
    wanted, field = (invoice.amount_due, ("id",)) if amount is None else (amount, ("amount",))
    provider = providers.get(method.provider)
    minimum = provider.minimum_charge(wanted.currency) if provider is not None else None
    if minimum is not None and wanted < minimum:
        raise BelowMinimumCharge(wanted, minimum, method.provider, field=field)
