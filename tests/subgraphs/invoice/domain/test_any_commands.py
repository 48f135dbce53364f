"""What holds of an invoice after any commands in any order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.invoice.domain import events
from subgraphs.invoice.domain.billing_totals import NOTHING_BILLED, billing_totals
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.dunning import DEFAULT_CAMPAIGN
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.payment_provider import ActionRequired, Declined, Succeeded
from subgraphs.invoice.domain.values import BroughtForward, Charge, InvoiceLine, InvoiceStatus, PaymentOperation
from subgraphs.invoice.projections import invoice_document
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import DomainError
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import NO_CHARGE, SEATS, VISA, draft
from tests.testkit.memory import AT, context
from tests.testkit.memory_documents import in_memory_documents

OUTCOMES = (
    Succeeded("ref"),
    Declined("card_declined", "No."),
    Declined("lost_card", "Lost."),
    ActionRequired(),
    Declined("amount_too_small", "Less than the minimum."),
)
Command = Callable[[Invoice, int, CommandContext], None]


def settle(invoice: Invoice, number: int, at: CommandContext) -> None:
    pending = invoice.pending_payment
    if pending is not None and pending.operation is not None:
        invoice.settle_payment(pending.payment_id, pending.operation, OUTCOMES[number % len(OUTCOMES)], at)


def continue_(invoice: Invoice, number: int, at: CommandContext) -> None:
    operation = PaymentOperation.CONFIRM if number % 2 else PaymentOperation.CANCEL
    invoice.continue_payment(invoice.pending_payment.payment_id if invoice.pending_payment else "pay_0", operation)


def credit(invoice: Invoice, number: int, at: CommandContext) -> None:
    lines = (LineCredit(line_number=1 + number % 2, amount=Money(number * 97, "EUR")),) if number % 3 else None
    refund = Money(number * 31, "EUR") if number % 5 == 0 else None
    invoice.credit(f"cn_{number}", CreditRequest(reason="Why not.", lines=lines, refund=refund), at)


def issue(invoice: Invoice, number: int, at: CommandContext) -> None:
    pending = invoice.pending_credit_note
    if pending is not None:
        invoice.settle_credit_note(pending.credit_note_id, pending.terms.refund_parts if number % 2 else ())


def apply_credit(invoice: Invoice, number: int, at: CommandContext) -> None:
    before = Money(number % 4 * 40, "EUR")
    owed = (BroughtForward(invoice_id="inv_0", number="INV-0", amount=before),) if before else ()
    amount = min(Money(number * 250, "EUR"), invoice.amount_due + before)
    invoice.apply_credit(amount, Money(amount.minor_units // 2, "EUR"), at, owed)


def charge_or_carry(invoice: Invoice, number: int, at: CommandContext) -> None:
    minimum = Money(number * 150, "EUR") if number % 2 else None
    invoice.charge_or_carry(f"pay_{number}", VISA, minimum, at)


def revise(invoice: Invoice, number: int, at: CommandContext) -> None:
    invoice.revise(replace(invoice.drafted.draft, days_until_due=number, lines=SEATS if number % 2 else NO_CHARGE), at)


COMMANDS: dict[str, Command] = {
    "finalize": lambda invoice, number, at: invoice.finalize("INV-000001", at, Charge(payment_method_id=None)),
    "apply credit": apply_credit,
    "charge or carry": charge_or_carry,
    "pay": lambda invoice, number, at: invoice.start_payment(f"pay_{number}", VISA if number % 4 else None, at),
    "settle": settle,
    "continue": continue_,
    "plan retry": lambda invoice, number, at: invoice.plan_retry(DEFAULT_CAMPAIGN, at),
    "take retry": lambda invoice, number, at: invoice.take_retry(number % 2 == 0, at),
    "void": lambda invoice, number, at: invoice.void("Wrong.", at) if number % 6 == 0 else None,
    "give up": lambda invoice, number, at: invoice.mark_uncollectible("Gone.", at) if number % 3 == 0 else None,
    "credit": credit,
    "issue": issue,
    "revise": revise,
    "delete": lambda invoice, number, at: invoice.delete("Not wanted.", at) if number % 3 == 0 else None,
    "begin to finalize": lambda invoice, number, at: invoice.begin_finalizing() if number % 5 == 0 else None,
}
FINAL = (InvoiceStatus.PAID, InvoiceStatus.VOID, InvoiceStatus.DELETED)


def assert_adds_up(invoice: Invoice) -> None:
    nothing, taken = Money.zero("EUR"), [event.terms for event in invoice.unsaved if isinstance(event, events.InvoiceCredited)]
    owed = invoice.total + invoice.amount_brought_forward
    assert nothing <= invoice.amount_due <= owed
    if invoice.status is InvoiceStatus.DELETED:
        assert (invoice.number, invoice.amount_due, billing_totals(invoice)) == (None, nothing, NOTHING_BILLED)
    assert sum(terms.amount.minor_units for terms in taken) == invoice.amount_credited.minor_units <= invoice.total.minor_units
    back = sum((terms.refund + terms.balance).minor_units for terms in taken)
    settled = invoice.amount_paid + invoice.credit_applied + invoice.amount_carried_forward
    assert 0 <= back <= settled.minor_units
    assert nothing <= invoice.amount_refunded <= invoice.amount_paid
    if invoice.status is InvoiceStatus.PAID:
        from_due = sum(terms.from_due.minor_units for terms in taken)
        assert settled.minor_units + from_due == owed.minor_units
    else:
        assert not invoice.amount_carried_forward  # no dispute is lost here
    assert sum(isinstance(event, events.InvoicePaid) for event in invoice.unsaved) <= 1
    assert sum(isinstance(event, events.InvoiceFinalized) for event in invoice.unsaved) <= 1


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(COMMANDS)), st.integers(0, 30), st.integers(0, 50)), max_size=30),
    st.sampled_from([SEATS, SEATS, NO_CHARGE]),
    st.booleans(),
    st.booleans(),
)
def test_an_invoice_adds_up_after_any_commands_and_is_what_is_replayed(
    taken: list[tuple[str, int, int]], lines: tuple[InvoiceLine, ...], is_open: bool, of_people: bool
) -> None:
    billed = replace(draft(lines), plan_subscription_id=None, period_number=None) if of_people else draft(lines)
    invoice, now, before = Invoice.create("inv_1", billed, context()), AT, InvoiceStatus.DRAFT
    if is_open:
        invoice.finalize("INV-000001", context(), Charge(payment_method_id=None))
    for what, number, hours in taken:
        now += timedelta(hours=hours)
        recorded = len(invoice.unsaved)
        try:
            COMMANDS[what](invoice, number, context(at=now))
        except DomainError:
            assert len(invoice.unsaved) == recorded
        assert before not in FINAL or invoice.status is before
        before = invoice.status
        assert_adds_up(invoice)

    codec = Invoice.codec
    stored = [codec.decode(*codec.encode(event)) for event in invoice.unsaved]
    replayed = Invoice.replay("inv_1", "acme", [(AT, stored)])
    invoice.saved(AT)
    assert vars(replayed) == vars(invoice)
    with in_memory_documents():
        assert invoice_document(replayed) == invoice_document(invoice)
