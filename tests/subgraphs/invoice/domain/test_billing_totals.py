"""What is owed of an invoice is what was billed, less what was taken back and paid, in every state it can be in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.invoice.books import TELLING
from subgraphs.invoice.domain.billing_totals import BillingTotals, billing_changes, billing_totals
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment_provider import Declined, Succeeded
from subgraphs.invoice.domain.values import BroughtForward, PaymentOperation, RefundPart
from subgraphs.kit.domain.errors import DomainError
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import TOTAL_MINOR, VISA, draft
from tests.testkit.memory import context

START = datetime(2026, 4, 1, tzinfo=UTC)
NOTHING = Money(0, "EUR")


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def opened(applied: int = 0, before: int = 0) -> Invoice:
    """Return an open invoice of 56.50 EUR that collects `before`, of all of which the customer's credit paid `applied`."""
    invoice = Invoice.create("inv_1", draft(), context())
    invoice.finalize("INV-1", context())
    owed = (BroughtForward(invoice_id="inv_0", number="INV-0", amount=eur(before)),) if before else ()
    invoice.apply_credit(eur(applied), NOTHING, context(), owed)
    return invoice


def pay(invoice: Invoice) -> None:
    invoice.start_payment("pay_1", VISA, context())
    invoice.settle_payment("pay_1", PaymentOperation.CHARGE, Succeeded("ref"), context())


def credit(invoice: Invoice, minor: int, *, refund: bool = False, settle: bool = True) -> None:
    id, line = f"cn_{len(invoice.credit_note_ids)}", LineCredit(line_number=2, amount=eur(minor))
    parts = {"refund": eur(minor), "balance": NOTHING} if refund else {}
    invoice.credit(id, CreditRequest(reason="why", lines=(line,), **parts), context())
    if settle:
        invoice.settle_credit_note(id, [RefundPart(payment_id="pay_1", amount=eur(minor))] if refund else [])


def paid(invoice: Invoice) -> None:
    pay(invoice)


def credited(invoice: Invoice) -> None:
    credit(invoice, 1000)


def refund_on_its_way(invoice: Invoice) -> None:
    pay(invoice)
    credit(invoice, 1000, refund=True, settle=False)


def refunded(invoice: Invoice) -> None:
    pay(invoice)
    credit(invoice, 1000, refund=True)


def voided(invoice: Invoice) -> None:
    credit(invoice, 1000)
    invoice.void("why", context())


def paid_in_part(invoice: Invoice) -> None:
    invoice.start_payment("pay_1", None, context(), eur(2000))
    invoice.settle_payment("pay_1", PaymentOperation.CHARGE, Succeeded("ref"), context())


def paid_in_part_and_returned_and_voided(invoice: Invoice) -> None:
    paid_in_part(invoice)
    invoice.note_returned("pay_1", eur(2000), context())
    invoice.void("why", context())


def returned_at_the_provider(invoice: Invoice) -> None:
    pay(invoice)
    invoice.note_returned("pay_1", eur(700), context())


def taken_back(invoice: Invoice) -> None:
    pay(invoice)
    invoice.lose_dispute("pay_1", "dsp_1", eur(5000), context())


def given_up(invoice: Invoice) -> None:
    invoice.mark_uncollectible("why", context())


def carried(invoice: Invoice) -> None:
    invoice.charge_or_carry("pay_1", VISA, eur(9900), context())


def carried_and_credited(invoice: Invoice) -> None:
    carried(invoice)
    credit(invoice, 1000)


def paid_in_part_and_carried_and_taken_back(invoice: Invoice) -> None:
    paid_in_part(invoice)
    carried(invoice)
    invoice.lose_dispute("pay_1", "dsp_1", eur(2000), context())


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        (carried, BillingTotals(carried_forward=5000)),
        (carried_and_credited, BillingTotals(carried_forward=5000, credited=1000, to_balance=1000)),  # the debt falls by it
        (paid_in_part_and_carried_and_taken_back, BillingTotals(carried_forward=3000, uncollectible=2000)),
        (paid, BillingTotals(paid=5000)),
        (credited, BillingTotals(credited=1000, outstanding=4000)),
        (refund_on_its_way, BillingTotals(paid=5000, credited=1000, to_balance=1000)),
        (refunded, BillingTotals(paid=5000, credited=1000, refunded=1000)),
        (voided, BillingTotals(credited=5650, to_balance=650)),  # what the customer's credit had paid goes back to it
        (given_up, BillingTotals(uncollectible=5000)),
        (taken_back, BillingTotals(uncollectible=5000)),
        (paid_in_part, BillingTotals(paid=2000, outstanding=3000)),
        (paid_in_part_and_returned_and_voided, BillingTotals(paid=2000, refunded=2000, credited=5650, to_balance=650)),
        (returned_at_the_provider, BillingTotals(paid=5000, refunded=700, to_balance=-700)),  # no credit note yet
    ],
)
def test_totals_in_each_state(happens: Callable[[Invoice], None], expected: BillingTotals) -> None:
    invoice = opened(applied=650)
    happens(invoice)
    assert billing_totals(invoice) == expected + BillingTotals(invoiced=TOTAL_MINOR, paid_by_credit=650)


def test_what_is_brought_forward_is_outstanding_until_it_is_paid_or_void() -> None:
    invoice, billed = opened(before=40), BillingTotals(invoiced=TOTAL_MINOR)
    assert billing_totals(invoice) == billed + BillingTotals(brought_forward=40, outstanding=5690)
    pay(invoice)
    assert billing_totals(invoice) == billed + BillingTotals(brought_forward=40, paid=5690)
    void = opened(before=40)
    void.void("why", context())
    assert billing_totals(void) == billed + BillingTotals(credited=TOTAL_MINOR)  # what was owed is owed in the balance


def test_a_draft_is_not_billed() -> None:
    assert billing_totals(Invoice.create("inv_1", draft(), context())) == BillingTotals()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["pay", "decline", "void", "give up", "settle", "carry"])),
        st.tuples(st.just("credit"), st.integers(1, 3000), st.booleans()),
        st.tuples(st.just("pay part"), st.integers(1, 3000)),
        st.tuples(st.just("goes back"), st.integers(1, 3000)),
        st.tuples(st.just("is lost"), st.integers(1, 6000)),
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, TOTAL_MINOR), st.integers(0, 60), STEPS)
def test_totals_balance_after_every_commit_and_changes_add_up_to_them(
    applied: int, before: int, steps: list[tuple[object, ...]]
) -> None:
    invoice = opened(applied, before)
    commits = [(START, invoice.unsaved)]
    invoice.saved(START)
    for number, step in enumerate(steps, 1):
        try:
            match step:
                case ("pay",):
                    pay(invoice)
                case ("pay part", int(minor)):
                    id = f"part_{number}"
                    invoice.start_payment(id, None, context(), eur(minor))
                    invoice.settle_payment(id, PaymentOperation.CHARGE, Succeeded("ref"), context())
                case ("goes back", int(minor)) if invoice.paid_parts:
                    part = invoice.paid_parts[-1]
                    invoice.note_returned(part.payment_id, eur(min(minor, part.amount.minor_units)), context())
                case ("is lost", int(minor)) if invoice.paid_parts:
                    invoice.lose_dispute(invoice.paid_parts[0].payment_id, f"dsp_{number}", eur(minor), context())
                case ("decline",):
                    invoice.start_payment("pay_9", VISA, context())
                    outcome = Declined("card_declined", "No.")
                    invoice.settle_payment("pay_9", PaymentOperation.CHARGE, outcome, context())
                case ("carry",):
                    carried(invoice)
                case ("void",):
                    invoice.void("why", context())
                case ("give up",):
                    given_up(invoice)
                case ("settle",):
                    if (pending := invoice.pending_credit_note) is not None:
                        invoice.settle_credit_note(pending.credit_note_id, pending.terms.refund_parts)
                case ("credit", int(minor), bool(refund)):
                    credit(invoice, minor, refund=refund, settle=False)
        except DomainError:
            pass
        if invoice.unsaved:
            commits.append((START + timedelta(days=number), invoice.unsaved))
            invoice.saved(START)

    total = BillingTotals()
    for change in billing_changes("inv_1", "acme", commits)[1]:
        assert TELLING & {type(event).__name__ for event in commits[change.version - 1][1]}
        total += change.difference
        settled = total.credited + total.paid + total.paid_by_credit
        assert total.outstanding + total.uncollectible == (
            total.invoiced
            + total.tax
            + total.brought_forward
            - total.carried_forward
            - settled
            + total.refunded
            + total.to_balance
        )
        assert min(total.outstanding, total.uncollectible, total.credited, total.refunded) >= 0
    assert total == billing_totals(invoice)
