"""What is given back when a subscription is canceled within a period that was billed."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from subgraphs.kit.domain.period import Period
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import Item, ProrationBehavior, Terms, UnusedCredit, UnusedTime
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

APRIL, MAY, HALF = (datetime(2026, month, day, tzinfo=UTC) for month, day in ((4, 1), (5, 1), (4, 16)))
CALLS = subscribed_price(
    price_id="calls", model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("0.01"), meter_id="mtr_1"
)
TERMS = Terms(price=subscribed_price(flat_amount_minor=3000), quantity=1, add_ons=(Item(price=CALLS, quantity=1),))


def active() -> PlanSubscription:
    subscription = PlanSubscription.start("psub_1", "cus_1", TERMS, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    return subscription


def credit(subscription: PlanSubscription, unused: UnusedTime, at: datetime = HALF) -> UnusedCredit | None:
    subscription.cancel(None, context(at=at), unused=unused)
    [event] = [event for event in subscription.unsaved if isinstance(event, events.PlanSubscriptionCanceled)]
    return event.credit


@pytest.mark.parametrize(
    ("unused", "given_back"),
    [
        (UnusedTime.KEEP, None),
        (UnusedTime.CREDIT, UnusedCredit(period_number=0, amount_minor=1500, refund=False)),
        (UnusedTime.REFUND, UnusedCredit(period_number=0, amount_minor=1500, refund=True)),
    ],
)
def test_the_rest_of_the_period_is_kept_or_given_back(unused: UnusedTime, given_back: UnusedCredit | None) -> None:
    assert credit(active(), unused) == given_back  # 30.00 × 15/30


def test_what_is_pending_counts() -> None:
    upgraded = active()
    bigger = replace(TERMS, price=subscribed_price(price_id="big", flat_amount_minor=6000))
    upgraded.change(bigger, ProrationBehavior.CREATE, context(at=HALF))
    # 60.00 × 15/30 of the bigger one, of which 15.00 more was never billed
    assert credit(upgraded, UnusedTime.CREDIT) == UnusedCredit(period_number=0, amount_minor=1500, refund=False)


def test_nothing_is_given_back_for_a_period_that_is_over_or_a_trial() -> None:
    assert credit(active(), UnusedTime.CREDIT, MAY) is None
    trialing = PlanSubscription.start("psub_1", "cus_1", TERMS, "UTC", context(at=APRIL), trial_end=MAY)
    assert credit(trialing, UnusedTime.CREDIT) is None


def test_the_last_usage_is_billed_or_not() -> None:
    for bill_usage in (True, False):
        subscription = active()
        used = {("calls", Period(APRIL, HALF)): Decimal(500)}
        subscription.cancel(None, context(at=HALF), used=used, bill_usage=bill_usage)
        assert any(isinstance(event, events.UsageBilled) for event in subscription.unsaved) is bill_usage
