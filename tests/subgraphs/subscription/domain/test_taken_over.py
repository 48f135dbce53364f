"""What another billing system has billed is not billed again, and the next period is billed exactly where it begins."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.period import Interval, IntervalUnit, boundary
from subgraphs.pricing.charge import ChargeDetails
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.events import BillingPeriodOpened
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import (
    Discount,
    Item,
    Pause,
    PlanSubscriptionStatus,
    ProrationBehavior,
    Terms,
    UnusedTime,
)
from subgraphs.subscription.published import bill_of_event
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

ACTIVE, CANCELED, PAUSED = PlanSubscriptionStatus.ACTIVE, PlanSubscriptionStatus.CANCELED, PlanSubscriptionStatus.PAUSED
TRIALING = PlanSubscriptionStatus.TRIALING
SEATS = subscribed_price(price_id="price_seats", model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("12.50"))


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def taken_over(now: str, through: str | None, *, terms: Terms | None = None, zone: str = "UTC", **more: Any) -> PlanSubscription:
    """Return a subscription that began on January 31 of 2024."""
    return PlanSubscription.start(
        "psub_1",
        "cus_1",
        terms or Terms(price=subscribed_price(flat_amount_minor=3100), quantity=1),
        zone,
        context(at=day(now)),
        **{
            "starts_at": day("2024-01-31"),
            "anchor": day("2024-01-31"),
            "paid_through": day(through) if through else None,
            **more,
        },
    )


def renewed(subscription: PlanSubscription, now: str) -> PlanSubscription:
    while (due := subscription.due_at) is not None and due <= day(now):
        subscription.renew(day(now))
    return subscription


def bills(subscription: PlanSubscription) -> list[tuple[str, int]]:
    """Return what was billed: from when, and how much."""
    opened = [event for event in subscription.unsaved if isinstance(event, BillingPeriodOpened)]
    return [(f"{event.start:%m-%d}", bill.total.minor_units) for event in opened if (bill := bill_of(event))]


def test_a_period_billed_elsewhere_is_active_and_not_billed() -> None:
    subscription = taken_over("2026-02-10", "2026-02-28")
    assert (subscription.status, bills(subscription)) == (ACTIVE, [])
    assert (subscription.period.start, subscription.due_at) == (day("2026-01-31"), day("2026-02-28"))
    assert (subscription.started_at, subscription.activated_at) == (day("2024-01-31"), day("2024-01-31"))
    assert subscription.ever_active


def test_the_next_periods_are_billed_from_the_31st_and_clamped_from_it() -> None:
    subscription = renewed(taken_over("2026-02-10", "2026-02-28"), "2026-05-01")
    assert bills(subscription) == [("02-28", 3100), ("03-31", 3100), ("04-30", 3100)]
    assert subscription.period.end == day("2026-05-31")


def test_only_an_opened_period_makes_an_invoice() -> None:
    subscription = renewed(taken_over("2026-02-10", "2026-02-28"), "2026-02-28")
    [opened] = [event for event in subscription.unsaved if isinstance(event, BillingPeriodOpened)]
    told = bill_of_event("psub_1", opened)
    assert (told["type"], told["data"]["periodNumber"], told["data"]["share"]) == ("billing-period-opened.v1", 1, None)


def test_quantity_and_add_ons_are_billed_as_they_were() -> None:
    add_on = subscribed_price(price_id="price_support", flat_amount_minor=500)
    terms = Terms(price=SEATS, quantity=4, add_ons=(Item(price=add_on, quantity=1),))
    # 4 × 12.50 + 5.00
    assert bills(renewed(taken_over("2026-02-10", "2026-02-28", terms=terms), "2026-03-01")) == [("02-28", 5500)]


def test_what_was_paid_through_is_over_is_billed_at_once_up_to_now() -> None:
    subscription = renewed(taken_over("2026-04-10", "2026-02-28"), "2026-04-10")
    assert bills(subscription) == [("02-28", 3100), ("03-31", 3100)]


def test_what_ends_within_a_period_is_followed_by_the_rest_of_it() -> None:
    subscription = taken_over("2026-03-02", "2026-03-16", anchor=day("2026-03-01"))
    assert subscription.period.end == day("2026-03-16")
    # 31.00 × 16/31, from the 16th to the 31st
    assert bills(renewed(subscription, "2026-04-01")) == [("03-16", 1600), ("04-01", 3100)]


def test_an_anchor_that_lies_ahead_is_counted_back_from() -> None:
    subscription = taken_over("2026-03-02", "2026-03-20", anchor=day("2026-03-20"), starts_at=day("2026-03-01"))
    assert subscription.period.start == day("2026-03-01")
    assert bills(renewed(subscription, "2026-03-20")) == [("03-20", 3100)]


def test_the_customers_wall_clock_counts() -> None:
    # midnight of the 1st in Berlin is 23:00 UTC in winter and 22:00 in summer
    anchor = day("2026-01-31T23:00")
    subscription = taken_over(
        "2026-03-10", "2026-03-31T22:00", zone="Europe/Berlin", anchor=anchor, starts_at=day("2026-01-31T23:00")
    )
    renewed(subscription, "2026-04-10")
    assert bills(subscription) == [("03-31", 3100)]
    assert subscription.period.end == day("2026-04-30T22:00")


def test_a_cancellation_at_the_end_of_the_period_is_kept_and_nothing_is_billed() -> None:
    subscription = taken_over("2026-02-10", "2026-02-28", cancel_at=day("2026-02-28"))
    assert (subscription.status, subscription.cancel_at) == (ACTIVE, day("2026-02-28"))
    renewed(subscription, "2026-06-01")
    assert (subscription.status, subscription.canceled_at, bills(subscription)) == (CANCELED, day("2026-02-28"), [])


def test_a_cancellation_can_be_undone_before() -> None:
    subscription = taken_over("2026-02-10", "2026-02-28", cancel_at=day("2026-02-28"))
    subscription.unschedule_cancellation()
    assert bills(renewed(subscription, "2026-02-28")) == [("02-28", 3100)]


def test_a_pause_is_kept_and_bills_nothing_until_it_ends() -> None:
    subscription = taken_over("2026-02-10", "2026-02-28", pause=Pause(day("2026-03-16")))
    assert (subscription.status, subscription.due_at) == (PAUSED, day("2026-03-16"))
    # within February 28 to March 31, of which 15 of 31 days are left
    assert bills(renewed(subscription, "2026-03-16")) == [("03-16", 1500)]
    assert subscription.status is ACTIVE


def test_a_pause_within_the_paid_period_goes_on_unbilled_and_an_endless_one_is_never_due() -> None:
    subscription = taken_over("2026-02-10", "2026-02-28", pause=Pause())
    assert (subscription.status, subscription.due_at) == (PAUSED, None)
    subscription.resume(context(at=day("2026-02-20")))
    assert (subscription.status, subscription.due_at, bills(subscription)) == (ACTIVE, day("2026-02-28"), [])


def test_a_trial_is_kept_with_the_anchor_at_its_end() -> None:
    end = day("2026-03-31T09:30")
    subscription = taken_over("2026-03-20", None, starts_at=day("2026-03-17T09:30"), trial_end=end, anchor=end)
    assert (subscription.status, subscription.trial_end, subscription.due_at) == (TRIALING, end, end)
    subscription.renew(end)
    subscription.period_paid(0, context(at=end))
    assert bills(renewed(subscription, "2026-04-30T09:30")) == [("03-31", 3100), ("04-30", 3100)]


def test_a_paused_trial_goes_on_to_its_end() -> None:
    end = day("2026-03-31")
    subscription = taken_over(
        "2026-03-20", None, starts_at=day("2026-03-17"), trial_end=end, anchor=end, pause=Pause(day("2026-03-25"))
    )
    assert subscription.status is PAUSED
    renewed(subscription, "2026-03-25")
    assert (subscription.status, subscription.due_at, bills(subscription)) == (TRIALING, end, [])


def test_a_change_within_the_period_gives_back_what_was_paid_elsewhere() -> None:
    # February 1 to March 1, changed on the 15th: 14 of 28 days are left; −28.00 × 14/28 + 56.00 × 14/28
    terms = [Terms(price=subscribed_price(flat_amount_minor=minor), quantity=1) for minor in (2800, 5600)]
    subscription = taken_over("2026-02-10", "2026-03-01", terms=terms[0], anchor=day("2026-02-01"))
    subscription.change(terms[1], ProrationBehavior.CREATE, context(at=day("2026-02-15")))
    assert [adjustment.amount_minor for adjustment in subscription.pending] == [-1400, 2800]
    assert bills(renewed(subscription, "2026-03-01")) == [("03-01", 5600 + 1400)]


def test_a_change_in_a_part_of_a_period_counts_the_whole_one() -> None:
    # paid from March 1 to the 17th, changed on the 9th: 8 of 31 days are left of what was paid
    terms = [Terms(price=subscribed_price(flat_amount_minor=minor), quantity=1) for minor in (3100, 6200)]
    subscription = taken_over("2026-03-02", "2026-03-17", terms=terms[0], anchor=day("2026-03-01"))
    subscription.change(terms[1], ProrationBehavior.CREATE, context(at=day("2026-03-09")))
    assert [adjustment.amount_minor for adjustment in subscription.pending] == [-800, 1600]


def test_a_change_gives_back_what_the_discount_left_of_the_price_and_its_uses_count_from_here() -> None:
    # half of −28.00 × 14/28 and of +56.00 × 14/28; then half of 56.00 once, and all of it
    terms = [Terms(price=subscribed_price(flat_amount_minor=minor), quantity=1) for minor in (2800, 5600)]
    half = Discount(
        id="dis_1",
        coupon_id="cou_1",
        promotion_code_id=None,
        name="Half",
        percent_off=Decimal(50),
        amount_off=None,
        periods=1,
        plan_ids=(),
        added_at=day("2026-02-10"),
    )
    subscription = taken_over("2026-02-10", "2026-03-01", terms=terms[0], anchor=day("2026-02-01"), discount=half)
    subscription.change(terms[1], ProrationBehavior.CREATE, context(at=day("2026-02-15")))
    assert [adjustment.amount_minor for adjustment in subscription.pending] == [-700, 1400]
    assert bills(renewed(subscription, "2026-04-01")) == [("03-01", 2800 + 700), ("04-01", 5600)]


def in_arrears(minor: int, **more: Any) -> Terms:
    details = ChargeDetails(in_arrears=True)
    return Terms(price=subscribed_price(price_id=f"price_{minor}", flat_amount_minor=minor, details=details, **more), quantity=1)


def test_a_price_in_arrears_is_billed_from_what_was_paid_through() -> None:
    subscription = taken_over("2026-03-02", "2026-03-17", terms=in_arrears(3100), anchor=day("2026-03-01"))
    # March 1 to 17 was billed elsewhere; 31.00 × 15/31 comes in April, 31.00 in May
    assert bills(renewed(subscription, "2026-05-01")) == [("03-17", 0), ("04-01", 1500), ("05-01", 3100)]
    ended = taken_over("2026-03-02", "2026-03-17", terms=in_arrears(3100), anchor=day("2026-03-01"))
    ended.cancel(None, context(at=day("2026-03-10")))
    assert [bill_of(event) for event in ended.unsaved if bill_of(event)] == []


def test_a_change_of_a_price_in_arrears_gives_back_what_was_paid_elsewhere() -> None:
    subscription = taken_over("2026-03-02", "2026-04-01", terms=in_arrears(3100), anchor=day("2026-03-01"))
    subscription.change(in_arrears(6200), ProrationBehavior.CREATE, context(at=day("2026-03-17")))
    # −31.00 × 15/31 and 62.00 × 15/31
    assert bills(renewed(subscription, "2026-05-01")) == [("04-01", 3000 - 1500), ("05-01", 6200)]
    yearly = taken_over("2026-03-02", "2026-04-01", terms=in_arrears(3100), anchor=day("2026-03-01"))
    yearly.change(
        Terms(
            price=subscribed_price(price_id="year", flat_amount_minor=20_000, interval=Interval(IntervalUnit.YEAR)), quantity=1
        ),
        ProrationBehavior.CREATE,
        context(at=day("2026-03-17")),
    )
    assert bills(yearly) == [("03-17", 20_000 - 1500)]


@pytest.mark.parametrize("unused", [UnusedTime.CREDIT, UnusedTime.REFUND])
def test_what_was_billed_elsewhere_is_not_given_back_here(unused: UnusedTime) -> None:
    subscription = taken_over("2026-02-10", "2026-02-28")
    with pytest.raises(InvalidState, match="billed elsewhere"):
        subscription.cancel(None, context(at=day("2026-02-11")), unused=unused)
    renewed(subscription, "2026-02-28")
    subscription.cancel(None, context(at=day("2026-03-01")), unused=unused)
    assert subscription.status is CANCELED


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"paid_through": day("2024-01-31")}, ("paidThrough",)),
        ({"paid_through": day("2026-03-01")}, ("paidThrough",)),  # the period of February 10 ends on the 28th
        ({"starts_at": day("2026-02-11"), "paid_through": day("2026-02-28")}, ("paidThrough",)),
        ({"trial_end": day("2026-02-20")}, ("paidThrough",)),
        ({"cancel_at": day("2026-02-10")}, ("cancelAt",)),
        ({"pause": Pause(day("2026-02-10"))}, ("pause", "resumesAt")),
        ({"paid_through": None, "pause": Pause()}, ("pause",)),
        ({"external_id": ""}, ("externalId",)),
        ({"external_id": "x" * 201}, ("externalId",)),
    ],
)
def test_what_does_not_fit_together_is_refused(more: dict[str, Any], field: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        taken_over("2026-02-10", "2026-02-28", **more)
    assert refused.value.field == field


def test_a_subscription_that_begins_here_can_have_an_end_and_an_id() -> None:
    subscription = PlanSubscription.start(
        "psub_1",
        "cus_1",
        Terms(price=subscribed_price(), quantity=1),
        "UTC",
        context(at=day("2026-02-10")),
        cancel_at=day("2026-04-10"),
        external_id="sub_1",
    )
    subscription.period_paid(0, context(at=day("2026-02-10")))
    renewed(subscription, "2026-05-01")
    assert (bills(subscription), subscription.canceled_at) == ([("02-10", 1900), ("03-10", 1900)], day("2026-04-10"))
    assert subscription.started.external_id == "sub_1"


STATE = (
    "started",
    "status",
    "anchor",
    "index",
    "period_number",
    "period",
    "paid_through",
    "billed_terms",
    "due_at",
    "activated_at",
)
UNITS = st.sampled_from([Interval(IntervalUnit.MONTH), Interval(IntervalUnit.YEAR), Interval(IntervalUnit.WEEK, 2)])


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2024, 12, 31)), UNITS, st.integers(1, 40), st.sampled_from(["UTC", "Asia/Tokyo"])
)
def test_periods_go_on_from_where_the_other_system_ended(at: datetime, interval: Interval, number: int, zone: str) -> None:
    anchor = at.replace(tzinfo=UTC, microsecond=0)
    terms = Terms(price=subscribed_price(interval=interval), quantity=1)
    origin = PlanSubscription.start("psub_0", "cus_1", terms, zone, context(at=anchor))
    ends = [boundary(anchor, interval, index, origin.zone) for index in range(number, number + 4)]
    now = ends[0] - timedelta(hours=1)
    subscription = PlanSubscription.start(
        "psub_1", "cus_1", terms, zone, context(at=now), starts_at=anchor, anchor=anchor, paid_through=ends[0]
    )
    assert subscription.period.start == boundary(anchor, interval, number - 1, origin.zone)
    for _ in range(3):
        subscription.renew(ends[-1])
    opened = [event for event in subscription.unsaved if isinstance(event, BillingPeriodOpened)]
    assert [(event.number, event.start, event.end, event.share) for event in opened] == [
        (index + 1, start, end, None)
        for index, (start, end) in enumerate(zip(ends, [*ends[1:], subscription.period.end], strict=True))
    ][:3]
    codec = PlanSubscription.codec
    stored = [codec.decode(*codec.encode(event)) for event in subscription.unsaved]
    replayed = PlanSubscription.replay("psub_1", "acme", [(now, stored)])
    assert [getattr(replayed, name) for name in STATE] == [getattr(subscription, name) for name in STATE]
