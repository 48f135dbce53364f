"""When usage has to have happened to be on an invoice that is still to come."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.usage_windows import usage_windows
from subgraphs.subscription.domain.values import Terms
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import subscribed_price

PER_CALL = subscribed_price(model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("0.01"), meter_id="mtr_1")
CALLS = Terms(price=PER_CALL, quantity=1)
FLAT = Terms(price=subscribed_price(price_id="price_flat"), quantity=1)
DAY = timedelta(days=1)
# Periods run from January 31.
FEBRUARY, MARCH = (datetime.fromisoformat(f"2026-{day}T12:00:00.123+00:00") for day in ("02-28", "03-31"))


def begun(*, trial_end: datetime | None = None, starts_at: datetime | None = None) -> PlanSubscription:
    made = PlanSubscription.start("psub_1", "cus_1", CALLS, "UTC", context(), trial_end=trial_end, starts_at=starts_at)
    if trial_end is None and starts_at is None:
        made.period_paid(0, context())
    return made


def windows(subscription: PlanSubscription) -> list[tuple[str, datetime, datetime | None]]:
    return [(one.meter_id, one.start, one.end) for one in usage_windows(subscription)]


def test_usage_of_the_period_and_of_those_to_come_is_billed() -> None:
    assert windows(begun()) == [("mtr_1", AT, None)]


def test_that_of_periods_that_are_looked_at_again_is_as_well() -> None:
    made = begun()
    made.renew(FEBRUARY)
    assert windows(made) == [("mtr_1", AT, None)]
    made.renew(MARCH)  # February ended 31 days ago
    assert windows(made) == [("mtr_1", AT, None)]
    made.renew(MARCH + 30 * DAY)  # now 61 days ago, and March 30
    assert windows(made) == [("mtr_1", FEBRUARY, None)]


def test_that_of_a_trial_is_not_nor_that_of_before_the_start() -> None:
    ends = AT + 10 * DAY
    assert windows(begun(trial_end=ends)) == [("mtr_1", ends, None)]
    assert windows(begun(starts_at=ends)) == [("mtr_1", ends, None)]


def test_a_pause_leaves_out_what_comes_after_the_period_that_was_paid_for() -> None:
    made = begun()
    made.pause(None, context(at=AT + DAY))
    assert windows(made) == [("mtr_1", AT, FEBRUARY)]
    for resumes_at, expected in (
        (FEBRUARY - DAY, [("mtr_1", AT, None)]),
        (MARCH, [("mtr_1", AT, FEBRUARY), ("mtr_1", MARCH, None)]),
    ):
        made = begun()
        made.pause(resumes_at, context(at=AT + DAY))
        assert windows(made) == expected


def test_what_is_scheduled_is_billed_from_and_until_then() -> None:
    made = begun()
    made.schedule_change(FLAT, context(at=AT + DAY), AT + 5 * DAY)
    assert windows(made) == [("mtr_1", AT, AT + 5 * DAY)]
    made = begun()
    made.schedule_cancellation(AT + 5 * DAY, context(at=AT + DAY))
    assert windows(made) == [("mtr_1", AT, AT + 5 * DAY)]


def test_nothing_is_billed_once_it_has_ended_or_ends_without_a_bill() -> None:
    made = begun()
    made.cancel(None, context(at=AT + DAY))
    assert windows(made) == []
    for waiting in (begun(), begun()):
        waiting.schedule_cancellation(None, context(at=AT + DAY))
        assert windows(waiting) == [("mtr_1", AT, FEBRUARY)]
    waiting.mark_unpaid("inv_1", context(at=AT + DAY))
    assert windows(waiting) == []


@pytest.mark.parametrize(("resumes_at", "billed"), [(None, False), (MARCH, False), (AT + 2 * DAY, True)])
def test_a_pause_that_outlasts_the_end_leaves_it_unbilled(resumes_at: datetime | None, billed: bool) -> None:
    made = begun()
    made.schedule_cancellation(None, context(at=AT + DAY))
    made.pause(resumes_at, context(at=AT + DAY))
    assert windows(made) == ([("mtr_1", AT, FEBRUARY)] if billed else [])
