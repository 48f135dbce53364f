"""Shares of a period's price: published worked examples, and what always holds."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Interval, IntervalUnit, Period, period_at
from subgraphs.pricing.proration import Granularity, PeriodOutside, Share, prorate, share_of

DAY, SECOND = Granularity.DAY, Granularity.SECOND
UTC_ZONE = ZoneInfo("UTC")


def period(start: str, end: str) -> Period:
    return Period(datetime.fromisoformat(start).replace(tzinfo=UTC), datetime.fromisoformat(end).replace(tzinfo=UTC))


JANUARY = period("2026-01-01", "2026-02-01")


def cost(minor_units: int, part: Period, whole: Period, granularity: Granularity = DAY) -> int:
    return prorate(Money(minor_units, "USD"), part, whole, granularity, UTC_ZONE).minor_units


@pytest.mark.parametrize(
    ("minor_units", "part", "whole", "granularity", "amount"),
    [
        # docs.stripe.com/billing/subscriptions/prorations: 10 to 20 at half a period is -5 and +10
        (-1000, period("2026-04-16", "2026-05-01"), period("2026-04-01", "2026-05-01"), SECOND, -500),
        (2000, period("2026-04-16", "2026-05-01"), period("2026-04-01", "2026-05-01"), SECOND, 1000),
        # stripe.com/docs/billing/subscriptions/backdating: 14/28, and 17/31 of 100
        (10_000, period("2026-02-15", "2026-03-01"), period("2026-02-01", "2026-03-01"), DAY, 5000),
        (10_000, period("2026-01-15", "2026-02-01"), JANUARY, DAY, 5484),
        # polarsource/polar proration: 1 of 30 days used of 5, and of 20: 2505600 of 2592000 seconds are left
        (-500, period("2026-04-02", "2026-05-01"), period("2026-04-01", "2026-05-01"), SECOND, -483),
        (2000, period("2026-04-02", "2026-05-01"), period("2026-04-01", "2026-05-01"), SECOND, 1933),
        # getlago.com assign-plan: 50 a month from August 10, 22 of 31 days
        (5000, period("2026-08-10", "2026-09-01"), period("2026-08-01", "2026-09-01"), DAY, 3548),
        # getlago.com upgrades-downgrades: 100 to 200 on January 15, in arrears
        (10_000, period("2026-01-01", "2026-01-15"), JANUARY, DAY, 4516),
        (20_000, period("2026-01-15", "2026-02-01"), JANUARY, DAY, 10_968),
    ],
)
def test_published_examples(minor_units: int, part: Period, whole: Period, granularity: Granularity, amount: int) -> None:
    assert cost(minor_units, part, whole, granularity) == amount


def test_seconds_are_counted_exactly() -> None:
    part = period("2026-04-02T00:00:00", "2026-05-01T00:00:00")
    assert share_of(part, period("2026-04-01", "2026-05-01"), SECOND, UTC_ZONE) == Share(2_505_600, 2_592_000)


def test_the_day_of_a_change_belongs_to_what_follows_it() -> None:
    change = datetime(2026, 1, 15, 23, 59, tzinfo=UTC)
    before, after = Period(JANUARY.start, change), Period(change, JANUARY.end)
    assert share_of(before, JANUARY, DAY, UTC_ZONE) == Share(14, 31)
    assert share_of(after, JANUARY, DAY, UTC_ZONE) == Share(17, 31)


def test_days_are_those_of_the_customers_time_zone() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    change = datetime(2026, 1, 14, 20, tzinfo=UTC)  # January 15, 5:00 in Tokyo
    whole = Period(datetime(2026, 1, 1, tzinfo=tokyo), datetime(2026, 2, 1, tzinfo=tokyo))
    assert share_of(Period(change, whole.end), whole, DAY, tokyo) == Share(17, 31)


def test_summer_time_does_not_change_a_count_of_days() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    march = Period(datetime(2026, 3, 1, tzinfo=berlin), datetime(2026, 4, 1, tzinfo=berlin))
    assert share_of(march, march, DAY, berlin) == Share(31, 31)
    assert share_of(march, march, SECOND, berlin).numerator == 31 * 86_400 - 3600


@pytest.mark.parametrize("granularity", list(Granularity))
def test_a_part_outside_its_period_is_a_mistake(granularity: Granularity) -> None:
    for part in (period("2025-12-31", "2026-01-02"), period("2026-01-31", "2026-02-02")):
        with pytest.raises(PeriodOutside):
            share_of(part, JANUARY, granularity, UTC_ZONE)


instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from([UTC_ZONE, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")])


@given(
    instants,
    st.sampled_from([Interval(IntervalUnit.MONTH), Interval(IntervalUnit.YEAR), Interval(IntervalUnit.WEEK, 2)]),
    st.integers(1, 10**9 - 1),
    zones,
    st.sampled_from(Granularity),
    st.integers(0, 10**9),
)
def test_what_was_used_and_what_is_left_add_up(
    anchor: datetime, interval: Interval, place: int, zone: ZoneInfo, granularity: Granularity, minor_units: int
) -> None:
    anchor = anchor.replace(microsecond=0)
    whole = period_at(anchor, interval, anchor, zone)
    change = whole.start + timedelta(seconds=round(whole.length.total_seconds() * place / 10**9))
    if not whole.start < change < whole.end:
        return
    used, left = Period(whole.start, change), Period(change, whole.end)
    first, second = (share_of(part, whole, granularity, zone) for part in (used, left))
    assert first.numerator + second.numerator == first.denominator == second.denominator
    price = Money(minor_units, "USD")
    assert abs((first.of(price) + second.of(price) - price).minor_units) <= 1
    assert (-first.of(price)) == first.of(-price)
    assert share_of(whole, whole, granularity, zone).of(price) == price
