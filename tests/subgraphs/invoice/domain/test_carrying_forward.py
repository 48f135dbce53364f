"""What is too little to charge moves to the customer's balance, and a later invoice collects it."""

from datetime import timedelta

import pytest

from subgraphs.invoice.domain import events
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment_provider import Declined, Succeeded
from subgraphs.invoice.domain.values import BroughtForward, Charge, InvoiceStatus, PaymentOperation, ReceivedPayment, RefundPart
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import VISA, draft
from tests.testkit.memory import AT, context

NOTHING = Money(0, "EUR")
BY_ITSELF = Charge(payment_method_id=None)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


BEFORE = (
    BroughtForward(invoice_id="inv_0", number="INV-0", amount=eur(30)),
    BroughtForward(invoice_id=None, number=None, amount=eur(10)),
)


def opened(applied: int = 0, brought_forward: tuple[BroughtForward, ...] = (), charge: Charge | None = BY_ITSELF) -> Invoice:
    """Return an open invoice of 56.50 EUR, of which and of what was owed before the customer's credit paid `applied`."""
    invoice = Invoice.create("inv_1", draft(), context())
    invoice.finalize("INV-1", context(), charge)
    invoice.apply_credit(eur(applied), NOTHING, context(), brought_forward)
    return invoice


def last(invoice: Invoice, number: int) -> list[str]:
    return [type(event).__name__ for event in invoice.unsaved][-number:]


def pay(invoice: Invoice, minor: int) -> None:
    invoice.start_payment("pay_1", VISA, context(), eur(minor))
    invoice.settle_payment("pay_1", PaymentOperation.CHARGE, Succeeded("ref"), context())


def test_what_is_below_the_minimum_is_carried_forward_and_nothing_is_charged() -> None:
    invoice = opened(applied=5630)
    invoice.charge_or_carry("pay_1", VISA, eur(50), context())
    assert last(invoice, 2) == ["InvoiceCarriedForward", "InvoicePaid"]
    [carried] = [event for event in invoice.unsaved if isinstance(event, events.InvoiceCarriedForward)]
    assert (carried.amount, carried.minimum, carried.carried_at) == (eur(20), eur(50), AT)  # 56.50 − 56.30
    assert (carried.facts.amount_due, carried.facts.number) == (NOTHING, "INV-1")
    assert (invoice.status, invoice.amount_due, invoice.amount_paid) == (InvoiceStatus.PAID, NOTHING, NOTHING)
    assert (invoice.amount_carried_forward, invoice.payment_count, invoice.paid_at) == (eur(20), 0, AT)


@pytest.mark.parametrize(("applied", "minimum"), [(5600, 50), (5650 - 51, 50), (5649, None)])
def test_the_minimum_itself_is_charged(applied: int, minimum: int | None) -> None:
    invoice = opened(applied)
    invoice.charge_or_carry("pay_1", VISA, eur(minimum) if minimum else None, context())
    assert invoice.pending_payment is not None
    assert (invoice.pending_payment.amount, invoice.amount_carried_forward) == (eur(5650 - applied), NOTHING)


def test_nothing_is_carried_while_a_payment_or_the_customers_credit_is_under_way() -> None:
    invoice = opened(applied=5630)
    invoice.start_payment("pay_1", VISA, context())
    with pytest.raises(InvalidState, match="'pay_1' of invoice 'inv_1' is not settled yet"):
        invoice.charge_or_carry("pay_2", VISA, eur(50), context())
    asking = Invoice.create("inv_1", draft(), context())
    asking.finalize("INV-1", context())
    with pytest.raises(InvalidState, match="credit is being applied"):
        asking.charge_or_carry("pay_1", VISA, eur(9900), context())


def test_what_was_owed_before_is_due_with_the_total() -> None:
    invoice = opened(brought_forward=BEFORE)
    assert (invoice.total, invoice.amount_brought_forward, invoice.amount_due) == (eur(5650), eur(40), eur(5690))
    [applied] = [event for event in invoice.unsaved if isinstance(event, events.InvoiceCreditApplied)]
    assert applied.facts.amount_due == eur(5690)
    pay(invoice, 5690)
    assert (invoice.status, invoice.amount_paid) == (InvoiceStatus.PAID, eur(5690))


def test_credit_pays_the_total_and_what_was_owed_before() -> None:
    invoice = opened(applied=5690, brought_forward=BEFORE)
    assert (invoice.status, invoice.amount_due) == (InvoiceStatus.PAID, NOTHING)


def test_what_was_brought_forward_is_carried_on_when_it_is_still_too_little() -> None:
    invoice = opened(applied=5650, brought_forward=BEFORE)
    invoice.charge_or_carry("pay_1", VISA, eur(50), context())
    assert (invoice.amount_carried_forward, invoice.status) == (eur(40), InvoiceStatus.PAID)


def test_a_note_of_what_was_carried_gives_it_to_the_balance_which_undoes_the_debt() -> None:
    invoice = opened(applied=5630)
    invoice.charge_or_carry("pay_1", VISA, eur(50), context())
    with pytest.raises(InvalidInput, match="the rest goes to the balance"):
        invoice.credit_terms(CreditRequest(reason="x", refund=eur(5650)))
    terms = invoice.credit_terms(CreditRequest(reason="x"))
    assert (terms.from_due, terms.refund, terms.balance) == (NOTHING, NOTHING, eur(5650))  # 56.30 by credit and 0.20


def test_no_more_is_refunded_than_payments_paid_nor_credited_than_the_total() -> None:
    invoice = opened(brought_forward=BEFORE)
    pay(invoice, 5660)
    invoice.charge_or_carry("pay_2", VISA, eur(50), context())  # 56.90 − 56.60 are carried on
    assert invoice.amount_carried_forward == eur(30)
    invoice.credit("cn_1", CreditRequest(reason="x", refund=eur(5650)), context())
    invoice.settle_credit_note("cn_1", [RefundPart(payment_id="pay_1", amount=eur(5650))])
    assert (invoice.amount_credited, invoice.amount_refunded, invoice.refundable) == (eur(5650), eur(5650), eur(10))
    with pytest.raises(InvalidState, match="nothing is left to credit"):
        invoice.credit_terms(CreditRequest(reason="x"))


def test_a_credit_note_on_an_open_one_leaves_what_was_brought_forward_due() -> None:
    invoice = opened(brought_forward=BEFORE)
    invoice.credit("cn_1", CreditRequest(reason="x"), context())
    invoice.settle_credit_note("cn_1", [])
    assert (invoice.status, invoice.amount_due) == (InvoiceStatus.OPEN, eur(40))
    invoice.charge_or_carry("pay_1", VISA, eur(50), context())
    assert (invoice.status, invoice.amount_carried_forward) == (InvoiceStatus.PAID, eur(40))


def test_one_that_was_carried_and_whose_payment_was_lost_is_not_voided() -> None:
    invoice = opened()
    pay(invoice, 5620)
    invoice.charge_or_carry("pay_2", VISA, eur(50), context())
    invoice.lose_dispute("pay_1", "dsp_1", eur(5620), context())
    assert (invoice.status, invoice.amount_due) == (InvoiceStatus.UNCOLLECTIBLE, eur(5620))  # 0.30 is owed in the balance
    with pytest.raises(InvalidState, match=r"0\.30 EUR of invoice 'inv_1' is owed in the customer's balance"):
        invoice.void("lost", context())
    terms = invoice.credit_terms(CreditRequest(reason="lost"))
    assert (terms.from_due, terms.balance) == (eur(5620), eur(30))


def test_a_bank_transfer_pays_what_is_too_little_to_charge() -> None:
    invoice = opened(applied=5630, charge=None)
    received = ReceivedPayment(reference="DE-1", received_at=AT)
    invoice.receive_payment("pay_1", eur(20), received, context())
    invoice.settle_payment("pay_1", PaymentOperation.RECORD, Succeeded("DE-1"), context())
    assert (invoice.status, invoice.amount_paid) == (InvoiceStatus.PAID, eur(20))


TOO_SMALL = Declined("amount_too_small", "Amount must convert to at least 50 cents.")


def test_what_the_provider_finds_too_small_is_carried_forward_and_not_dunned() -> None:
    invoice = opened(applied=5590)
    invoice.charge_or_carry("pay_1", VISA, eur(50), context())
    for _ in range(2):
        invoice.settle_payment("pay_1", PaymentOperation.CHARGE, TOO_SMALL, context())
    assert last(invoice, 3) == ["InvoicePaymentFailed", "InvoiceCarriedForward", "InvoicePaid"]
    assert (invoice.status, invoice.amount_carried_forward, invoice.awaits_plan) == (InvoiceStatus.PAID, eur(60), False)


def test_a_part_that_the_provider_finds_too_small_carries_nothing() -> None:
    invoice = opened()
    invoice.start_payment("pay_1", VISA, context(), eur(10))
    invoice.settle_payment("pay_1", PaymentOperation.CHARGE, TOO_SMALL, context())
    assert (invoice.status, invoice.amount_due) == (InvoiceStatus.OPEN, eur(5650))


def test_what_is_not_charged_by_itself_is_not_carried() -> None:
    invoice = opened(applied=5590, charge=None)
    invoice.start_payment("pay_1", VISA, context())
    invoice.settle_payment("pay_1", PaymentOperation.CHARGE, TOO_SMALL, context())
    assert (invoice.status, invoice.amount_due) == (InvoiceStatus.OPEN, eur(60))


def test_a_retry_of_what_a_part_payment_left_is_carried() -> None:
    invoice = opened()
    invoice.start_payment("pay_1", VISA, context())
    invoice.settle_payment("pay_1", PaymentOperation.CHARGE, Declined("card_declined", "No."), context())
    invoice.credit("cn_1", CreditRequest(reason="x", lines=(LineCredit(line_number=1, amount=eur(1900)),)), context())
    invoice.settle_credit_note("cn_1", [])
    pay(invoice, 3710)
    later = context(at=AT + timedelta(days=1))
    invoice.charge_or_carry("pay_2", VISA, eur(50), later)  # 56.50 − 19.00 − 37.10
    assert (invoice.status, invoice.amount_carried_forward) == (InvoiceStatus.PAID, eur(40))


def test_what_was_stored_before_anything_could_be_brought_forward_is_read_as_nothing() -> None:
    invoice = opened(applied=650)
    stored = [Invoice.codec.encode(event) for event in invoice.unsaved]
    for _, data in stored:
        data.pop("brought_forward", None)
    replayed = Invoice.replay("inv_1", "acme", [(AT, [Invoice.codec.decode(type, data) for type, data in stored])])
    assert (replayed.brought_forward, replayed.amount_carried_forward, replayed.amount_due) == ((), NOTHING, eur(5000))
