"""The payment's rules."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from subgraphs.invoice.domain import events
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.payment_provider import ActionRequired, Declined, PaymentOutcome, Succeeded
from subgraphs.invoice.domain.values import PaymentStatus, PaymentSubject
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money
from tests.testkit.billing import TOTAL_MINOR, VISA
from tests.testkit.memory import AT, context

SUBJECT = PaymentSubject(
    invoice_id="inv_1", customer_id="cus_1", plan_subscription_id="psub_1", period_number=0, amount=Money(TOTAL_MINOR, "EUR")
)
LATER = context(at=AT + timedelta(hours=1))
SUCCESS, REFUSAL, ACTION = Succeeded("ref"), Declined("card_declined", "No."), ActionRequired()
SUCCEEDED = events.PaymentSucceeded(subject=SUBJECT, reference="ref", settled_at=LATER.at)
FAILED = events.PaymentFailed(subject=SUBJECT, code="card_declined", message="No.", settled_at=LATER.at)


def processing() -> Payment:
    return Payment.start("pay_1", SUBJECT, VISA, context())


def settled_as(outcome: PaymentOutcome) -> Callable[[], Payment]:
    def settled() -> Payment:
        payment = processing()
        payment.settle(outcome, LATER)
        return payment

    return settled


waiting, succeeded, failed = settled_as(ACTION), settled_as(SUCCESS), settled_as(REFUSAL)


def test_a_payment_starts_before_the_provider_is_asked() -> None:
    payment = processing()
    assert payment.unsaved == (events.PaymentStarted(subject=SUBJECT, method=VISA, started_at=AT),)
    assert (payment.status, payment.outcome, payment.settled_at) == (PaymentStatus.PROCESSING, None, None)


@pytest.mark.parametrize(
    ("state", "outcome", "recorded", "status"),
    [
        (processing, SUCCESS, [SUCCEEDED], PaymentStatus.SUCCEEDED),
        (processing, REFUSAL, [FAILED], PaymentStatus.FAILED),
        (processing, ACTION, [events.PaymentActionRequired(subject=SUBJECT)], PaymentStatus.ACTION_REQUIRED),
        (waiting, SUCCESS, [SUCCEEDED], PaymentStatus.SUCCEEDED),
        (waiting, REFUSAL, [FAILED], PaymentStatus.FAILED),
        (waiting, ACTION, [], PaymentStatus.ACTION_REQUIRED),
        (succeeded, SUCCESS, [], PaymentStatus.SUCCEEDED),
        (succeeded, REFUSAL, [], PaymentStatus.SUCCEEDED),
        (succeeded, ACTION, [], PaymentStatus.SUCCEEDED),
        (failed, SUCCESS, [], PaymentStatus.FAILED),
        (failed, REFUSAL, [], PaymentStatus.FAILED),
        (failed, ACTION, [], PaymentStatus.FAILED),
    ],
)
def test_what_the_provider_says_in_every_state(
    state: Callable[[], Payment], outcome: PaymentOutcome, recorded: list[Event], status: PaymentStatus
) -> None:
    payment = state()
    before = len(payment.unsaved)
    payment.settle(outcome, LATER)
    assert (list(payment.unsaved[before:]), payment.status) == (recorded, status)


@pytest.mark.parametrize("state", [processing, waiting, succeeded, failed])
def test_replay_of_the_stored_events_equals_the_live_payment(state: Callable[[], Payment]) -> None:
    payment = state()
    stored = [Payment.codec.encode(event) for event in payment.unsaved]
    replayed = Payment.replay("pay_1", "acme", [(AT, [Payment.codec.decode(*event) for event in stored])])
    payment.saved(AT)
    assert vars(replayed) == vars(payment)


def refunds(payment: Payment) -> list[tuple[str | None, int]]:
    return [
        (event.credit_note_id, event.amount.minor_units) for event in payment.unsaved if isinstance(event, events.PaymentRefunded)
    ]


def test_a_refund_by_a_credit_note_is_noted_once() -> None:
    payment = succeeded()
    for _ in range(2):
        payment.note_refund("cn_1", Money(1900, "EUR"), LATER)
    payment.note_refund("cn_2", Money(0, "EUR"), LATER)
    assert (refunds(payment), payment.refunded) == ([("cn_1", 1900)], Money(1900, "EUR"))


def test_what_the_provider_refunded_beyond_credit_notes_was_refunded_there() -> None:
    payment = succeeded()
    payment.note_refund("cn_1", Money(1900, "EUR"), LATER)
    for told in (1900, 2500, 2400):  # 25.00 - 19.00 = 6.00; a lower sum is an older one that comes late
        payment.note_refunded_in_all(Money(told, "EUR"), LATER)
    assert (refunds(payment), payment.refunded) == ([("cn_1", 1900), (None, 600)], Money(2500, "EUR"))


@pytest.mark.parametrize("state", [processing, waiting, failed])
def test_what_did_not_succeed_is_not_refunded(state: Callable[[], Payment]) -> None:
    payment = state()
    payment.note_refunded_in_all(Money(1900, "EUR"), LATER)
    assert refunds(payment) == []
