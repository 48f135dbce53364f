"""Subscriptions whose invoices are sent, and paid until they are due."""

from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.kit.domain.errors import InvalidState
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, Terms
from tests.testkit.memory import context
from tests.testkit.subscribing import TEAM

S = PlanSubscriptionStatus
APRIL, MAY, JUNE = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 5, 6))
TERMS = Terms(price=TEAM, quantity=1)


def sent(days: int | None = 45, **more: datetime) -> PlanSubscription:
    return PlanSubscription.start("psub_1", "cus_1", TERMS, "UTC", context(at=APRIL), days_until_due=days, **more)


def test_it_is_active_at_once_and_its_first_period_waits_to_be_paid() -> None:
    subscription = sent()
    assert (subscription.status, subscription.activated_at, subscription.ever_active) == (S.ACTIVE, APRIL, True)
    assert (subscription.paid_through, subscription.sent_numbers, subscription.due_at) == (-1, {0}, MAY)
    for _ in range(2):
        subscription.period_paid(0, context(at=MAY))
    assert (subscription.paid_through, subscription.sent_numbers) == (0, frozenset())
    kinds = [type(event).__name__ for event in subscription.unsaved]
    assert kinds == ["PlanSubscriptionStarted", "BillingPeriodOpened", "PlanSubscriptionActivated", "BillingPeriodPaid"]


def test_a_start_that_lies_ahead_is_active_when_it_has_come() -> None:
    subscription = sent(starts_at=MAY)
    assert (subscription.status, subscription.ever_active) == (S.SCHEDULED, False)
    subscription.renew(MAY)
    assert (subscription.status, subscription.activated_at) == (S.ACTIVE, MAY)


def test_a_payment_that_fails_before_it_is_due_changes_nothing() -> None:
    subscription = sent()
    subscription.payment_failed(0, "card_declined")
    assert subscription.status is S.ACTIVE
    subscription.payment_overdue(0)
    assert (subscription.status, subscription.past_due_reason) == (S.PAST_DUE, "overdue")


def test_an_older_invoice_is_overdue_though_a_newer_one_is_paid() -> None:
    subscription = sent()
    subscription.renew(MAY)
    subscription.period_paid(1, context(at=MAY))
    subscription.payment_overdue(1)
    assert subscription.status is S.ACTIVE
    subscription.payment_overdue(0)
    assert subscription.status is S.PAST_DUE
    subscription.period_paid(0, context(at=JUNE))
    assert subscription.status is S.ACTIVE
    subscription.payment_overdue(0)  # told again
    assert subscription.status is S.ACTIVE


def test_what_is_billed_tells_the_term_that_counts_then() -> None:
    subscription = sent(None)
    subscription.period_paid(0, context(at=APRIL))
    subscription.set_collection(14, context(at=APRIL + timedelta(days=1)))
    subscription.renew(MAY)
    subscription.set_collection(None, context(at=MAY))
    subscription.set_collection(None, context(at=MAY))
    subscription.renew(JUNE)
    opened = [event for event in subscription.unsaved if isinstance(event, events.BillingPeriodOpened)]
    assert [event.days_until_due for event in opened] == [None, 14, None]
    assert len([event for event in subscription.unsaved if isinstance(event, events.CollectionSet)]) == 2
    subscription.payment_failed(1, "card_declined")  # that one was sent
    assert subscription.status is S.ACTIVE
    subscription.payment_failed(2, "card_declined")
    assert subscription.status is S.PAST_DUE


def test_what_waits_for_its_first_payment_or_has_ended_is_not_collected_otherwise() -> None:
    subscription = sent(None)
    with pytest.raises(InvalidState, match="PENDING: its first invoice is to be paid before"):
        subscription.set_collection(30, context(at=APRIL))
    subscription.cancel(None, context(at=APRIL))
    with pytest.raises(InvalidState, match="CANCELED, which is final"):
        subscription.set_collection(30, context(at=APRIL))


def test_events_of_before_are_charged_automatically() -> None:
    started = PlanSubscription.codec.encode(sent(None).unsaved[0])
    data = {name: value for name, value in started[1].items() if name != "days_until_due"}
    [event] = [PlanSubscription.codec.decode(started[0], data)]
    assert isinstance(event, events.PlanSubscriptionStarted)
    assert event.days_until_due is None
