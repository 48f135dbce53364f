"""Phases: which terms apply from when, what is billed for them, and what a pause, a change or an end makes of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.period import Interval, IntervalUnit, Period
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.schedule import MOST_PHASES, Phase, ScheduleEnding
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, ProrationBehavior, Terms
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

RELEASE, CANCEL = ScheduleEnding.RELEASE, ScheduleEnding.CANCEL
CREATE, INVOICE_NOW, NONE = ProrationBehavior.CREATE, ProrationBehavior.INVOICE_NOW, ProrationBehavior.NONE


def day(month: int, of_month: int = 1, year: int = 2026) -> datetime:
    return datetime(year, month, of_month, tzinfo=UTC)


def terms(minor: int, quantity: int = 1, interval: IntervalUnit = IntervalUnit.MONTH) -> Terms:
    price = subscribed_price(
        price_id=f"price_{minor}_{interval}", plan_name=f"Plan {minor}", flat_amount_minor=minor, interval=Interval(interval)
    )
    return Terms(price=price, quantity=quantity)


JANUARY = day(1)
TEN, TWENTY, THIRTY = terms(1000), terms(2000), terms(3000)
YEARLY = terms(20_000, interval=IntervalUnit.YEAR)


def active(subscribed: Terms = TEN, at: datetime = JANUARY) -> PlanSubscription:
    subscription = PlanSubscription.start("psub_1", "cus_1", subscribed, "UTC", context(at=at))
    subscription.period_paid(0, context(at=at))
    subscription.saved(at)
    return subscription


def walk(subscription: PlanSubscription, until: datetime) -> list[tuple[datetime, int]]:
    """Renew up to `until` and return when what was billed: the start of each bill's period, and its total."""
    while subscription.due_at is not None and subscription.due_at <= until:
        subscription.renew(until)
    return billed(subscription)


def billed(subscription: PlanSubscription) -> list[tuple[datetime, int]]:
    bills = [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]
    return [(bill.lines[0].period.start, bill.total.minor_units) for bill in bills]


def test_a_price_that_rises_twice() -> None:
    subscription = active(at=day(1, 31))
    subscription.schedule_phases(
        [Phase(terms=TEN, periods=2), Phase(terms=TWENTY, periods=3), Phase(terms=THIRTY)], None, RELEASE, context(at=day(2))
    )
    # the terms it has already are no change; periods are counted from 31 January, whatever the month's length
    assert [(change.terms, change.change_at) for change in subscription.schedule] == [
        (TWENTY, day(4, 30)),
        (THIRTY, day(7, 31)),
    ]
    assert walk(subscription, day(9)) == [
        (day(2, 28), 1000),
        (day(3, 31), 1000),
        (day(4, 30), 2000),
        (day(5, 31), 2000),
        (day(6, 30), 2000),
        (day(7, 31), 3000),
        (day(8, 31), 3000),
    ]
    assert (subscription.terms, subscription.schedule, subscription.cancel_at) == (THIRTY, (), None)


def test_an_end_with_the_last_phase() -> None:
    subscription = active()
    subscription.schedule_phases([Phase(terms=TWENTY, periods=2)], None, CANCEL, context(at=day(1, 15)))
    assert subscription.cancel_at == day(4)
    assert walk(subscription, day(12)) == [(day(2), 2000), (day(3), 2000)]
    assert (subscription.status, subscription.canceled_at) == (PlanSubscriptionStatus.CANCELED, day(4))


def test_a_phase_with_another_interval_begins_periods_of_its_own() -> None:
    subscription = active()
    phases = [Phase(terms=YEARLY, periods=1), Phase(terms=TWENTY, periods=1)]
    subscription.schedule_phases(phases, None, CANCEL, context(at=day(1, 15)))
    assert walk(subscription, day(12, year=2028)) == [(day(2), 20_000), (day(2, year=2027), 2000)]
    assert subscription.canceled_at == day(3, year=2027)


@pytest.mark.parametrize(
    ("proration", "totals"),
    [
        # April has 30 days; -10.00 * 15/30 + 20.00 * 15/30 = 5.00 comes with May, at once, or not at all
        (CREATE, [(day(4), 1000), (day(5), 2500)]),
        (INVOICE_NOW, [(day(4), 1000), (day(4, 16), 500), (day(5), 2000)]),
        (NONE, [(day(4), 1000), (day(5), 2000)]),
    ],
)
def test_a_phase_that_begins_within_a_period(proration: ProrationBehavior, totals: list[tuple[datetime, int]]) -> None:
    subscription = active(at=day(3))
    phases = [Phase(terms=TWENTY, proration=proration)]
    subscription.schedule_phases(phases, day(4, 16), RELEASE, context(at=day(3, 2)))
    assert walk(subscription, day(5, 2)) == totals


def test_the_rest_of_a_period_is_the_first_of_a_phase() -> None:
    subscription = active(at=day(3))
    phases = [Phase(terms=TWENTY, periods=2, proration=NONE), Phase(terms=THIRTY)]
    subscription.schedule_phases(phases, day(4, 16), RELEASE, context(at=day(3, 2)))
    assert [change.change_at for change in subscription.schedule] == [day(4, 16), day(6)]


def test_until_a_date() -> None:
    subscription = active()
    subscription.schedule_phases([Phase(terms=TWENTY, until=day(3, 16))], None, CANCEL, context(at=day(1, 2)))
    assert walk(subscription, day(12)) == [(day(2), 2000), (day(3), 2000)]
    assert subscription.canceled_at == day(3, 16)


def test_phases_of_a_trial_begin_when_it_ends() -> None:
    subscription = PlanSubscription.start("psub_1", "cus_1", TEN, "UTC", context(at=day(1)), trial_end=day(1, 15))
    subscription.schedule_phases([Phase(terms=TWENTY, periods=1), Phase(terms=THIRTY)], None, RELEASE, context(at=day(1, 2)))
    assert walk(subscription, day(3)) == [(day(1, 15), 2000), (day(2, 15), 3000)]


def test_what_a_pause_goes_over_applies_when_it_ends() -> None:
    subscription = active()
    phases = [Phase(terms=TWENTY, periods=1), Phase(terms=THIRTY, periods=1), Phase(terms=TEN)]
    subscription.schedule_phases(phases, None, RELEASE, context(at=day(1, 10)))
    subscription.pause(None, context(at=day(1, 20)))
    subscription.resume(context(at=day(3, 16)))
    # 30.00 for 16 of the 31 days of March: 15.48; 10.00 from April on
    assert walk(subscription, day(4)) == [(day(3, 16), 1548), (day(4), 1000)]


def test_a_date_within_the_paid_period_that_a_pause_went_over_counts_from_its_end() -> None:
    subscription = active(at=day(4))
    subscription.schedule_phases([Phase(terms=YEARLY)], day(4, 10), RELEASE, context(at=day(4, 2)))
    subscription.pause(None, context(at=day(4, 5)))
    assert subscription.due_at is None
    subscription.resume(context(at=day(4, 16)))
    assert subscription.due_at == day(4, 16)
    # 200.00 for a year from the 16th on, less 10.00 * 15/30 for the rest of April
    assert walk(subscription, day(4, 30)) == [(day(4, 16), 19_500)]
    assert subscription.period == Period(day(4, 16), day(4, 16, year=2027))


def test_a_schedule_takes_the_place_of_what_was_scheduled_and_a_change_that_of_a_schedule() -> None:
    subscription = active()
    subscription.schedule_change(THIRTY, context(at=day(1, 2)))
    ramp = [Phase(terms=TWENTY, periods=1), Phase(terms=THIRTY)]
    subscription.schedule_phases(ramp, None, RELEASE, context(at=day(1, 3)))
    subscription.schedule_phases(ramp, None, RELEASE, context(at=day(1, 4)))
    assert [type(event) for event in subscription.unsaved] == [events.ChangeScheduled, events.PhasesScheduled]
    subscription.schedule_change(THIRTY, context(at=day(1, 5)))
    assert [change.change_at for change in subscription.schedule] == [day(2)]
    subscription.schedule_phases(ramp, None, RELEASE, context(at=day(1, 6)))
    subscription.change(TWENTY, NONE, context(at=day(1, 7)))
    assert subscription.schedule == ()
    subscription.schedule_phases(ramp, None, RELEASE, context(at=day(1, 8)))
    subscription.unschedule_change()
    assert subscription.schedule == ()
    subscription.schedule_phases([Phase(terms=THIRTY)], None, RELEASE, context(at=day(1, 9)))
    subscription.schedule_phases([Phase(terms=TWENTY)], None, RELEASE, context(at=day(1, 9)))  # as it is
    assert subscription.schedule == ()


def test_it_is_not_canceled_within_a_period_of_another_interval_by_accident() -> None:
    subscription = active()
    subscription.schedule_phases([Phase(terms=YEARLY)], None, RELEASE, context(at=day(1, 2)))
    with pytest.raises(InvalidState, match="undo the change first"):
        subscription.schedule_cancellation(day(2, 10), context(at=day(1, 3)))
    subscription.schedule_cancellation(None, context(at=day(1, 3)))  # at the end of January nothing has changed yet
    assert walk(subscription, day(12)) == []
    assert subscription.canceled_at == day(2)


@pytest.mark.parametrize(
    ("phases", "begins", "ending", "field"),
    [
        ([], None, RELEASE, ("phases",)),
        ([Phase(terms=TWENTY)] * (MOST_PHASES + 1), None, RELEASE, ("phases",)),
        ([Phase(terms=TWENTY), Phase(terms=TEN)], None, RELEASE, ("phases", "0")),
        ([Phase(terms=TWENTY)], None, CANCEL, ("phases", "0")),
        ([Phase(terms=TWENTY, periods=1)], None, RELEASE, ("phases", "0")),
        ([Phase(terms=TWENTY, periods=1, until=day(4))], None, CANCEL, ("phases", "0", "until")),
        ([Phase(terms=TWENTY, until=day(2))], None, CANCEL, ("phases", "0", "until")),
        ([Phase(terms=TWENTY, periods=0)], None, CANCEL, ("phases", "0", "periods")),
        ([Phase(terms=TWENTY, periods=1001)], None, CANCEL, ("phases", "0", "periods")),
        ([Phase(terms=TWENTY, periods=250)], None, CANCEL, ("phases", "0")),
        ([Phase(terms=YEARLY, periods=999), Phase(terms=TEN)], None, RELEASE, ("phases", "0")),
        ([Phase(terms=terms(20_000, interval=IntervalUnit.YEAR), periods=1000)] * 2, day(1, year=9000), RELEASE, None),
        ([Phase(terms=TWENTY)], day(1, 2), RELEASE, ("startsAt",)),
        ([Phase(terms=terms(2000, 0))], None, RELEASE, ("phases", "0", "quantity")),
    ],
)
def test_a_phase_that_cannot_follow_is_refused_by_its_place(
    phases: list[Phase], begins: datetime | None, ending: ScheduleEnding, field: tuple[str, ...] | None
) -> None:
    subscription = active()
    with pytest.raises(InvalidInput) as refused:
        subscription.schedule_phases(phases, begins, ending, context(at=day(1, 2)))
    assert refused.value.field == (field or ("phases", "0", "periods"))
    assert subscription.unsaved == ()


def test_another_currency_is_refused() -> None:
    dollars = Terms(price=subscribed_price(price_id="price_usd", currency="USD"), quantity=1)
    with pytest.raises(InvalidInput) as refused:
        active().schedule_phases([Phase(terms=dollars)], None, RELEASE, context(at=day(1, 2)))
    assert refused.value.field == ("phases", "0", "priceId")


def test_where_it_is_refused() -> None:
    ending = active()
    ending.schedule_cancellation(None, context(at=day(1, 2)))
    with pytest.raises(InvalidState, match="planSubscriptionUndoCancellation"):
        ending.schedule_phases([Phase(terms=TWENTY)], None, RELEASE, context(at=day(1, 3)))
    ending.schedule_phases([Phase(terms=TWENTY, periods=1)], None, CANCEL, context(at=day(1, 3)))
    assert ending.cancel_at == day(3)
    paused = active()
    paused.pause(None, context(at=day(1, 2)))
    with pytest.raises(InvalidState, match="PAUSED"):
        paused.schedule_phases([Phase(terms=TWENTY)], None, RELEASE, context(at=day(1, 3)))


def test_phases_come_before_a_scheduled_end_and_not_after_it() -> None:
    subscription = active()
    subscription.schedule_cancellation(day(3, 16), context(at=day(1, 2)))
    for late in (Phase(terms=THIRTY), Phase(terms=YEARLY)):
        with pytest.raises(InvalidState, match=r"ends at 2026-03-16T.* planSubscriptionUndoCancellation"):
            subscription.schedule_phases([Phase(terms=TWENTY, periods=2), late], None, RELEASE, context(at=day(1, 3)))
    assert subscription.schedule == ()
    subscription.schedule_phases([Phase(terms=TWENTY, periods=1), Phase(terms=THIRTY)], None, RELEASE, context(at=day(1, 3)))
    subscription.saved(day(1, 3))
    assert walk(subscription, day(5)) == [(day(2), 2000), (day(3), 3000)]
    assert subscription.canceled_at == day(3, 16)


@given(
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=6),
    amounts=st.lists(st.integers(1, 9), min_size=7, max_size=7),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(lambda at: at.replace(tzinfo=UTC, microsecond=0)),
)
def test_each_phase_is_billed_its_periods_and_replayed_alike(lengths: list[int], amounts: list[int], start: datetime) -> None:
    subscription = active(terms(amounts[0] * 100), start)
    phases = [Phase(terms=terms(amount * 100), periods=length) for amount, length in zip(amounts[1:], lengths, strict=False)]
    subscription.schedule_phases(phases, None, CANCEL, context(at=start + timedelta(hours=1)))
    end = subscription.cancel_at
    assert end is not None
    bills = walk(subscription, end)
    expected = [amount * 100 for amount, length in zip(amounts[1:], lengths, strict=False) for _ in range(length)]
    assert [total for _, total in bills] == expected
    assert (subscription.status, subscription.canceled_at) == (PlanSubscriptionStatus.CANCELED, end)
    opened = [event for event in subscription.unsaved if isinstance(event, events.BillingPeriodOpened)]
    assert [one.end for one in opened] == [*(one.start for one in opened[1:]), end]  # no gap, no overlap


def test_metered_prices_that_go_are_billed_when_the_phase_begins() -> None:
    calls = subscribed_price(
        price_id="price_calls", model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("0.10"), meter_id="mtr_1"
    )
    subscription = active(Terms(price=calls, quantity=1), day(4))
    subscription.schedule_phases([Phase(terms=TWENTY)], day(4, 16), RELEASE, context(at=day(4, 2)))
    used = {("price_calls", Period(day(4), day(4, 16))): Decimal(250)}
    assert [(one.price_id, one.period) for one in subscription.usage_wanted(day(4, 16))] == list(used)
    subscription.renew(day(4, 16), used=used)
    # 250 * 0.10 for what was used at once; 20.00 * 15/30 comes with May
    assert billed(subscription) == [(day(4), 2500)]
    subscription.renew(day(5))
    assert billed(subscription)[1:] == [(day(5), 3000)]


def test_a_phase_happens_however_often_its_period_was_changed_before() -> None:
    subscription = active(TEN, day(4))
    for number in range(50):
        subscription.change((TWENTY, TEN)[number % 2], CREATE, context(at=day(4, 11)))
    with pytest.raises(InvalidState, match="too often"):
        subscription.change(TWENTY, CREATE, context(at=day(4, 11)))
    subscription.schedule_phases([Phase(terms=TWENTY)], day(4, 16), RELEASE, context(at=day(4, 12)))
    # 20.00, and (20.00 − 10.00) × 15/30
    assert walk(subscription, day(5)) == [(day(5), 2500)]
    dearer = active(TEN, day(4))
    for number in range(49):
        dearer.change((TWENTY, TEN)[number % 2], CREATE, context(at=day(4, 11)))
    dearer.schedule_phases([Phase(terms=THIRTY, until=day(4, 21)), Phase(terms=TEN)], day(4, 16), RELEASE, context(at=day(4, 12)))
    # 20.00 × 20/30 − 10.00 × 20/30 and (30.00 − 20.00) × 15/30 when there is no room; (10.00 − 30.00) × 10/30 is off 10.00
    assert walk(dearer, day(5)) == [(day(4, 11), 1333 - 667 + 500), (day(5), 1000 - 667)]
