"""Prices billed when a period has ended: whole periods, parts of them, changes within them, and the end."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.period import Interval, IntervalUnit, Period
from subgraphs.pricing.charge import ChargeDetails
from subgraphs.subscription.domain.anchors import calendar_anchor
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.events import PlanSubscriptionCanceled
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.schedule import Phase, ScheduleEnding
from subgraphs.subscription.domain.values import Item, PlanSubscriptionStatus, ProrationBehavior, Terms, UnusedTime
from tests.testkit.memory import context
from tests.testkit.subscribing import MONTH, subscribed_price

CREATE, INVOICE_NOW, NONE = ProrationBehavior.CREATE, ProrationBehavior.INVOICE_NOW, ProrationBehavior.NONE
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
HALF, MAY, JUNE = (datetime(2026, 4, 16, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
IN_ARREARS = ChargeDetails(in_arrears=True)


def terms(
    minor: int, quantity: int = 1, *add_ons: Item, interval: Interval = MONTH, details: ChargeDetails = IN_ARREARS
) -> Terms:
    price = subscribed_price(
        price_id=f"price_{minor}_{interval.unit}",
        plan_name=f"Plan {minor}",
        flat_amount_minor=minor,
        details=details,
        interval=interval,
    )
    return Terms(price=price, quantity=quantity, add_ons=add_ons)


HUNDRED, TWO_HUNDRED = terms(10_000), terms(20_000)


def active(subscribed: Terms = HUNDRED, at: datetime = APRIL, anchor: datetime | None = None) -> PlanSubscription:
    subscription = PlanSubscription.start("psub_1", "cus_1", subscribed, "UTC", context(at=at), anchor=anchor)
    subscription.period_paid(0, context(at=at))
    return subscription


def lines(subscription: PlanSubscription) -> list[list[tuple[str, Period, int]]]:
    bills = [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]
    return [[(line.description, line.period, line.amount.minor_units) for line in bill.lines] for bill in bills]


def totals(subscription: PlanSubscription) -> list[int]:
    return [sum(amount for _, _, amount in bill) for bill in lines(subscription)]


def test_nothing_is_billed_before_the_period_has_ended() -> None:
    subscription = active()
    assert (subscription.status, lines(subscription)) == (PlanSubscriptionStatus.ACTIVE, [[]])
    subscription.renew(MAY)
    subscription.renew(JUNE)
    assert lines(subscription)[1:] == [
        [("Plan 10000", Period(APRIL, MAY), 10_000)],
        [("Plan 10000", Period(MAY, JUNE), 10_000)],
    ]


def test_what_was_had_until_an_upgrade_and_from_then_on() -> None:
    """W9: https://getlago.com/docs/guide/subscriptions/upgrades-downgrades."""
    january, february = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    change = datetime(2026, 1, 15, tzinfo=UTC)
    subscription = active(at=january)
    subscription.change(TWO_HUNDRED, CREATE, context(at=change))
    subscription.renew(february)
    # 100.00 × 14/31 = 45.16; 200.00 × 17/31 = 109.68
    assert lines(subscription)[-1] == [
        ("Plan 20000", Period(change, february), 10_968),
        ("Used time of Plan 10000", Period(january, change), 4_516),
    ]


def test_the_first_period_is_billed_in_proportion_when_it_has_ended() -> None:
    begins, first = datetime(2026, 8, 10, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    subscription = active(terms(5_000), begins, calendar_anchor(begins, MONTH, 1, ZoneInfo("UTC")))
    subscription.renew(first)
    assert lines(subscription)[-1] == [("Plan 5000", Period(begins, first), 3_548)]  # 50.00 × 22/31


@pytest.mark.parametrize(
    ("proration", "expected"),
    [
        (CREATE, [0, 15_000]),  # 100.00 × 15/30 + 200.00 × 15/30
        (INVOICE_NOW, [0, 5_000, 10_000]),
        (NONE, [0, 20_000]),  # what applies in the end counts for all of the period
    ],
)
def test_a_change_within_the_period(proration: ProrationBehavior, expected: list[int]) -> None:
    subscription = active()
    subscription.change(TWO_HUNDRED, proration, context(at=HALF))
    subscription.renew(MAY)
    assert totals(subscription) == expected


def test_without_proration_a_period_that_was_billed_in_advance_is_not_billed_in_arrears_too() -> None:
    in_advance = terms(10_000, details=ChargeDetails())
    subscription = active(in_advance)
    subscription.change(TWO_HUNDRED, NONE, context(at=HALF))
    subscription.renew(MAY)
    subscription.renew(JUNE)
    assert totals(subscription) == [10_000, 0, 20_000]
    prorated_later = active(in_advance)
    prorated_later.change(TWO_HUNDRED, NONE, context(at=APRIL + timedelta(days=5)))
    more = Item(price=subscribed_price(price_id="more", flat_amount_minor=600), quantity=1)
    prorated_later.change(Terms(price=TWO_HUNDRED.price, quantity=1, add_ons=(more,)), CREATE, context(at=HALF))
    prorated_later.renew(MAY)
    # −100.00 × 15/30, 6.00 × 15/30, 200.00 × 15/30 and 6.00
    assert totals(prorated_later)[1:] == [-5_000 + 300 + 10_000 + 600]


def test_without_proration_time_that_a_change_before_billed_is_not_billed_again() -> None:
    subscription = active()
    subscription.change(TWO_HUNDRED, CREATE, context(at=APRIL + timedelta(days=6)))
    subscription.change(terms(30_000), NONE, context(at=HALF))
    subscription.renew(MAY)
    assert totals(subscription) == [0, 2_000 + 24_000]  # 100.00 × 6/30 and 300.00 × 24/30


def test_seats_in_arrears_beside_a_plan_in_advance() -> None:
    seat = subscribed_price(price_id="price_seat", plan_name="Seats", flat_amount_minor=1_000, details=IN_ARREARS)
    plan = terms(3_000, 1, Item(price=seat, quantity=1), details=ChargeDetails())
    subscription = active(plan)
    subscription.renew(MAY)
    assert lines(subscription) == [
        [("Plan 3000", Period(APRIL, MAY), 3_000)],
        [("Plan 3000", Period(MAY, JUNE), 3_000), ("Seats", Period(APRIL, MAY), 1_000)],
    ]
    removed = datetime(2026, 5, 11, tzinfo=UTC)
    subscription.change(Terms(price=plan.price, quantity=1), CREATE, context(at=removed))
    subscription.renew(JUNE)
    assert lines(subscription)[-1][1:] == [("Used time of Seats", Period(MAY, removed), 323)]  # 10.00 × 10/31


def test_another_interval_bills_what_was_had() -> None:
    year = terms(100_000, interval=Interval(IntervalUnit.YEAR))
    subscription = active()
    subscription.change(year, CREATE, context(at=HALF))
    assert lines(subscription)[-1] == [("Plan 10000", Period(APRIL, HALF), 5_000)]
    subscription.renew(HALF.replace(year=2027))
    assert totals(subscription)[-1] == 100_000


@pytest.mark.parametrize("unused", list(UnusedTime))
def test_a_cancellation_bills_what_was_had_and_gives_nothing_back(unused: UnusedTime) -> None:
    subscription = active()
    subscription.cancel(None, context(at=HALF), unused=unused)
    assert lines(subscription)[-1] == [("Plan 10000", Period(APRIL, HALF), 5_000)]
    quiet = active()
    quiet.cancel(None, context(at=HALF), unused=unused, bill_usage=False)
    assert lines(quiet) == [[]]


def test_an_end_with_the_period_bills_it() -> None:
    subscription = active()
    subscription.schedule_cancellation(None, context(at=HALF))
    subscription.renew(MAY)
    assert (subscription.status, totals(subscription)) == (PlanSubscriptionStatus.CANCELED, [0, 10_000])


@pytest.mark.parametrize("unused", list(UnusedTime))
def test_what_was_had_until_a_change_is_billed_when_it_ends_before_the_next_period(unused: UnusedTime) -> None:
    subscription = active(terms(3_000))
    subscription.change(terms(300), CREATE, context(at=APRIL + timedelta(days=20)))
    subscription.cancel(None, context(at=APRIL + timedelta(days=25)), unused=unused)
    # 30.00 × 20/30 and 3.00 × 5/30
    assert [(name, amount) for name, _, amount in lines(subscription)[-1]] == [
        ("Plan 300", 50),
        ("Used time of Plan 3000", 2_000),
    ]
    ended = active(terms(3_000))
    ended.schedule_cancellation(None, context(at=APRIL))
    ended.change(terms(300), CREATE, context(at=APRIL + timedelta(days=20)))
    ended.renew(MAY)
    assert totals(ended) == [0, 2_000 + 100]


def test_what_was_had_is_billed_and_what_is_given_back_is_the_rest_of_what_was_paid() -> None:
    seat = subscribed_price(price_id="price_seat", plan_name="Seats", flat_amount_minor=3_000, details=IN_ARREARS)
    plan = terms(6_000, 1, Item(price=seat, quantity=1), details=ChargeDetails(commitment_minor=30_000, commitment_in_full=True))
    subscription = active(plan)
    subscription.change(Terms(price=plan.price, quantity=1), CREATE, context(at=APRIL + timedelta(days=10)))
    subscription.cancel(None, context(at=HALF), unused=UnusedTime.CREDIT)
    # 60.00 × 15/30 goes back, 30.00 × 10/30 is billed: 300.00 − 30.00 − 10.00 are missing
    assert [amount for _, _, amount in lines(subscription)[-1]] == [1_000, 26_000]
    [canceled] = [event for event in subscription.unsaved if isinstance(event, PlanSubscriptionCanceled)]
    assert canceled.credit is not None and canceled.credit.amount_minor == 3_000
    kept = active(plan)
    kept.change(Terms(price=plan.price, quantity=1), CREATE, context(at=APRIL + timedelta(days=10)))
    kept.cancel(None, context(at=HALF))
    assert [amount for _, _, amount in lines(kept)[-1]] == [1_000, 30_000 - 6_000 - 1_000]


changes = st.lists(st.tuples(st.integers(1, 29), st.integers(1, 9)), max_size=5)


@given(changes)
def test_the_time_of_a_period_is_billed_once_whatever_changes_in_it(steps: Sequence[tuple[int, int]]) -> None:
    subscription = active(terms(300))  # 0.10 a day
    seats, at, expected = 1, APRIL, 0
    for day, quantity in sorted(steps):
        now = APRIL + timedelta(days=day)
        expected += 10 * seats * (now - at).days
        price = subscription.terms.price
        per_unit = subscribed_price(
            price_id=price.price_id,
            plan_name="Seats",
            model="PER_UNIT",
            flat_amount_minor=None,
            unit_amount=Decimal(3),
            details=IN_ARREARS,
        )
        subscription.change(Terms(price=per_unit, quantity=quantity), CREATE, context(at=now))
        seats, at = quantity, now
    expected += 10 * seats * (MAY - at).days
    subscription.renew(MAY)
    assert totals(subscription) == [0, expected]
    periods = sorted(period.start for _, period, _ in lines(subscription)[-1])
    assert periods[0] == APRIL


PER_DAY = {  # April has 30 days, so that each day costs whole cents
    f"{name}_{rate}": subscribed_price(
        price_id=f"{name}_{rate}",
        plan_name=f"{name} {rate}",
        model="PER_UNIT",
        flat_amount_minor=None,
        unit_amount=Decimal(rate) * 30 / 100,
        details=ChargeDetails(in_arrears=name == "arrears"),
    )
    for name in ("advance", "arrears")
    for rate in (10, 20, 50)
}
items = st.builds(
    lambda price, quantity: Item(price=PER_DAY[price], quantity=quantity), st.sampled_from(sorted(PER_DAY)), st.integers(1, 5)
)
subscribed = st.lists(items, min_size=1, max_size=4, unique_by=lambda item: item.price.price_id).map(
    lambda found: Terms(price=found[0].price, quantity=found[0].quantity, add_ons=tuple(found[1:]))
)


@given(
    subscribed,
    st.lists(st.tuples(st.integers(0, 29), subscribed, st.sampled_from([CREATE, INVOICE_NOW]), st.booleans()), max_size=6),
)
def test_every_day_is_billed_once_in_advance_or_in_arrears(
    first: Terms, steps: Sequence[tuple[int, Terms, ProrationBehavior, bool]]
) -> None:
    subscription = active(first)
    at, expected = APRIL, 0

    def per_day() -> int:
        return sum(int(item.amount.minor_units) // 30 for item in subscription.terms.items)

    for day, terms_then, proration, by_phase in sorted(steps, key=lambda step: step[0]):
        now = APRIL + timedelta(days=day)
        expected, at = expected + per_day() * (now - at).days, now
        if by_phase and now > APRIL:
            subscription.schedule_phases(
                [Phase(terms=terms_then, proration=proration)],
                now,
                ScheduleEnding.RELEASE,
                context(at=now - timedelta(seconds=1)),
            )
            subscription.renew(now)
        else:
            subscription.change(terms_then, proration, context(at=now))
    expected += per_day() * (MAY - at).days
    subscription.renew(MAY)
    expected += sum(item.amount.minor_units for item in subscription.terms.items if item.is_in_advance)  # all of May
    assert sum(totals(subscription)) + sum(one.amount_minor for one in subscription.pending) == expected
    assert all(total >= 0 for total in totals(subscription))
