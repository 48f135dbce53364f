"""What credit notes take back: exact amounts, and sums that add up."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.invoice.domain import events
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit, Split, split_excess
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment_provider import Succeeded
from subgraphs.invoice.domain.values import CreditNoteLine, CreditNoteTerms, InvoiceStatus, PaymentOperation
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.money import Money, total
from tests.testkit.billing import FEBRUARY, NO_CHARGE, SEATS, VISA, draft
from tests.testkit.memory import AT, context

CHARGE = PaymentOperation.CHARGE


def eur(minor_units: int) -> Money:
    return Money(minor_units, "EUR")


def lines(*credits: tuple[int, int]) -> tuple[LineCredit, ...]:
    return tuple(LineCredit(line_number=number, amount=eur(amount)) for number, amount in credits)


def request(*credits: tuple[int, int], **parts: Any) -> CreditRequest:
    return CreditRequest(reason="too much billed", lines=lines(*credits) if credits else None, **parts)


def opened(*amounts: int) -> Invoice:
    """An open invoice with these lines; by default 19.00 + 37.50 = 56.50."""
    billed = tuple(replace(SEATS[0], amount=eur(amount)) for amount in amounts) or SEATS
    invoice = Invoice.create("inv_1", draft(billed), context())
    invoice.finalize("INV-000001", context())
    invoice.apply_credit(eur(0), eur(0), context())
    return invoice


def paid(*amounts: int) -> Invoice:
    invoice = opened(*amounts)
    invoice.start_payment("pay_1", VISA, context())
    invoice.settle_payment("pay_1", CHARGE, Succeeded("ref"), context())
    return invoice


def credit(invoice: Invoice, id: str, wanted: CreditRequest) -> CreditNoteTerms:
    """Credit the invoice and issue the note; return its terms."""
    invoice.credit(id, wanted, context())
    pending = invoice.pending_credit_note
    assert pending is not None
    invoice.settle_credit_note(id, pending.terms.refund_parts)
    return pending.terms


def test_a_credit_of_an_open_invoice_lowers_what_is_due() -> None:
    invoice = opened()
    terms = credit(invoice, "cn_1", request((1, 500), (2, 1250)))
    assert terms == CreditNoteTerms(
        invoice_id="inv_1",
        invoice_number="INV-000001",
        customer_id="cus_1",
        plan_subscription_id="psub_1",
        reason="too much billed",
        lines=(
            CreditNoteLine(line_number=1, description="Team", amount=eur(500), tax=eur(0), added_tax=eur(0), period=FEBRUARY),
            CreditNoteLine(line_number=2, description="Seats", amount=eur(1250), tax=eur(0), added_tax=eur(0), period=FEBRUARY),
        ),
        period_number=0,
        amount=eur(1750),
        from_due=eur(1750),
        refund=eur(0),
        balance=eur(0),
        payment_id=None,
    )
    assert (invoice.total, invoice.amount_due) == (eur(5650), eur(3900))  # 56.50 - 17.50
    assert (invoice.status, invoice.line_credits) == (InvoiceStatus.OPEN, (eur(500), eur(1250)))


def test_what_is_left_of_an_open_invoice_is_what_is_charged() -> None:
    invoice = opened()
    credit(invoice, "cn_1", request((1, 500)))
    invoice.start_payment("pay_1", VISA, context())
    assert invoice.payment_subject.amount == eur(5150)  # 56.50 - 5.00
    invoice.settle_payment("pay_1", CHARGE, Succeeded("ref"), context())
    assert (invoice.amount_paid, invoice.amount_due, invoice.amount_credited) == (eur(5150), eur(0), eur(500))
    # What was paid can come back, the 5.00 that were not cannot.
    assert credit(invoice, "cn_2", request(refund=eur(5150))).payment_id == "pay_1"
    assert (invoice.amount_refunded, invoice.amount_credited) == (eur(5150), eur(5650))


@pytest.mark.parametrize("uncollectible", [False, True])
def test_an_invoice_credited_in_full_before_payment_is_paid(uncollectible: bool) -> None:
    invoice = opened()
    if uncollectible:
        invoice.mark_uncollectible("insolvent", context())
    invoice.credit("cn_1", request(), context())
    last = invoice.unsaved[-1]
    assert last == events.InvoicePaid(facts=invoice.facts, payment_id=None, paid_at=AT)
    assert (invoice.status, invoice.amount_due, invoice.amount_paid) == (InvoiceStatus.PAID, eur(0), eur(0))
    invoice.settle_credit_note("cn_1", ())
    with pytest.raises(InvalidState, match="nothing is left to credit"):
        invoice.credit("cn_2", request(), context())


@pytest.mark.parametrize(
    ("parts", "refund", "balance"),
    [
        ({}, 0, 1000),
        ({"refund": eur(1000)}, 1000, 0),
        ({"balance": eur(1000)}, 0, 1000),
        ({"refund": eur(400), "balance": eur(600)}, 400, 600),
    ],
)
def test_what_was_paid_is_refunded_or_goes_to_the_balance(parts: dict[str, Money], refund: int, balance: int) -> None:
    terms = credit(paid(), "cn_1", request((1, 1000), **parts))
    assert (terms.amount, terms.from_due, terms.refund, terms.balance) == (eur(1000), eur(0), eur(refund), eur(balance))
    assert terms.payment_id == ("pay_1" if refund else None)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"refund": eur(999)}, "refund"),
        ({"refund": eur(600), "balance": eur(600)}, "refund"),
        ({"balance": eur(1001)}, "refund"),
        ({"refund": eur(-1), "balance": eur(1001)}, "refund"),
        ({"refund": eur(1001), "balance": eur(-1)}, "balance"),
        ({"refund": Money(1000, "USD")}, "refund"),
    ],
)
def test_parts_that_do_not_come_to_what_was_paid_are_refused(parts: dict[str, Money], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        paid().credit("cn_1", request((1, 1000), **parts), context())
    assert refused.value.field == (field,)


def test_an_open_invoice_has_nothing_to_refund() -> None:
    with pytest.raises(InvalidInput, match=r"0\.00 EUR of the credit was paid"):
        opened().credit("cn_1", request((1, 1000), refund=eur(1000)), context())


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (lines((3, 100)), ("lines", "0", "lineNumber")),
        (lines((0, 100)), ("lines", "0", "lineNumber")),
        (lines((1, 100), (1, 100)), ("lines", "1", "lineNumber")),
        (lines((1, 0)), ("lines", "0", "amount")),
        (lines((2, 100), (1, 1901)), ("lines", "1", "amount")),
        ((LineCredit(line_number=1, amount=Money(100, "USD")),), ("lines", "0", "amount")),
        ((), ("lines",)),
    ],
)
def test_a_refused_line_is_named(wanted: tuple[LineCredit, ...], field: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened().credit("cn_1", CreditRequest(reason="x", lines=wanted), context())
    assert refused.value.field == field


def test_a_line_gives_back_no_more_than_is_left_of_it() -> None:
    invoice = paid()
    credit(invoice, "cn_1", request((1, 1200)))
    with pytest.raises(InvalidInput, match=r"7\.00 EUR is left of line 1"):
        invoice.credit("cn_2", request((1, 701)), context())
    assert credit(invoice, "cn_2", request((1, 700))).amount == eur(700)


def test_the_invoice_gives_back_no_more_than_its_total() -> None:
    invoice = paid(10000, -3000)  # 100.00 - 30.00 = 70.00
    with pytest.raises(InvalidInput, match=r"70\.00 EUR is left of the invoice's lines"):
        invoice.credit("cn_1", request((1, 7001)), context())
    with pytest.raises(InvalidInput, match="is left of line 2"):
        invoice.credit("cn_1", request((2, 100)), context())
    assert credit(invoice, "cn_1", request((1, 7000))).amount == eur(7000)


def test_the_rest_is_shared_over_lines_that_others_reduce() -> None:
    # 10.00 + 10.00 + 10.00 - 20.00 = 10.00: thirds of it, the odd cent with the first
    terms = credit(paid(1000, 1000, 1000, -2000), "cn_1", request())
    assert [(line.line_number, line.amount.minor_units) for line in terms.lines] == [(1, 334), (2, 333), (3, 333)]


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_a_credit_needs_a_reason(reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened().credit("cn_1", replace(request(), reason=reason), context())
    assert refused.value.field == ("reason",)


def test_drafts_void_invoices_and_ones_about_nothing_are_not_credited() -> None:
    drafted = Invoice.create("inv_1", draft(), context())
    void = opened()
    void.void("a mistake", context())
    free = Invoice.create("inv_1", draft(NO_CHARGE), context())
    free.finalize("INV-000001", context())
    for invoice, why in ((drafted, "is DRAFT"), (void, "is VOID"), (free, "nothing is left")):
        with pytest.raises(InvalidState, match=why):
            invoice.credit("cn_1", request(), context())


def test_an_invoice_with_a_payment_under_way_is_not_credited() -> None:
    invoice = opened()
    invoice.start_payment("pay_1", VISA, context())
    with pytest.raises(InvalidState, match="not settled yet"):
        invoice.credit("cn_1", request(), context())


def test_one_credit_note_after_the_other_and_each_once() -> None:
    invoice = paid()
    invoice.credit("cn_1", request((1, 100)), context())
    before = invoice.unsaved
    invoice.credit("cn_1", request((1, 100)), context())
    assert invoice.unsaved == before
    with pytest.raises(InvalidState, match="'cn_1' is not issued yet"):
        invoice.credit("cn_2", request((1, 100)), context())
    invoice.settle_credit_note("cn_1", ())
    settled = invoice.unsaved
    invoice.settle_credit_note("cn_1", ())
    invoice.credit("cn_1", request((1, 100)), context())
    assert invoice.unsaved == settled
    assert invoice.amount_credited == eur(100)


amounts = st.lists(st.integers(-5000, 10000), min_size=1, max_size=6).filter(lambda amounts: sum(amounts) > 0)


@given(amounts, st.booleans(), st.data())
def test_notes_of_an_invoice_sum_to_it_exactly_and_never_to_more(amounts: list[int], is_paid: bool, data: st.DataObject) -> None:
    invoice = paid(*amounts) if is_paid else opened(*amounts)
    owed_total, notes = invoice.total, list[CreditNoteTerms]()
    for number in range(data.draw(st.integers(0, 4))):
        candidates = [
            (index, (line.amount - before).minor_units)
            for index, (line, before) in enumerate(zip(invoice.lines, invoice.line_credits, strict=True), 1)
            if before < line.amount
        ]
        left = (owed_total - invoice.amount_credited).minor_units
        if not candidates or left <= 0:
            break
        index, of_line = data.draw(st.sampled_from(candidates))
        part = data.draw(st.integers(1, min(of_line, left)))
        notes.append(credit(invoice, f"cn_{number}", request((index, part))))
    if invoice.amount_credited < owed_total:
        notes.append(credit(invoice, "cn_last", request()))
    assert total([note.amount for note in notes], "EUR") == owed_total == invoice.amount_credited
    for note in notes:
        assert note.amount == note.from_due + note.refund + note.balance == total([one.amount for one in note.lines], "EUR")
        assert all(one.amount.minor_units > 0 for one in note.lines)
    for line, credited in zip(invoice.lines, invoice.line_credits, strict=True):
        assert credited <= max(line.amount, eur(0))
    assert total([note.refund + note.balance for note in notes], "EUR") == invoice.amount_paid
    events_stored = [Invoice.codec.encode(event) for event in invoice.unsaved]
    replayed = Invoice.replay("inv_1", "acme", [(AT, [Invoice.codec.decode(*event) for event in events_stored])])
    invoice.saved(AT)
    assert vars(replayed) == vars(invoice)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_any_split_that_adds_up_is_taken(refund: int, out_of_band: int, balance: int) -> None:
    wanted = CreditRequest(reason="Why not.", refund=eur(refund), out_of_band=eur(out_of_band), balance=eur(balance))
    found = split_excess(eur(refund + out_of_band + balance), wanted, eur(refund), eur(refund + out_of_band), eur(0))
    assert found == Split(refund=eur(refund), out_of_band=eur(out_of_band), balance=eur(balance))
