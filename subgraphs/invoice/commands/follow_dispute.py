"""Take over how a dispute stands at the payment provider.

    payment: settled → dispute: opened → invoice: the payment is disputed, unless it may be refunded → … → dispute: won or lost
    lost: payment: taken back → invoice: owed again → dispute: lost

Every step is done once however often it is taken, and the dispute is decided last, so this can be interrupted anywhere and done
again, by any process.
"""

from typing import Protocol

from subgraphs.invoice.commands.dun_invoice import Campaigns
from subgraphs.invoice.commands.follow_payment import follow_payment
from subgraphs.invoice.commands.settle_credit_note import CreditNoteStores, settle_credit_note
from subgraphs.invoice.domain.dispute import Dispute
from subgraphs.invoice.domain.dispute_events import DisputeSubject
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.payment_provider import DisputeFacts, DisputeState
from subgraphs.invoice.domain.values import PaymentStatus
from subgraphs.invoice.repository import DisputeRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.domain.ids import derived_id

__all__ = ["DisputeStores", "follow_dispute"]


class DisputeStores(CreditNoteStores, Protocol):
    """What disputes are kept with."""

    @property
    def disputes(self) -> DisputeRepository: ...
    @property
    def campaigns(self) -> Campaigns: ...


async def follow_dispute(stores: DisputeStores, payment_id: str, facts: DisputeFacts, context: CommandContext) -> Dispute:
    """Note how the dispute of the payment stands, and return it.

    Raises:
        NotFound: there is no such payment.
        NotReady: the payment is not known to have succeeded.
        TimeoutError: the provider did not answer; ask again later.
    """
    invoice = await follow_payment(stores, payment_id, context)
    payment = await stores.payments.get(context.tenant, payment_id)
    if payment.status is not PaymentStatus.SUCCEEDED or payment.method is None:
        raise NotReady(f"payment {payment_id!r} is {payment.status}: it cannot be disputed")
    await settle_credit_note(stores, invoice.id, context)
    id = derived_id("dsp", payment.started_at, context.tenant, payment.method.provider, facts.reference)
    subject = _subject(payment, payment.method.provider, facts)
    dispute = await stores.disputes.create(Dispute.open(id, subject, facts.evidence_due_at, context), context)
    if dispute.is_closed:
        return dispute
    if not facts.refundable:
        await stores.invoices.update(invoice.id, context, lambda current: current.note_dispute(payment_id, id))
    if facts.state is DisputeState.WON:
        await stores.invoices.update(invoice.id, context, lambda current: current.win_dispute(payment_id, id))
    elif facts.state is DisputeState.LOST:
        amount = dispute.subject.amount
        await stores.payments.update(payment_id, context, lambda current: current.take_back(id, amount, context))
        await stores.invoices.update(invoice.id, context, lambda current: current.lose_dispute(payment_id, id, amount, context))
    return await stores.disputes.update(id, context, lambda current: current.follow(facts, context))


def _subject(payment: Payment, provider: str, facts: DisputeFacts) -> DisputeSubject:
    return DisputeSubject(
        payment_id=payment.id,
        invoice_id=payment.subject.invoice_id,
        customer_id=payment.subject.customer_id,
        plan_subscription_id=payment.subject.plan_subscription_id,
        provider=provider,
        reference=facts.reference,
        reason=facts.reason,
        amount=facts.amount,
        bills=payment.subject.bills,
    )
