"""Credit notes and their refunds, and a process that ends anywhere on the way."""

from dataclasses import replace

import pytest

from subgraphs.invoice.commands.collect_invoice import collect_invoice
from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.record_payment import record_payment
from subgraphs.invoice.commands.settle_credit_note import settle_credit_note
from subgraphs.invoice.domain.billing_totals import billing_totals
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import CreditNoteStatus, InvoiceStatus, ReceivedPayment
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import method
from tests.testkit.memory import context
from tests.testkit.payments import Crash, InMemoryBilling

KEYED = replace(context(), write="credit_note_create/key-1")
ID = KEYED.new_id("cn")


def eur(minor_units: int) -> Money:
    return Money(minor_units, "EUR")


def part(amount: int, refund: int | None = None, balance: int | None = None) -> CreditRequest:
    """Take back of the first line."""
    return CreditRequest(
        reason="too much billed",
        lines=(LineCredit(line_number=1, amount=eur(amount)),),
        refund=None if refund is None else eur(refund),
        balance=None if balance is None else eur(balance),
    )


async def billed(token: str = "sandbox_success") -> InMemoryBilling:
    """An invoice of 56.50 EUR that was collected with this token."""
    billing = InMemoryBilling()
    await billing.opened()
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", method(token), context())
    return billing


async def credit(
    billing: InMemoryBilling, request: CreditRequest, circumstances: CommandContext = KEYED
) -> tuple[Invoice, CreditNote]:
    return await create_credit_note(billing, "inv_1", request, circumstances)


async def test_a_paid_invoice_is_refunded_in_part() -> None:
    billing = await billed()
    invoice, note = await credit(billing, part(1000, refund=400, balance=600))
    [payment] = await billing.all_payments()
    assert (note.status, note.refunded, note.balance) == (CreditNoteStatus.ISSUED, eur(400), eur(600))
    assert note.issued is not None
    assert (note.issued.number, note.issued.refund_reference) == ("CN-000001", f"memory:{note.id}")
    assert billing.provider.refunded == {("acme", note.id): (payment.id, eur(400))}
    assert (invoice.status, invoice.amount_refunded, invoice.pending_credit_note) == (InvoiceStatus.PAID, eur(400), None)


async def test_credit_notes_have_numbers_of_their_own_without_gaps() -> None:
    billing = await billed()
    with pytest.raises(InvalidInput):
        await credit(billing, part(1901), context())
    numbers = [(await credit(billing, part(100), context()))[1].issued for _ in range(3)]
    assert [issued.number for issued in numbers if issued] == ["CN-000001", "CN-000002", "CN-000003"]
    assert (await billing.opened("inv_2")).number == "INV-000002"
    assert billing.provider.refunded == {}


async def test_a_refused_refund_goes_to_the_balance() -> None:
    billing = await billed("sandbox_unrefundable")
    invoice, note = await credit(billing, part(1000, refund=400, balance=600))
    assert (note.refunded, note.balance, invoice.amount_refunded) == (eur(0), eur(1000), eur(0))
    assert note.issued is not None
    assert note.issued.refund_failure_code == "refund_declined"


async def test_a_refund_through_a_provider_that_is_gone_goes_to_the_balance() -> None:
    billing = await billed()
    billing.providers = {}
    _, note = await credit(billing, part(1000, refund=1000))
    assert note.issued is not None
    assert (note.balance, note.issued.refund_failure_code) == (eur(1000), "provider_not_configured")


async def test_a_payment_that_waits_is_canceled_and_the_rest_is_due() -> None:
    billing = await billed("sandbox_requires_action")
    with pytest.raises(InvalidInput):
        await credit(billing, part(1901))
    assert [operation for operation, _ in billing.provider.asked] == ["charge"]  # a refused request changes nothing
    invoice, note = await credit(billing, part(1000))
    assert (invoice.status, invoice.amount_due, note.terms.from_due) == (InvoiceStatus.OPEN, eur(4650), eur(1000))
    assert [operation for operation, _ in billing.provider.asked] == ["charge", "cancel"]


async def test_a_payment_confirmed_meanwhile_is_credited_as_paid() -> None:
    billing = await billed("sandbox_requires_action")
    [payment] = await billing.all_payments()
    await billing.provider.confirm("acme", payment.id)
    invoice, note = await credit(billing, part(1000))
    assert (invoice.status, note.terms.from_due, note.balance) == (InvoiceStatus.PAID, eur(0), eur(1000))


async def test_the_rest_of_an_open_invoice_is_what_is_charged() -> None:
    billing = InMemoryBilling()
    await billing.opened()
    await credit(billing, part(1000))
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", method(), context())
    assert [amount for _, amount in billing.provider.moved] == [eur(4650)]  # 56.50 - 10.00


async def test_an_unknown_invoice_is_named() -> None:
    billing = await billed()
    for id, tenant in (("inv_none", "acme"), ("inv_1", "rival")):
        with pytest.raises(NotFound) as refused:
            await create_credit_note(billing, id, part(100), context(tenant))
        assert refused.value.field == ("invoiceId",)


@pytest.mark.parametrize("stored_first", [False, True])
# invoice: credited, note: requested, note: issued, payment: refunded, invoice: settled
@pytest.mark.parametrize("commit", [1, 2, 3, 4, 5])
async def test_a_keyed_note_that_was_interrupted_is_the_same_one_when_repeated(commit: int, stored_first: bool) -> None:
    billing = await billed()
    billing.store.crash_at, billing.store.stored_first = len(billing.store.commits) + commit, stored_first
    with pytest.raises(Crash):
        await credit(billing, part(1000, refund=1000))
    invoice, note = await credit(billing, part(1000, refund=1000))
    assert [one.id for one in await billing.all_credit_notes()] == [note.id] == [ID]
    assert [amount for _, amount in billing.provider.refunded.values()] == [eur(1000)]
    assert (invoice.amount_credited, invoice.amount_refunded) == (eur(1000), eur(1000))
    assert note.issued is not None
    assert note.issued.number == "CN-000001"


async def test_a_crash_after_the_money_moved_refunds_once_and_another_process_issues_the_note() -> None:
    billing = await billed()
    billing.provider.crashes = 1
    with pytest.raises(Crash):
        await credit(billing, part(1000, refund=1000))
    [pending] = await billing.all_credit_notes()
    assert pending.status is CreditNoteStatus.PENDING
    invoice = await settle_credit_note(billing, "inv_1", context())
    [note] = await billing.all_credit_notes()
    assert (note.status, invoice.amount_refunded) == (CreditNoteStatus.ISSUED, eur(1000))
    assert len(billing.provider.refunded) == 1
    assert await settle_credit_note(billing, "inv_1", context()) is not None
    assert [operation for operation, _ in billing.provider.asked] == ["charge", "refund", "refund"]


async def test_a_note_left_half_done_is_finished_before_the_next() -> None:
    billing = await billed()
    billing.provider.crashes = 1
    with pytest.raises(Crash):
        await credit(billing, part(1000, refund=1000))
    invoice, second = await credit(billing, part(900, refund=900), context())
    first, _ = await billing.all_credit_notes()
    assert first.issued is not None and second.issued is not None
    assert (first.issued.number, second.issued.number) == ("CN-000001", "CN-000002")
    assert (invoice.amount_credited, invoice.line_credits[0]) == (eur(1900), eur(1900))


async def test_nothing_is_credited_twice() -> None:
    billing = await billed()
    everything = CreditRequest(reason="canceled", refund=eur(5650))
    invoice, _ = await credit(billing, everything, context())
    assert (invoice.amount_credited, invoice.amount_refunded) == (eur(5650), eur(5650))
    with pytest.raises(InvalidState, match="nothing is left"):
        await credit(billing, everything, context())


async def transferred(amount: int = 5650) -> InMemoryBilling:
    """An invoice of 56.50 EUR of which so much came by bank transfer, and the rest was charged."""
    billing = InMemoryBilling()
    await billing.opened()
    received = ReceivedPayment(reference="TX-1", received_at=context().at)
    await record_payment(billing.invoices, billing.payments, billing.providers, "inv_1", eur(amount), received, context())
    if amount < 5650:
        await collect_invoice(
            billing.invoices, billing.payments, billing.providers, "inv_1", method("sandbox_success"), context()
        )
    return billing


def outside(amount: int, out_of_band: int, refund: int = 0, balance: int = 0) -> CreditRequest:
    return replace(part(amount, refund, balance), out_of_band=eur(out_of_band))


async def test_what_came_by_bank_transfer_is_given_back_by_people_and_recorded() -> None:
    billing = await transferred()
    invoice, note = await credit(billing, outside(1000, out_of_band=700, balance=300))
    [payment] = await billing.all_payments()
    assert (note.status, note.refunded, note.terms.out_of_band, note.balance) == (
        CreditNoteStatus.ISSUED,
        eur(700),
        eur(700),
        eur(300),
    )
    assert (payment.refunded, payment.refunded_out_of_band, invoice.amount_refunded) == (eur(700), eur(700), eur(700))
    assert billing.provider.refunded == {}
    # invoiced 56.50 = paid 56.50; credited 10.00 = refunded 7.00 + to balance 3.00
    totals = billing_totals(invoice)
    assert (totals.credited, totals.refunded, totals.to_balance, totals.outstanding) == (1000, 700, 300, 0)


async def test_one_note_gives_back_through_the_provider_and_otherwise() -> None:
    billing = await transferred(1000)
    # 46.50 was charged: 5.00 of it goes back that way; 12.00 otherwise, first the 10.00 of the transfer, then 2.00 of the card's.
    invoice, note = await credit(billing, outside(1700, out_of_band=1200, refund=500))
    [transfer, card] = await billing.all_payments()
    assert (transfer.refunded, transfer.refunded_out_of_band) == (eur(1000), eur(1000))
    assert (card.refunded, card.refunded_out_of_band) == (eur(700), eur(200))
    assert billing.provider.refunded == {("acme", note.id): (card.id, eur(500))}
    assert (note.refunded, note.balance, invoice.refundable) == (eur(1700), eur(0), eur(3950))  # 46.50 - 7.00
    # The provider says that 6.00 went back in all: 1.00 more than the note's 5.00, whatever people gave back besides.
    card.note_refunded_in_all(eur(600), context())
    assert (card.refunded, card.returned) == (eur(800), eur(100))


async def test_no_more_is_given_back_than_payments_paid() -> None:
    billing = InMemoryBilling()
    billing.credit = eur(5000)
    await billing.opened()
    await collect_invoice(billing.invoices, billing.payments, billing.providers, "inv_1", method("sandbox_success"), context())
    with pytest.raises(InvalidInput, match=r"6\.50 EUR of this invoice was paid by payments") as refused:
        await credit(billing, outside(1000, out_of_band=651, balance=349))
    assert refused.value.field == ("outOfBand",)
    _, note = await credit(billing, outside(1000, out_of_band=650, balance=350))
    assert (note.refunded, note.balance) == (eur(650), eur(350))


@pytest.mark.parametrize("stored_first", [False, True])
@pytest.mark.parametrize("crash_at", range(1, 7))
async def test_a_process_that_ends_on_the_way_gives_back_once(crash_at: int, stored_first: bool) -> None:
    billing = await transferred(1000)
    billing.store.crash_at, billing.store.stored_first = len(billing.store.commits) + crash_at, stored_first
    try:
        await credit(billing, outside(1700, out_of_band=1200, refund=500))
    except Crash:
        pass
    invoice, note = await credit(billing, outside(1700, out_of_band=1200, refund=500))
    assert [payment.refunded for payment in await billing.all_payments()] == [eur(1000), eur(700)]
    assert (invoice.amount_refunded, invoice.pending_credit_note, note.status) == (eur(1700), None, CreditNoteStatus.ISSUED)
