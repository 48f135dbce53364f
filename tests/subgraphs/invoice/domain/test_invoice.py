"""The invoice's rules: every command in every state."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from subgraphs.invoice.domain import events
from subgraphs.invoice.domain.crediting import CreditRequest
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.one_off import MOST_LINES
from subgraphs.invoice.domain.payment_provider import ActionRequired, Declined, Succeeded
from subgraphs.invoice.domain.values import Charge, InvoiceFacts, InvoiceStatus, PaymentOperation, PaymentSubject, PendingPayment
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import NO_CHARGE, SEATS, TOTAL_MINOR, VISA, draft
from tests.testkit.memory import AT, context

TOTAL, NOTHING = Money(TOTAL_MINOR, "EUR"), Money(0, "EUR")
CHARGE, CONFIRM, CANCEL = PaymentOperation.CHARGE, PaymentOperation.CONFIRM, PaymentOperation.CANCEL
DRAFTED = InvoiceFacts(
    customer_id="cus_1", plan_subscription_id="psub_1", period_number=0, number=None, total=TOTAL, amount_due=TOTAL
)
OPENED = replace(DRAFTED, number="INV-000001")
SETTLED = replace(OPENED, amount_due=NOTHING)
LATER = context(at=AT + timedelta(hours=1))


def drafted() -> Invoice:
    return Invoice.create("inv_1", draft(), context())


def opened() -> Invoice:
    invoice = drafted()
    invoice.finalize("INV-000001", context())
    invoice.apply_credit(NOTHING, NOTHING, context())
    return invoice


def charging() -> Invoice:
    invoice = opened()
    invoice.start_payment("pay_1", VISA, context())
    return invoice


def waiting() -> Invoice:
    invoice = charging()
    invoice.settle_payment("pay_1", CHARGE, ActionRequired(), context())
    return invoice


def confirming() -> Invoice:
    invoice = waiting()
    invoice.continue_payment("pay_1", CONFIRM)
    return invoice


def canceling() -> Invoice:
    invoice = waiting()
    invoice.continue_payment("pay_1", CANCEL)
    return invoice


def declined() -> Invoice:
    invoice = charging()
    invoice.settle_payment("pay_1", CHARGE, Declined("card_declined", "No."), context())
    return invoice


def paid() -> Invoice:
    invoice = charging()
    invoice.settle_payment("pay_1", CHARGE, Succeeded("ref"), context())
    return invoice


def voided() -> Invoice:
    invoice = opened()
    invoice.void("a mistake", context())
    return invoice


def uncollectible() -> Invoice:
    invoice = declined()
    invoice.mark_uncollectible("insolvent", context())
    return invoice


def recovering() -> Invoice:
    invoice = uncollectible()
    invoice.start_payment("pay_2", VISA, context())
    return invoice


State = Callable[[], Invoice]
STATES: list[State] = [
    drafted,
    opened,
    charging,
    waiting,
    confirming,
    canceling,
    declined,
    paid,
    voided,
    uncollectible,
    recovering,
]


def recorded(state: State, command: Callable[[Invoice], None]) -> list[Event]:
    """Return what the command records on an invoice in that state."""
    invoice = state()
    before = len(invoice.unsaved)
    command(invoice)
    return list(invoice.unsaved[before:])


def test_a_draft_sums_its_lines() -> None:
    invoice = drafted()
    assert invoice.unsaved == (events.InvoiceDrafted(draft=draft(), total=TOTAL, created_by="client_1", created_at=AT),)
    assert (invoice.status, invoice.number, invoice.total, invoice.amount_due) == (InvoiceStatus.DRAFT, None, TOTAL, TOTAL)


def test_lines_are_bounded_and_of_one_currency() -> None:
    assert Invoice.create("inv_1", draft(SEATS[:1] * MOST_LINES), context()).total == Money(1900 * MOST_LINES, "EUR")
    with pytest.raises(InvalidInput, match=f"at most {MOST_LINES}"):
        Invoice.create("inv_1", draft(SEATS[:1] * (MOST_LINES + 1)), context())
    with pytest.raises(InvalidInput, match="every line of this invoice is in USD"):
        Invoice.create("inv_1", replace(draft(), currency="USD"), context())


def test_finalising_gives_the_number_and_opens() -> None:
    assert recorded(drafted, lambda invoice: invoice.finalize("INV-000001", LATER)) == [
        events.InvoiceFinalized(facts=OPENED, number="INV-000001", finalized_at=LATER.at, due_at=LATER.at),
        events.InvoiceCreditRequested(customer_id="cus_1", amount=TOTAL, charge=None),
    ]
    assert (opened().status, opened().number) == (InvoiceStatus.OPEN, "INV-000001")


def finalized() -> Invoice:
    invoice = drafted()
    invoice.finalize("INV-000001", context(), Charge(payment_method_id="pm_1"))
    return invoice


def test_the_customers_credit_pays_first() -> None:
    part, wallets = Money(1000, "EUR"), Money(400, "EUR")
    left = replace(OPENED, amount_due=Money(4650, "EUR"))
    assert recorded(finalized, lambda invoice: invoice.apply_credit(part, wallets, LATER)) == [
        events.InvoiceCreditApplied(facts=left, amount=part, from_wallets=wallets, applied_at=LATER.at)
    ]
    invoice = finalized()
    invoice.apply_credit(part, wallets, context())
    invoice.apply_credit(TOTAL, NOTHING, context())  # told again, it is not taken again
    assert (invoice.amount_due, invoice.status, invoice.awaits_credit) == (Money(4650, "EUR"), InvoiceStatus.OPEN, False)
    invoice.start_payment("pay_1", VISA, context())
    invoice.settle_payment("pay_1", CHARGE, Succeeded("ref"), context())
    assert (invoice.amount_paid, invoice.credit_applied) == (Money(4650, "EUR"), part)


def test_an_invoice_that_credit_pays_whole_is_paid_without_a_payment() -> None:
    assert recorded(finalized, lambda invoice: invoice.apply_credit(TOTAL, NOTHING, LATER)) == [
        events.InvoiceCreditApplied(facts=SETTLED, amount=TOTAL, from_wallets=NOTHING, applied_at=LATER.at),
        events.InvoicePaid(facts=SETTLED, payment_id=None, paid_at=LATER.at),
    ]


def test_until_the_credit_has_answered_it_can_only_be_voided() -> None:
    for change in (
        lambda invoice: invoice.start_payment("pay_1", VISA, context()),
        lambda invoice: invoice.mark_uncollectible("gone", context()),
        lambda invoice: invoice.credit("cn_1", CreditRequest(reason="wrong", lines=None), context()),
    ):
        with pytest.raises(InvalidState, match="credit is being applied to invoice 'inv_1': try again in a moment"):
            change(finalized())
    void = finalized()
    void.void("wrong", context())
    void.apply_credit(TOTAL, NOTHING, context())
    assert (void.status, void.credit_applied) == (InvoiceStatus.VOID, NOTHING)


def test_what_credit_paid_is_given_back_to_the_balance_only() -> None:
    invoice = finalized()
    invoice.apply_credit(Money(5000, "EUR"), NOTHING, context())
    invoice.start_payment("pay_1", VISA, context())
    invoice.settle_payment("pay_1", CHARGE, Succeeded("ref"), context())
    with pytest.raises(InvalidInput, match=r"6.50 EUR of this invoice was paid through a payment provider"):
        invoice.credit_terms(CreditRequest(reason="wrong", lines=None, refund=TOTAL))
    terms = invoice.credit_terms(CreditRequest(reason="wrong", lines=None, refund=Money(650, "EUR"), balance=Money(5000, "EUR")))
    assert (terms.refund, terms.balance) == (Money(650, "EUR"), Money(5000, "EUR"))


def test_an_invoice_about_nothing_is_paid_when_finalised() -> None:
    free = replace(OPENED, total=NOTHING, amount_due=NOTHING)
    invoice = Invoice.create("inv_1", draft(NO_CHARGE), context())
    invoice.finalize("INV-000001", context())
    assert invoice.unsaved[1:] == (
        events.InvoiceFinalized(facts=free, number="INV-000001", finalized_at=AT, due_at=AT),
        events.InvoicePaid(facts=free, payment_id=None, paid_at=AT),
    )
    assert invoice.status is InvoiceStatus.PAID


@pytest.mark.parametrize("state", [state for state in STATES if state is not drafted])
def test_a_number_is_given_once(state: State) -> None:
    assert recorded(state, lambda invoice: invoice.finalize("INV-000002", context())) == []
    assert state().number == "INV-000001"


def test_the_sum_of_the_lines_is_bounded() -> None:
    most = replace(SEATS[0], amount=Money(2**63 - 1, "EUR"))
    assert Invoice.create("inv_1", draft((most,)), context()).total == Money(2**63 - 1, "EUR")
    with pytest.raises(InvalidInput, match="more than can be billed on one invoice"):
        Invoice.create("inv_1", draft((most, most)), context())


@pytest.mark.parametrize("state", [opened, declined])
def test_an_open_invoice_can_be_given_up_and_is_still_owed(state: State) -> None:
    assert recorded(state, lambda invoice: invoice.mark_uncollectible(" insolvent ", LATER)) == [
        events.InvoiceMarkedUncollectible(facts=OPENED, reason="insolvent", marked_at=LATER.at)
    ]
    invoice = uncollectible()
    assert (invoice.status, invoice.amount_due, invoice.amount_paid) == (InvoiceStatus.UNCOLLECTIBLE, TOTAL, NOTHING)
    assert (invoice.uncollectible_at, invoice.uncollectible_reason) == (AT, "insolvent")


def test_giving_up_again_changes_nothing() -> None:
    for state in (uncollectible, recovering):
        assert recorded(state, lambda invoice: invoice.mark_uncollectible("another reason", LATER)) == []


@pytest.mark.parametrize("state", [drafted, charging, waiting, confirming, canceling, paid, voided])
def test_giving_up_is_refused_otherwise(state: State) -> None:
    with pytest.raises(InvalidState):
        state().mark_uncollectible("insolvent", context())


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_giving_up_needs_a_reason(reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened().mark_uncollectible(reason, context())
    assert refused.value.field == ("reason",)


def test_an_uncollectible_invoice_is_paid_after_all() -> None:
    assert recorded(recovering, lambda invoice: invoice.settle_payment("pay_2", CHARGE, Succeeded("ref"), LATER)) == [
        events.InvoicePaid(facts=SETTLED, payment_id="pay_2", paid_at=LATER.at)
    ]
    invoice = recovering()
    invoice.settle_payment("pay_2", CHARGE, Declined("code", "No."), LATER)
    assert (invoice.status, invoice.amount_due) == (InvoiceStatus.UNCOLLECTIBLE, TOTAL)


@pytest.mark.parametrize("state", [opened, declined, uncollectible])
def test_an_invoice_that_is_owed_without_a_pending_payment_can_be_paid(state: State) -> None:
    assert recorded(state, lambda invoice: invoice.start_payment("pay_2", None, LATER)) == [
        events.InvoicePaymentStarted(payment_id="pay_2", method=None, amount=TOTAL, started_at=LATER.at)
    ]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (drafted, "is DRAFT, not OPEN"),
        (charging, "not settled yet"),
        (waiting, "not settled yet"),
        (confirming, "not settled yet"),
        (canceling, "not settled yet"),
        (paid, "is PAID, not OPEN"),
        (voided, "is VOID, not OPEN"),
    ],
)
def test_a_payment_is_refused_otherwise(state: State, reason: str) -> None:
    with pytest.raises(InvalidState, match=reason):
        state().start_payment("pay_2", VISA, context())


def test_a_waiting_payment_is_confirmed_or_canceled() -> None:
    assert waiting().pending_payment == PendingPayment(payment_id="pay_1", method=VISA, amount=TOTAL, operation=None)
    for operation in (CONFIRM, CANCEL):
        taken_up = recorded(waiting, lambda invoice, operation=operation: invoice.continue_payment("pay_1", operation))  # type: ignore[misc]
        assert taken_up == [events.InvoicePaymentContinued(payment_id="pay_1", operation=operation)]


@pytest.mark.parametrize(("state", "operation"), [(confirming, CONFIRM), (canceling, CANCEL), (charging, CHARGE)])
def test_an_operation_under_way_is_not_begun_again(state: State, operation: PaymentOperation) -> None:
    assert recorded(state, lambda invoice: invoice.continue_payment("pay_1", operation)) == []


@pytest.mark.parametrize(
    ("state", "operation", "reason"),
    [
        (drafted, CONFIRM, "is DRAFT"),
        (opened, CONFIRM, "is settled"),
        (charging, CONFIRM, "does not wait"),
        (confirming, CANCEL, "does not wait"),
        (canceling, CONFIRM, "does not wait"),
        (declined, CONFIRM, "is settled"),
        (paid, CONFIRM, "is PAID"),
        (voided, CONFIRM, "is VOID"),
    ],
)
def test_confirming_is_refused_otherwise(state: State, operation: PaymentOperation, reason: str) -> None:
    with pytest.raises(InvalidState, match=reason):
        state().continue_payment("pay_1", operation)


def test_another_payment_than_the_waiting_one_is_not_confirmed() -> None:
    with pytest.raises(InvalidState, match="'pay_0' is settled"):
        waiting().continue_payment("pay_0", CONFIRM)


@pytest.mark.parametrize("state", [charging, waiting, confirming, canceling])
def test_success_pays_whatever_was_under_way(state: State) -> None:
    assert recorded(state, lambda invoice: invoice.settle_payment("pay_1", CHARGE, Succeeded("ref"), LATER)) == [
        events.InvoicePaid(facts=SETTLED, payment_id="pay_1", paid_at=LATER.at)
    ]
    assert (paid().status, paid().amount_paid, paid().amount_due) == (InvoiceStatus.PAID, TOTAL, NOTHING)


@pytest.mark.parametrize("state", [charging, waiting, confirming, canceling])
def test_a_failed_payment_leaves_the_invoice_open(state: State) -> None:
    failed = recorded(state, lambda invoice: invoice.settle_payment("pay_1", CHARGE, Declined("code", "No."), context()))
    assert failed == [events.InvoicePaymentFailed(payment_id="pay_1", code="code", method_id=VISA.id, failed_at=AT)]
    assert (declined().status, declined().pending_payment, declined().amount_due) == (InvoiceStatus.OPEN, None, TOTAL)


def test_a_late_answer_to_the_charge_does_not_stop_the_confirmation() -> None:
    assert recorded(confirming, lambda invoice: invoice.settle_payment("pay_1", CHARGE, ActionRequired(), context())) == []


@pytest.mark.parametrize("state", [drafted, opened, declined, paid, voided])
def test_an_answer_the_invoice_knows_changes_nothing(state: State) -> None:
    for outcome in (Succeeded("ref"), Declined("code", "No."), ActionRequired()):
        settle = recorded(state, lambda invoice, outcome=outcome: invoice.settle_payment("pay_1", CHARGE, outcome, context()))  # type: ignore[misc]
        assert settle == []


@pytest.mark.parametrize("state", [opened, declined, uncollectible])
def test_voiding_keeps_the_number(state: State) -> None:
    assert recorded(state, lambda invoice: invoice.void(" a mistake ", LATER)) == [
        events.InvoiceVoided(facts=SETTLED, reason="a mistake", voided_at=LATER.at)
    ]
    invoice = voided()
    assert (invoice.status, invoice.number, invoice.amount_due) == (InvoiceStatus.VOID, "INV-000001", NOTHING)


def test_voiding_again_changes_nothing() -> None:
    assert recorded(voided, lambda invoice: invoice.void("another reason", LATER)) == []


@pytest.mark.parametrize("state", [drafted, charging, waiting, confirming, canceling, paid, recovering])
def test_voiding_is_refused_otherwise(state: State) -> None:
    with pytest.raises(InvalidState):
        state().void("a mistake", context())


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_voiding_needs_a_reason(reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened().void(reason, context())
    assert refused.value.field == ("reason",)


def test_a_payment_is_for_the_whole_invoice() -> None:
    assert opened().payment_subject == PaymentSubject(
        invoice_id="inv_1", customer_id="cus_1", plan_subscription_id="psub_1", period_number=0, amount=TOTAL
    )


@pytest.mark.parametrize("state", STATES)
def test_replay_of_the_stored_events_equals_the_live_invoice(state: State) -> None:
    invoice = state()
    stored = [Invoice.codec.encode(event) for event in invoice.unsaved]
    replayed = Invoice.replay("inv_1", "acme", [(AT, [Invoice.codec.decode(*event) for event in stored])])
    invoice.saved(AT)
    assert vars(replayed) == vars(invoice)
