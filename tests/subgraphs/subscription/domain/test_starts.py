"""When a subscription begins, and where its periods are counted from."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.subscription.domain.anchors import calendar_anchor
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.events import BillingPeriodOpened
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, ProrationBehavior, Terms
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

MONTH, WEEK = Interval(IntervalUnit.MONTH), Interval(IntervalUnit.WEEK)
UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def terms(minor: int = 5000, quantity: int = 1) -> Terms:
    return Terms(price=subscribed_price(flat_amount_minor=minor), quantity=quantity)


def start(minor: int, now: str, *, starts_at: str | None = None, billing_day: int | None = None) -> PlanSubscription:
    at, begins = day(now), day(starts_at or now)
    anchor = calendar_anchor(begins, MONTH, billing_day, UTC_ZONE) if billing_day else None
    return PlanSubscription.start("psub_1", "cus_1", terms(minor), "UTC", context(at=at), starts_at=begins, anchor=anchor)


def totals(subscription: PlanSubscription) -> list[int]:
    return [bill.total.minor_units for event in subscription.unsaved if (bill := bill_of(event)) is not None]


def periods(subscription: PlanSubscription) -> Sequence[tuple[str, str]]:
    opened = [event for event in subscription.unsaved if isinstance(event, BillingPeriodOpened)]
    return [(f"{event.start:%m-%d}", f"{event.end:%m-%d}") for event in opened]


def caught_up(subscription: PlanSubscription, now: str) -> PlanSubscription:
    subscription.period_paid(0, context(at=day(now)))
    while (due := subscription.due_at) is not None and due <= day(now):
        subscription.renew(day(now))
    return subscription


def test_w6_a_backdated_start_bills_its_part_of_the_calendar_period() -> None:
    # February 15 to March 1 is 14 of 28 days; January 15 to February 1 is 17 of 31
    assert totals(start(10_000, "2026-02-20", starts_at="2026-02-15", billing_day=1)) == [5000]
    assert totals(start(10_000, "2026-01-20", starts_at="2026-01-15", billing_day=1)) == [5484]


def test_w8_a_first_calendar_period_is_billed_in_proportion() -> None:
    assert totals(start(5000, "2026-08-10", billing_day=1)) == [3548]  # 50.00 × 22/31


def test_a_backdated_start_is_billed_period_by_period_up_to_now() -> None:
    subscription = caught_up(start(1000, "2026-04-20", starts_at="2026-01-31"), "2026-04-20")
    assert periods(subscription) == [("01-31", "02-28"), ("02-28", "03-31"), ("03-31", "04-30")]
    assert totals(subscription) == [1000] * 3
    assert (subscription.started_at, subscription.status) == (day("2026-01-31"), PlanSubscriptionStatus.ACTIVE)


def test_a_backdated_start_has_23_hours_from_when_it_was_told() -> None:
    subscription = start(1000, "2026-04-20", starts_at="2026-01-31")
    subscription.payment_failed(0, "card_declined")
    assert subscription.due_at == day("2026-04-20") + timedelta(hours=23)


def test_periods_are_clamped_from_the_billing_day() -> None:
    subscription = caught_up(start(3000, "2026-01-20", billing_day=31), "2026-05-01")
    assert periods(subscription) == [
        ("01-20", "01-31"),
        ("01-31", "02-28"),
        ("02-28", "03-31"),
        ("03-31", "04-30"),
        ("04-30", "05-31"),
    ]
    assert totals(subscription) == [1065, 3000, 3000, 3000, 3000]  # 30.00 × 11/31


def test_a_later_start_is_scheduled_until_then() -> None:
    subscription = start(5000, "2026-01-10", starts_at="2026-02-01")
    assert (subscription.status, subscription.due_at, totals(subscription)) == (
        PlanSubscriptionStatus.SCHEDULED,
        day("2026-02-01"),
        [],
    )
    with pytest.raises(InvalidState, match="SCHEDULED"):
        subscription.pause(None, context(at=day("2026-01-11")))
    subscription.renew(day("2026-02-01"))
    assert (subscription.status, periods(subscription)) == (PlanSubscriptionStatus.PENDING, [("02-01", "03-01")])


def test_a_later_start_can_be_called_off() -> None:
    subscription = start(5000, "2026-01-10", starts_at="2026-02-01")
    subscription.cancel(None, context(at=day("2026-01-11")))
    assert (subscription.status, totals(subscription)) == (PlanSubscriptionStatus.CANCELED, [])


def test_a_trial_is_followed_by_the_rest_of_the_calendar_period() -> None:
    at, end = day("2026-01-05"), day("2026-01-15")
    anchor = calendar_anchor(end, MONTH, 1, UTC_ZONE)
    subscription = PlanSubscription.start("psub_1", "cus_1", terms(3100), "UTC", context(at=at), trial_end=end, anchor=anchor)
    assert (subscription.trial_end, subscription.started_at, subscription.due_at) == (end, at, end)
    subscription.renew(end)
    assert (periods(subscription), totals(subscription)) == ([("01-15", "02-01")], [1700])  # 31.00 × 17/31


def test_a_change_on_a_date_prorates_from_there() -> None:
    subscription = start(3000, "2026-04-01")
    subscription.period_paid(0, context(at=day("2026-04-01")))
    subscription.schedule_change(terms(6000), context(at=day("2026-04-02")), day("2026-04-16"), ProrationBehavior.INVOICE_NOW)
    assert subscription.due_at == day("2026-04-16")
    subscription.saved(day("2026-04-02"))
    subscription.renew(day("2026-04-16"))
    assert (totals(subscription), subscription.terms.amount.minor_units, subscription.scheduled) == ([1500], 6000, None)
    assert subscription.due_at == day("2026-05-01")


def test_a_change_on_a_date_in_a_later_period_waits() -> None:
    subscription = start(3000, "2026-04-01")
    subscription.period_paid(0, context(at=day("2026-04-01")))
    subscription.schedule_change(terms(6000), context(at=day("2026-04-02")), day("2026-05-16"), ProrationBehavior.CREATE)
    subscription.renew(day("2026-05-01"))
    assert (totals(subscription), subscription.due_at) == ([3000, 3000], day("2026-05-16"))
    subscription.renew(day("2026-05-16"))
    subscription.renew(day("2026-06-01"))
    # 60.00 for June; of May −30.00 × 16/31 and +60.00 × 16/31
    assert totals(subscription)[-1] == 6000 - 1548 + 3097
    with pytest.raises(InvalidInput, match="lies ahead"):
        subscription.schedule_change(terms(1), context(at=day("2026-06-02")), day("2026-06-02"))


@pytest.mark.parametrize(
    ("at", "interval", "wanted", "zone", "anchor"),
    [
        ("2026-03-10", MONTH, 1, UTC_ZONE, "2026-03-01T00:00:00+00:00"),
        ("2026-03-10", MONTH, 31, UTC_ZONE, "2026-01-31T00:00:00+00:00"),
        ("2026-03-10", MONTH, 10, UTC_ZONE, "2026-03-10T00:00:00+00:00"),
        ("2026-03-10", WEEK, 1, UTC_ZONE, "2026-03-09T00:00:00+00:00"),
        ("2026-03-10", Interval(IntervalUnit.YEAR), 15, UTC_ZONE, "2026-02-15T00:00:00+00:00"),
        ("2026-03-31T22:30", MONTH, 1, BERLIN, "2026-03-31T22:00:00+00:00"),  # it is April 1 there
    ],
)
def test_calendar_anchors(at: str, interval: Interval, wanted: int, zone: ZoneInfo, anchor: str) -> None:
    assert calendar_anchor(day(at), interval, wanted, zone) == datetime.fromisoformat(anchor)


@pytest.mark.parametrize(("interval", "wanted"), [(MONTH, 0), (MONTH, 32), (WEEK, 8), (Interval(IntervalUnit.DAY), 1)])
def test_days_that_an_interval_does_not_have_are_refused(interval: Interval, wanted: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        calendar_anchor(day("2026-03-10"), interval, wanted, UTC_ZONE)
    assert refused.value.field == ("billingDay",)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.integers(1, 31), st.sampled_from([UTC_ZONE, BERLIN]))
def test_the_first_period_ends_on_the_billing_day(at: datetime, wanted: int, zone: ZoneInfo) -> None:
    begins = at.replace(tzinfo=UTC)
    anchor = calendar_anchor(begins, MONTH, wanted, zone)
    assert anchor <= begins
    subscription = PlanSubscription.start("psub_1", "cus_1", terms(), zone.key, context(at=begins), anchor=anchor)
    end = subscription.period.end.astimezone(zone)
    following = end + timedelta(days=1)
    assert end.day == wanted or (end.day < wanted and following.day == 1)
    assert begins < subscription.period.end
