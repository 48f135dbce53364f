"""Take over what of a payment was refunded at its provider, when the provider tells it by itself."""

from typing import Protocol

from subgraphs.invoice.commands.dun_invoice import Campaigns
from subgraphs.invoice.commands.follow_payment import follow_payment
from subgraphs.invoice.commands.settle_credit_note import CreditNoteStores, settle_credit_note
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.values import PaymentStatus
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.domain.money import Money

__all__ = ["RefundedStores", "follow_refund"]


class RefundedStores(CreditNoteStores, Protocol):
    """What refunds are noted with."""

    @property
    def campaigns(self) -> Campaigns: ...


async def follow_refund(stores: RefundedStores, id: str, refunded: Money, context: CommandContext) -> Payment:
    """Note that the provider has refunded so much of the payment in all, and return the payment.

    The payment is settled first, as the refund may be told before the charge was noted. A credit note under way is finished
    first: its refund is part of that, and is no refund that the provider made by itself.

    Raises:
        NotFound: there is no such payment.
        NotReady: the payment is not known to have succeeded.
        TimeoutError: the provider did not answer; ask again later.
    """
    invoice_id = (await follow_payment(stores, id, context)).id
    payment = await stores.payments.get(context.tenant, id)
    if payment.status is not PaymentStatus.SUCCEEDED:
        raise NotReady(f"payment {id!r} is {payment.status}: it cannot be refunded")
    await settle_credit_note(stores, invoice_id, context)
    payment = await stores.payments.update(id, context, lambda current: current.note_refunded_in_all(refunded, context))
    returned = payment.returned
    await stores.invoices.update(invoice_id, context, lambda invoice: invoice.note_returned(id, returned, context))
    return payment
