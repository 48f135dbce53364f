"""Carry out what an invoice's pending payment is to do at the provider, and note what came of it.

The invoice reserves itself for the payment first, so this can be interrupted anywhere and done again, by any process:

    invoice: payment started → payment: started → provider (keyed by the payment's id) → payment: settled → invoice: settled
"""

import asyncio
from collections.abc import Mapping

from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.payment_provider import Declined, PaymentOutcome, PaymentProvider, Succeeded
from subgraphs.invoice.domain.values import PaymentOperation, PaymentStatus
from subgraphs.invoice.repository import InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["PaymentProviders", "settle_payment"]

# Longer than a provider takes to answer; then the payment stays pending and is taken up again later.
PROVIDER_SECONDS = 20.0

PaymentProviders = Mapping[str, PaymentProvider]
"""Payment providers by the name that payment methods know them by."""


async def settle_payment(
    invoices: InvoiceRepository,
    payments: PaymentRepository,
    providers: PaymentProviders,
    id: str,
    context: CommandContext,
    *,
    loaded: Invoice | None = None,
) -> Invoice:
    """Finish what is under way with the invoice's payment and return the invoice; with nothing under way, just return it.

    `loaded` is the invoice, where the caller has just loaded or changed it.

    Raises:
        NotFound: there is no such invoice.
        TimeoutError: the provider did not answer; ask again later.
    """
    invoice = loaded or await invoices.get(context.tenant, id)
    pending = invoice.pending_payment
    if pending is None or pending.operation is None:
        return invoice
    operation = pending.operation
    payment = await payments.create(
        Payment.start(pending.payment_id, invoice.payment_subject, pending.method, context, pending.received), context
    )
    if not _is_done(payment, operation):
        outcome = await _ask_provider(providers, payment, operation)
        payment = await payments.update(payment.id, context, lambda current: current.settle(outcome, context), loaded=payment)
    settled = payment.outcome
    if settled is None:
        return invoice
    return await invoices.update(
        id, context, lambda current: current.settle_payment(pending.payment_id, operation, settled, context), loaded=invoice
    )


def _is_done(payment: Payment, operation: PaymentOperation) -> bool:
    """Tell whether an earlier run got as far as noting the provider's answer."""
    if operation is PaymentOperation.CHARGE:
        return payment.status is not PaymentStatus.PROCESSING
    return payment.status in (PaymentStatus.SUCCEEDED, PaymentStatus.FAILED)


async def _ask_provider(providers: PaymentProviders, payment: Payment, operation: PaymentOperation) -> PaymentOutcome:
    if payment.received is not None:
        return Succeeded(payment.received.reference)
    method = payment.method
    if method is None:
        return Declined("no_payment_method", "The customer has no payment method.")
    provider = providers.get(method.provider)
    if provider is None:
        return Declined("provider_not_configured", f"Payments through {method.provider!r} are not set up.")
    async with asyncio.timeout(PROVIDER_SECONDS):
        match operation:
            case PaymentOperation.CHARGE:
                return await provider.charge(payment.tenant, payment.id, method.token, payment.subject.amount)
            case PaymentOperation.CONFIRM:
                return await provider.confirm(payment.tenant, payment.id)
            case PaymentOperation.CANCEL:
                return await provider.cancel(payment.tenant, payment.id)
            case PaymentOperation.RECORD:
                raise ValueError(f"payment {payment.id!r} is recorded, and was not received")
