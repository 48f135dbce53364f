"""Disputes as the provider tells them, evidence, and a process that ends anywhere on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from subgraphs.invoice.commands.answer_dispute import accept_dispute, look_at_dispute, submit_evidence
from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.follow_dispute import follow_dispute
from subgraphs.invoice.domain.crediting import CreditRequest
from subgraphs.invoice.domain.dispute import Dispute, DisputeStatus
from subgraphs.invoice.domain.payment_provider import DisputeState
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound, NotReady
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import method
from tests.testkit.memory import AT, context
from tests.testkit.payments import Crash, InMemoryBilling


def eur(minor_units: int) -> Money:
    return Money(minor_units, "EUR")


async def billed(token: str = "sandbox_success") -> InMemoryBilling:
    """An invoice of 56.50 EUR that was collected with this token."""
    billing = InMemoryBilling()
    await billing.opened()
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", method(token), context())
    return billing


async def told(billing: InMemoryBilling, state: DisputeState, amount: Money | None = None) -> Dispute:
    """Be told by the provider how the dispute of the only payment stands."""
    [payment] = await billing.all_payments()
    return await follow_dispute(billing, payment.id, billing.provider.facts(payment.id, state, amount), context())


async def owed(billing: InMemoryBilling) -> tuple[InvoiceStatus, Money]:
    invoice = await billing.invoices.get("acme", "inv_1")
    return invoice.status, invoice.amount_due


async def test_an_open_dispute_keeps_the_payment_from_being_refunded() -> None:
    billing = await billed()
    dispute = await told(billing, DisputeState.NEEDS_EVIDENCE)
    assert (dispute.status, dispute.evidence_due_at) == (DisputeStatus.NEEDS_EVIDENCE, AT + timedelta(days=7))
    assert await owed(billing) == (InvoiceStatus.PAID, eur(0))
    with pytest.raises(InvalidInput, match=r"^0\.00 EUR of this invoice"):
        await create_credit_note(billing, "inv_1", CreditRequest(reason="x", refund=eur(5650)), context())
    await told(billing, DisputeState.WON)
    _, note = await create_credit_note(billing, "inv_1", CreditRequest(reason="x", refund=eur(5650)), context())
    assert note.refunded == eur(5650)


async def test_an_inquiry_may_be_ended_by_a_refund() -> None:
    billing = await billed()
    [payment] = await billing.all_payments()
    inquiry = replace(billing.provider.facts(payment.id, DisputeState.NEEDS_EVIDENCE), refundable=True)
    await follow_dispute(billing, payment.id, inquiry, context())
    _, note = await create_credit_note(billing, "inv_1", CreditRequest(reason="x", refund=eur(5650)), context())
    assert note.refunded == eur(5650)
    assert (await told(billing, DisputeState.WON)).status is DisputeStatus.WON


async def test_a_lost_dispute_takes_the_money_back() -> None:
    billing = await billed()
    for state in (DisputeState.NEEDS_EVIDENCE, DisputeState.LOST, DisputeState.LOST, DisputeState.WON):
        dispute = await told(billing, state)
    [payment] = await billing.all_payments()
    assert (dispute.status, payment.lost, payment.lost_by) == (DisputeStatus.LOST, eur(5650), (dispute.id,))
    assert await owed(billing) == (InvoiceStatus.UNCOLLECTIBLE, eur(5650))


async def test_what_was_refunded_before_is_not_lost_again() -> None:
    billing = await billed()
    await create_credit_note(billing, "inv_1", CreditRequest(reason="x", refund=eur(5650)), context())
    await told(billing, DisputeState.LOST)
    [payment] = await billing.all_payments()
    assert (payment.refunded, payment.lost) == (eur(5650), eur(0))
    assert await owed(billing) == (InvoiceStatus.PAID, eur(0))


async def test_a_part_of_a_payment_is_disputed() -> None:
    billing = await billed()
    await told(billing, DisputeState.LOST, eur(1000))
    assert await owed(billing) == (InvoiceStatus.UNCOLLECTIBLE, eur(1000))
    invoice = await billing.invoices.get("acme", "inv_1")
    assert (invoice.amount_paid, invoice.refundable) == (eur(4650), eur(4650))


@pytest.mark.parametrize("stored_first", [False, True])
# dispute: opened, invoice: disputed, payment: taken back, invoice: owed again, dispute: lost
@pytest.mark.parametrize("commit", [1, 2, 3, 4, 5])
async def test_a_loss_that_was_interrupted_is_taken_over_once(commit: int, stored_first: bool) -> None:
    billing = await billed()
    billing.store.crash_at, billing.store.stored_first = len(billing.store.commits) + commit, stored_first
    with pytest.raises(Crash):
        await told(billing, DisputeState.LOST)
    dispute = await told(billing, DisputeState.LOST)
    [payment] = await billing.all_payments()
    assert (dispute.status, payment.lost, await owed(billing)) == (
        DisputeStatus.LOST,
        eur(5650),
        (InvoiceStatus.UNCOLLECTIBLE, eur(5650)),
    )


async def test_evidence_goes_to_the_provider_and_the_dispute_is_as_it_says() -> None:
    billing = await billed()
    dispute = await told(billing, DisputeState.NEEDS_EVIDENCE)
    dispute = await submit_evidence(billing, dispute.id, " They used it. ", context())
    assert billing.provider.evidence == [(dispute.subject.reference, "They used it.")]
    assert (dispute.status, dispute.submitted_at) == (DisputeStatus.UNDER_REVIEW, AT)
    with pytest.raises(InvalidState):
        await submit_evidence(billing, dispute.id, "They did.", context())
    billing.provider.disputes[dispute.subject.reference] = DisputeState.WON
    assert (await look_at_dispute(billing, dispute.id, context())).status is DisputeStatus.WON
    assert len(billing.provider.evidence) == 1
    assert "They used it." not in repr(billing.store.commits)


async def test_giving_in_loses() -> None:
    billing = await billed()
    dispute = await told(billing, DisputeState.NEEDS_EVIDENCE)
    assert (await accept_dispute(billing, dispute.id, context())).status is DisputeStatus.LOST
    with pytest.raises(InvalidState, match="is LOST already"):
        await accept_dispute(billing, dispute.id, context())


async def test_a_provider_that_is_gone_is_not_asked() -> None:
    billing = await billed()
    dispute = await told(billing, DisputeState.NEEDS_EVIDENCE)
    billing.providers = {}
    with pytest.raises(InvalidState, match="is not set up"):
        await accept_dispute(billing, dispute.id, context())
    with pytest.raises(NotFound):
        await accept_dispute(billing, dispute.id, context("rival"))


async def test_a_payment_that_failed_is_not_disputed() -> None:
    billing = await billed("sandbox_declined")
    with pytest.raises(NotReady):
        await told(billing, DisputeState.NEEDS_EVIDENCE)
