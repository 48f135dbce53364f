"""Take over what of a payment was refunded at its provider, when the provider tells it by itself."""

from subgraphs.invoice.commands.settle_credit_note import CreditNoteStores, settle_credit_note
from subgraphs.invoice.domain.payment import Payment
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import Money

__all__ = ["follow_refund"]


async def follow_refund(stores: CreditNoteStores, id: str, refunded: Money, context: CommandContext) -> Payment:
    """Note that the provider has refunded so much of the payment in all, and return the payment.

    A credit note under way is finished first: its refund is part of that, and is no refund that the provider made by itself.

    Raises:
        NotFound: there is no such payment.
        TimeoutError: the provider did not answer; ask again later.
    """
    payment = await stores.payments.get(context.tenant, id)
    invoice_id = payment.subject.invoice_id
    await settle_credit_note(stores, invoice_id, context)
    payment = await stores.payments.update(id, context, lambda current: current.note_refunded_in_all(refunded, context))
    returned = payment.returned
    await stores.invoices.update(invoice_id, context, lambda invoice: invoice.note_returned(id, returned, context))
    return payment
