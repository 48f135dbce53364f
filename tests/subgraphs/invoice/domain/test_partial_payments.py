"""An invoice paid in parts: what remains, what can go back, and that the sums always fit."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.invoice.domain import events
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment_provider import Declined, Succeeded
from subgraphs.invoice.domain.values import InvoiceStatus, PaymentOperation, ReceivedPayment, RefundPart
from subgraphs.kit.domain.errors import DomainError, InvalidInput, InvalidState
from subgraphs.kit.domain.money import Money, total
from tests.testkit.billing import TOTAL_MINOR, VISA, draft
from tests.testkit.memory import AT, context

CHARGE, RECORD = PaymentOperation.CHARGE, PaymentOperation.RECORD
TRANSFER = ReceivedPayment(reference="SEPA 4711", received_at=AT)
LATER = context(at=AT + timedelta(hours=1))


def eur(minor_units: int) -> Money:
    return Money(minor_units, "EUR")


def opened(credit: int = 0) -> Invoice:
    """Return an open invoice of 56.50 EUR, of which the customer's balance has paid `credit`."""
    invoice = Invoice.create("inv_1", draft(), context())
    invoice.finalize("INV-000001", context())
    invoice.apply_credit(eur(credit), eur(0), context())
    return invoice


def charge(invoice: Invoice, id: str, minor_units: int) -> None:
    invoice.start_payment(id, VISA, LATER, eur(minor_units))
    invoice.settle_payment(id, CHARGE, Succeeded("ref"), LATER)


def transfer(invoice: Invoice, id: str, minor_units: int) -> None:
    invoice.receive_payment(id, eur(minor_units), TRANSFER, LATER)
    invoice.settle_payment(id, RECORD, Succeeded(TRANSFER.reference), LATER)


def credit(invoice: Invoice, id: str, request: CreditRequest) -> None:
    """Credit and issue at once, with every refund made."""
    invoice.credit(id, request, LATER)
    assert invoice.pending_credit_note is not None
    invoice.settle_credit_note(id, invoice.pending_credit_note.terms.refund_parts)


def line(number: int, minor_units: int) -> tuple[LineCredit, ...]:
    return (LineCredit(line_number=number, amount=eur(minor_units)),)


def amounts(invoice: Invoice) -> tuple[InvoiceStatus, int, int]:
    return invoice.status, invoice.amount_paid.minor_units, invoice.amount_due.minor_units


def test_it_is_paid_when_nothing_remains() -> None:
    invoice = opened()
    transfer(invoice, "pay_1", 2000)
    assert amounts(invoice) == (InvoiceStatus.OPEN, 2000, 3650)  # 56.50 - 20.00
    charge(invoice, "pay_2", 1650)
    assert amounts(invoice) == (InvoiceStatus.OPEN, 3650, 2000)
    transfer(invoice, "pay_3", 2000)
    assert amounts(invoice) == (InvoiceStatus.PAID, 5650, 0)
    assert invoice.unsaved[-1] == events.InvoicePaid(facts=invoice.facts, payment_id="pay_3", paid_at=LATER.at)
    assert [(part.payment_id, part.amount.minor_units, part.through_provider) for part in invoice.paid_parts] == [
        ("pay_1", 2000, False),
        ("pay_2", 1650, True),
        ("pay_3", 2000, False),
    ]


def test_a_part_is_told_with_what_is_due_then() -> None:
    invoice = opened(credit=650)
    transfer(invoice, "pay_1", 2000)
    started, paid = invoice.unsaved[-2:]
    assert started == events.InvoicePaymentStarted(
        payment_id="pay_1", method=None, amount=eur(2000), started_at=LATER.at, received=TRANSFER
    )
    assert isinstance(paid, events.InvoicePartPaid)
    assert (paid.facts.amount_due, paid.amount) == (eur(3000), eur(2000))  # 56.50 - 6.50 - 20.00


def test_a_declined_part_leaves_what_was_due() -> None:
    invoice = opened()
    transfer(invoice, "pay_1", 2000)
    invoice.start_payment("pay_2", VISA, LATER, eur(1000))
    invoice.settle_payment("pay_2", CHARGE, Declined("card_declined", "No."), LATER)
    assert amounts(invoice) == (InvoiceStatus.OPEN, 2000, 3650)


def test_without_an_amount_the_remainder_is_charged() -> None:
    invoice = opened()
    transfer(invoice, "pay_1", 2000)
    invoice.start_payment("pay_2", VISA, LATER)
    assert invoice.pending_payment is not None
    assert (invoice.pending_payment.amount, invoice.payment_subject.amount) == (eur(3650), eur(3650))


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (eur(3651), "36.50 EUR of the invoice is due"),
        (eur(0), "above zero"),
        (eur(-1), "above zero"),
        (Money(100, "USD"), "the invoice is in EUR"),
    ],
)
def test_no_more_is_paid_than_is_due(amount: Money, message: str) -> None:
    invoice = opened()
    transfer(invoice, "pay_1", 2000)
    for pay in (
        lambda: invoice.start_payment("pay_2", VISA, LATER, amount),
        lambda: invoice.receive_payment("pay_2", amount, TRANSFER, LATER),
    ):
        with pytest.raises(InvalidInput, match=message) as refused:
            pay()
        assert refused.value.field == ("amount",)


@pytest.mark.parametrize(
    ("received", "field"),
    [
        (ReceivedPayment(reference=" ", received_at=AT), "reference"),
        (ReceivedPayment(reference="x" * 201, received_at=AT), "reference"),
        (ReceivedPayment(reference="x", received_at=LATER.at + timedelta(seconds=1)), "receivedAt"),
    ],
)
def test_a_received_payment_is_named_and_has_arrived(received: ReceivedPayment, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened().receive_payment("pay_1", eur(100), received, LATER)
    assert refused.value.field == (field,)


def test_what_was_paid_in_part_is_not_voided() -> None:
    invoice = opened()
    transfer(invoice, "pay_1", 2000)
    with pytest.raises(InvalidState, match=r"20\.00 EUR of invoice 'inv_1' was paid"):
        invoice.void("a mistake", LATER)
    invoice.mark_uncollectible("insolvent", LATER)
    assert amounts(invoice) == (InvoiceStatus.UNCOLLECTIBLE, 2000, 3650)
    charge(invoice, "pay_2", 3650)
    assert amounts(invoice) == (InvoiceStatus.PAID, 5650, 0)


def test_a_credit_falls_off_what_is_due_and_then_off_what_was_paid() -> None:
    invoice = opened()
    charge(invoice, "pay_1", 4000)  # 16.50 due
    credit(invoice, "cn_1", CreditRequest(reason="x", lines=line(1, 1900), refund=eur(250)))  # 19.00 - 16.50 = 2.50
    assert amounts(invoice) == (InvoiceStatus.PAID, 4000, 0)
    assert (invoice.amount_credited, invoice.amount_refunded, invoice.refundable) == (eur(1900), eur(250), eur(3750))


def test_a_refund_goes_back_through_the_newest_payments_first_and_not_by_bank() -> None:
    invoice = opened()
    charge(invoice, "pay_1", 1000)
    transfer(invoice, "pay_2", 2000)
    charge(invoice, "pay_3", 2650)
    with pytest.raises(InvalidInput, match=r"36\.50 EUR of this invoice was paid through a payment provider"):  # 10.00 + 26.50
        invoice.credit_terms(CreditRequest(reason="x", refund=eur(5650)))
    terms = invoice.credit_terms(CreditRequest(reason="x", refund=eur(3000), balance=eur(2650)))
    assert terms.refunds == (
        RefundPart(payment_id="pay_3", amount=eur(2650)),
        RefundPart(payment_id="pay_1", amount=eur(350)),
    )


def test_what_went_back_at_the_provider_is_part_of_the_next_refund_and_not_given_twice() -> None:
    invoice = opened()
    charge(invoice, "pay_1", 5650)
    for _ in range(2):
        invoice.note_returned("pay_1", eur(1000), LATER)
    assert (invoice.amount_refunded, invoice.refundable) == (eur(1000), eur(4650))
    with pytest.raises(InvalidInput, match=r"10\.00 EUR was refunded at the payment provider before"):
        invoice.credit_terms(CreditRequest(reason="x", lines=line(1, 1900), balance=eur(1900)))
    credit(invoice, "cn_1", CreditRequest(reason="x", lines=line(1, 1900)))  # 10.00 is back already, 9.00 to the balance
    [issued] = [event for event in invoice.unsaved if isinstance(event, events.InvoiceCreditNoteSettled)]
    assert issued.refunds == (RefundPart(payment_id="pay_1", amount=eur(1000), made=True),)
    assert (invoice.amount_refunded, invoice.refundable) == (eur(1000), eur(4650))
    terms = invoice.credit_terms(CreditRequest(reason="x"))
    assert (terms.refund, terms.balance) == (eur(0), eur(3750))  # 56.50 - 19.00, nothing of it returned before
    invoice.note_returned("pay_1", eur(1500), LATER)
    assert invoice.amount_refunded == eur(1500)


steps = st.lists(
    st.tuples(
        st.sampled_from(["charge", "transfer", "decline", "credit", "refund", "returned", "dispute", "win", "lose"]),
        st.integers(1, 6000),
    ),
    max_size=14,
)


@given(st.integers(0, TOTAL_MINOR - 1), steps)
def test_sums_fit_whatever_happens(credit_applied: int, steps: list[tuple[str, int]]) -> None:
    invoice = opened(credit_applied)
    for number, (step, minor) in enumerate(steps):
        try:
            match step:
                case "charge":
                    charge(invoice, f"pay_{number}", minor)
                case "transfer":
                    transfer(invoice, f"pay_{number}", minor)
                case "decline":
                    invoice.start_payment(f"pay_{number}", VISA, LATER, eur(minor))
                    invoice.settle_payment(f"pay_{number}", CHARGE, Declined("card_declined", "No."), LATER)
                case "credit":
                    credit(invoice, f"cn_{number}", CreditRequest(reason="x", lines=line(2, minor)))
                case "refund":
                    terms = invoice.credit_terms(CreditRequest(reason="x", lines=line(1, minor)))
                    most = min(terms.refund + terms.balance, invoice.refundable)
                    back = max(most, terms.refund)
                    request = CreditRequest(
                        reason="x", lines=line(1, minor), refund=back, balance=terms.refund + terms.balance - back
                    )
                    credit(invoice, f"cn_{number}", request)
                case "returned" if invoice.paid_parts:
                    part = invoice.paid_parts[0]
                    back = min(eur(minor), part.refundable)
                    invoice.note_returned(part.payment_id, part.returned_in_all + back, LATER)
                case "dispute" if invoice.paid_parts:
                    invoice.note_dispute(invoice.paid_parts[-1].payment_id, f"dsp_{minor % 2}")
                case "win" if invoice.paid_parts:
                    invoice.win_dispute(invoice.paid_parts[-1].payment_id, f"dsp_{minor % 2}")
                case "lose" if invoice.paid_parts:
                    invoice.lose_dispute(invoice.paid_parts[-1].payment_id, f"dsp_{minor % 2}", eur(minor), LATER)
        except DomainError:
            pass
        replayed = Invoice.replay("inv_1", "acme", [(AT, invoice.unsaved)])
        assert (replayed.paid_parts, replayed.amount_due) == (invoice.paid_parts, invoice.amount_due)
        from_due = total([note.terms.from_due for note in noted(invoice)], "EUR")
        assert invoice.total == invoice.credit_applied + from_due + invoice.amount_paid + invoice.amount_due
        assert eur(0) <= invoice.amount_due
        assert (invoice.status is InvoiceStatus.PAID) == (not invoice.amount_due)
        assert invoice.amount_credited <= invoice.total
        for part in invoice.paid_parts:
            assert eur(0) <= part.returned_credited <= part.returned_in_all <= part.refunded <= part.amount - part.lost


def noted(invoice: Invoice) -> list[events.InvoiceCredited]:
    return [event for event in invoice.unsaved if isinstance(event, events.InvoiceCredited)]


def test_a_lost_dispute_is_owed_again_and_nobody_is_charged_for_it() -> None:
    invoice = opened()
    charge(invoice, "pay_1", 5650)
    credit(invoice, "cn_1", CreditRequest(reason="x", lines=line(1, 1900), refund=eur(1900)))
    for _ in range(2):
        invoice.note_dispute("pay_1", "dsp_1")
    assert invoice.refundable == eur(0)
    for _ in range(2):
        invoice.lose_dispute("pay_1", "dsp_1", eur(5650), LATER)
        invoice.note_dispute("pay_1", "dsp_1")
    [lost] = [event for event in invoice.unsaved if isinstance(event, events.InvoiceDisputeLost)]
    assert (lost.amount, lost.facts.amount_due) == (eur(3750), eur(3750))  # 56.50 - 19.00 that went back before
    assert amounts(invoice) == (InvoiceStatus.UNCOLLECTIBLE, 1900, 3750)
    assert (invoice.uncollectible_reason, invoice.paid_at) == ("Dispute dsp_1 was lost.", None)
    assert not invoice.is_in_arrears
    transfer(invoice, "pay_2", 3750)
    assert amounts(invoice) == (InvoiceStatus.PAID, 5650, 0)


def test_what_was_lost_can_be_credited_or_voided_but_not_refunded() -> None:
    invoice = opened()
    charge(invoice, "pay_1", 5650)
    invoice.note_dispute("pay_1", "dsp_1")
    invoice.lose_dispute("pay_1", "dsp_1", eur(5650), LATER)
    terms = invoice.credit_terms(CreditRequest(reason="x"))
    assert (terms.from_due, terms.refund, terms.balance) == (eur(5650), eur(0), eur(0))
    invoice.void("a fraud", LATER)
    assert amounts(invoice) == (InvoiceStatus.VOID, 0, 0)


def test_a_won_dispute_leaves_the_payment_as_it_was() -> None:
    invoice = opened()
    charge(invoice, "pay_1", 5650)
    invoice.note_dispute("pay_1", "dsp_1")
    for _ in range(2):
        invoice.win_dispute("pay_1", "dsp_1")
    assert (amounts(invoice), invoice.refundable) == ((InvoiceStatus.PAID, 5650, 0), eur(5650))


def test_what_had_all_been_refunded_is_not_owed_again() -> None:
    invoice = opened()
    charge(invoice, "pay_1", 5650)
    credit(invoice, "cn_1", CreditRequest(reason="x", refund=eur(5650)))
    invoice.note_dispute("pay_1", "dsp_1")
    invoice.lose_dispute("pay_1", "dsp_1", eur(5650), LATER)
    assert amounts(invoice) == (InvoiceStatus.PAID, 5650, 0)


def test_what_the_provider_has_refunded_by_itself_is_accounted_for_before_what_is_due_falls() -> None:
    invoice = opened()
    charge(invoice, "pay_1", 2000)
    invoice.note_returned("pay_1", eur(2000), LATER)
    assert amounts(invoice) == (InvoiceStatus.OPEN, 2000, 3650)
    credit(invoice, "cn_1", CreditRequest(reason="x", lines=line(1, 1900)))
    # 37.50 is billed then, and nothing of that was paid: 19.00 of the 20.00 that went back are accounted for.
    assert amounts(invoice) == (InvoiceStatus.OPEN, 2000, 3650)
    credit(invoice, "cn_2", CreditRequest(reason="x"))
    assert amounts(invoice) == (InvoiceStatus.PAID, 2000, 0)
    assert (invoice.credited_from_due, invoice.amount_refunded) == (eur(3650), eur(2000))


@pytest.mark.parametrize(("refund", "due"), [(0, 5000), (3750, 1250)])
def test_what_credit_notes_gave_to_the_balance_is_not_given_again_by_voiding(refund: int, due: int) -> None:
    invoice = opened(credit=650)
    charge(invoice, "pay_1", 5000)
    request = CreditRequest(reason="x", lines=line(2, 3750), refund=eur(refund), balance=eur(3750 - refund))
    credit(invoice, "cn_1", request)
    invoice.lose_dispute("pay_1", "dsp_1", eur(5000), LATER)
    assert (invoice.status, invoice.amount_due) == (InvoiceStatus.UNCOLLECTIBLE, eur(due))  # the bank took what was left
    if refund:
        invoice.void("lost", LATER)
        assert invoice.status is InvoiceStatus.VOID
    else:
        with pytest.raises(InvalidState, match=r"37\.50 EUR of invoice 'inv_1' went to the customer's balance"):
            invoice.void("lost", LATER)
        credit(invoice, "cn_2", CreditRequest(reason="lost"))  # 56.50 - 37.50 are left
        assert (invoice.credited_from_due, invoice.amount_due) == (eur(1900), eur(3100))
