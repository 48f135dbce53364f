"""Payments that came without a provider, charges of a part, and a process that ends anywhere on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.follow_refund import follow_refund
from subgraphs.invoice.commands.pay_invoice import pay_invoice
from subgraphs.invoice.commands.record_payment import record_payment
from subgraphs.invoice.commands.settle_payment import settle_payment
from subgraphs.invoice.commands.void_invoice import void_invoice
from subgraphs.invoice.domain.crediting import CreditRequest
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment_provider import Succeeded
from subgraphs.invoice.domain.values import InvoiceStatus, PaymentStatus, ReceivedPayment
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound, NotReady
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import VISA, method
from tests.testkit.memory import AT, context
from tests.testkit.payments import Crash, InMemoryBilling

TRANSFER = ReceivedPayment(reference="SEPA 4711", received_at=AT - timedelta(days=1))
KEYED = replace(context(), write="invoice_payment_record/key-1")


def eur(minor_units: int) -> Money:
    return Money(minor_units, "EUR")


@pytest.fixture
async def billing() -> InMemoryBilling:
    """One open invoice of 56.50 EUR."""
    billing = InMemoryBilling()
    await billing.opened()
    return billing


async def record(
    billing: InMemoryBilling, minor_units: int, circumstances: CommandContext | None = None, id: str = "inv_1"
) -> tuple[Invoice, str]:
    stores = billing.invoices, billing.payments, billing.providers
    return await record_payment(*stores, id, eur(minor_units), TRANSFER, circumstances or context())


async def collect(billing: InMemoryBilling, token: str = "sandbox_success") -> Invoice:
    return await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", method(token), context())


async def test_a_transfer_pays_a_part_and_the_rest_is_collected(billing: InMemoryBilling) -> None:
    invoice, payment_id = await record(billing, 2000)
    assert (invoice.status, invoice.amount_due) == (InvoiceStatus.OPEN, eur(3650))
    payment = await billing.payments.get("acme", payment_id)
    assert (payment.status, payment.outcome, payment.received) == (PaymentStatus.SUCCEEDED, Succeeded("SEPA 4711"), TRANSFER)
    assert billing.provider.asked == []
    assert (await collect(billing)).status is InvoiceStatus.PAID
    assert [amount for _, amount in billing.provider.moved] == [eur(3650)]


async def test_a_part_is_charged(billing: InMemoryBilling) -> None:
    stores = billing.invoices, billing.payments, billing.providers
    invoice, payment_id = await pay_invoice(*stores, "inv_1", VISA, context(), eur(1000))
    assert (invoice.amount_paid, invoice.amount_due) == (eur(1000), eur(4650))
    assert billing.provider.moved == [(payment_id, eur(1000))]
    with pytest.raises(InvalidInput, match=r"46\.50 EUR of the invoice is due"):
        await pay_invoice(*stores, "inv_1", VISA, context(), eur(4651))


async def test_each_request_is_a_payment_unless_it_repeats_a_key(billing: InMemoryBilling) -> None:
    assert [(await record(billing, 1000))[0].amount_due for _ in range(2)] == [eur(4650), eur(3650)]
    (first, first_id), (second, second_id) = [await record(billing, 1000, KEYED) for _ in range(2)]
    assert (first.amount_due, second.amount_due, first_id) == (eur(2650), eur(2650), second_id)
    await record(billing, 2650)
    assert (await record(billing, 1000, KEYED))[0].status is InvoiceStatus.PAID


@pytest.mark.parametrize("stored_first", [False, True])
# invoice: payment started, payment: started, payment: settled, invoice: paid in part
@pytest.mark.parametrize("commit", [1, 2, 3, 4])
async def test_a_recording_that_was_interrupted_is_finished_and_counts_once(
    billing: InMemoryBilling, commit: int, stored_first: bool
) -> None:
    billing.store.crash_at, billing.store.stored_first = len(billing.store.commits) + commit, stored_first
    with pytest.raises(Crash):
        await record(billing, 2000, KEYED)
    await settle_payment(billing.invoices, billing.payments, billing.providers, "inv_1", context())
    invoice, payment_id = await record(billing, 2000, KEYED)
    assert (invoice.amount_paid, invoice.amount_due) == (eur(2000), eur(3650))
    assert [payment.id for payment in await billing.all_payments()] == [payment_id]


async def test_a_payment_that_waits_is_canceled_but_not_for_a_request_that_is_refused(billing: InMemoryBilling) -> None:
    await collect(billing, "sandbox_requires_action")
    with pytest.raises(InvalidInput):
        await record(billing, 5651)
    assert [operation for operation, _ in billing.provider.asked] == ["charge"]
    invoice, _ = await record(billing, 5650)
    assert [operation for operation, _ in billing.provider.asked] == ["charge", "cancel"]
    assert (invoice.status, billing.provider.moved) == (InvoiceStatus.PAID, [])


async def test_voiding_that_is_refused_leaves_a_payment_that_waits(billing: InMemoryBilling) -> None:
    await record(billing, 2000)
    await collect(billing, "sandbox_requires_action")
    with pytest.raises(InvalidState, match=r"20\.00 EUR of invoice 'inv_1' was paid"):
        await void_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", "wrong", context())
    assert [operation for operation, _ in billing.provider.asked] == ["charge"]
    assert (await billing.invoices.get("acme", "inv_1")).pending_payment is not None


async def test_an_unknown_or_settled_invoice_is_not_paid(billing: InMemoryBilling) -> None:
    with pytest.raises(NotFound) as refused:
        await record(billing, 100, id="inv_none")
    assert refused.value.field == ("invoiceId",)
    await collect(billing)
    with pytest.raises(InvalidState, match="is PAID"):
        await record(billing, 100)


async def test_refunds_go_back_through_each_payment_and_a_refused_one_to_the_balance(billing: InMemoryBilling) -> None:
    stores = billing.invoices, billing.payments, billing.providers
    _, first = await pay_invoice(*stores, "inv_1", method("sandbox_unrefundable"), context(), eur(1000))
    await record(billing, 2000)
    _, last = await pay_invoice(*stores, "inv_1", VISA, context())  # 56.50 - 10.00 - 20.00 = 26.50
    request = CreditRequest(reason="canceled", refund=eur(3650), balance=eur(2000))
    invoice, note = await create_credit_note(billing, "inv_1", request, context())
    assert billing.provider.refunded == {("acme", note.id): (last, eur(2650))}
    assert billing.provider.asked[-2:] == [("refund", note.id), ("refund", f"{note.id}-2")]
    assert (note.refunded, note.balance) == (eur(2650), eur(3000))  # 20.00 + 10.00 that was refused
    assert note.issued is not None
    assert note.issued.refund_failure_code == "refund_declined"
    assert (invoice.amount_refunded, invoice.refundable) == (eur(2650), eur(1000))
    refunded = {payment.id: payment.refunded for payment in await billing.all_payments()}
    assert (refunded[first], refunded[last]) == (eur(0), eur(2650))


async def test_a_refund_made_at_the_provider_is_not_given_again(billing: InMemoryBilling) -> None:
    await collect(billing)
    [payment] = await billing.all_payments()
    for told in (1000, 1000, 900):
        await follow_refund(billing, payment.id, eur(told), context())
    invoice = await billing.invoices.get("acme", "inv_1")
    assert (invoice.amount_refunded, invoice.refundable) == (eur(1000), eur(4650))
    request = CreditRequest(reason="canceled", refund=eur(5650))
    invoice, note = await create_credit_note(billing, "inv_1", request, context())
    assert [amount for _, amount in billing.provider.refunded.values()] == [eur(4650)]
    assert (note.refunded, note.balance, invoice.amount_refunded) == (eur(5650), eur(0), eur(5650))
    await follow_refund(billing, payment.id, eur(5650), context())
    [payment] = await billing.all_payments()
    assert (payment.refunded, payment.returned) == (eur(5650), eur(1000))


async def test_a_refund_that_is_told_before_the_charge_was_noted_is_not_lost(billing: InMemoryBilling) -> None:
    billing.provider.crashes = 1
    with pytest.raises(Crash):
        await collect(billing)
    [payment] = await billing.all_payments()
    assert payment.status is PaymentStatus.PROCESSING
    await follow_refund(billing, payment.id, eur(1000), context())
    invoice = await billing.invoices.get("acme", "inv_1")
    assert (invoice.status, invoice.amount_refunded) == (InvoiceStatus.PAID, eur(1000))


async def test_a_refund_of_what_has_not_succeeded_is_told_again_later(billing: InMemoryBilling) -> None:
    await collect(billing, "sandbox_declined")
    [payment] = await billing.all_payments()
    with pytest.raises(NotReady, match="is FAILED: it cannot be refunded"):
        await follow_refund(billing, payment.id, eur(1000), context())


async def test_a_refund_under_way_is_not_taken_for_one_that_the_provider_made(billing: InMemoryBilling) -> None:
    await collect(billing)
    [payment] = await billing.all_payments()
    billing.provider.crashes = 1
    with pytest.raises(Crash):
        await create_credit_note(billing, "inv_1", CreditRequest(reason="canceled", refund=eur(5650)), context())
    await follow_refund(billing, payment.id, eur(5650), context())
    [note], [payment] = await billing.all_credit_notes(), await billing.all_payments()
    assert (note.refunded, payment.refunded, payment.returned) == (eur(5650), eur(5650), eur(0))
