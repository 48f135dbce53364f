"""Boundaries are counted from the anchor, on the customer's calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.period import Interval, IntervalUnit, Period, boundary, period_at

MONTH = Interval(IntervalUnit.MONTH)
YEAR = Interval(IntervalUnit.YEAR)
BERLIN = ZoneInfo("Europe/Berlin")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_month_ends_clamp_from_the_anchor() -> None:
    found = [boundary(utc(2027, 10, 31), MONTH, number).date().isoformat() for number in range(7)]
    assert found == ["2027-10-31", "2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]


def test_leap_day_comes_back_in_leap_years() -> None:
    found = [boundary(utc(2024, 2, 29), YEAR, number).date().isoformat() for number in range(5)]
    assert found == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_february_28_stays_in_leap_years() -> None:
    assert boundary(utc(2027, 2, 28), YEAR, 1) == utc(2028, 2, 28)


def test_local_midnight_survives_summer_time() -> None:
    anchor = datetime(2026, 3, 1, tzinfo=BERLIN)
    assert boundary(anchor, MONTH, 0, BERLIN) == utc(2026, 2, 28, 23)
    assert boundary(anchor, MONTH, 1, BERLIN) == utc(2026, 3, 31, 22)  # CEST: midnight is an hour earlier in UTC


def test_weeks_and_days() -> None:
    assert boundary(utc(2026, 1, 1), Interval(IntervalUnit.WEEK, 2), 3) == utc(2026, 2, 12)
    assert boundary(utc(2026, 1, 1), Interval(IntervalUnit.DAY, 30), -1) == utc(2025, 12, 2)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    st.builds(Interval, st.sampled_from(IntervalUnit), st.integers(1, 12)),
    st.sampled_from(
        [ZoneInfo("UTC"), BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")]
    ),
    st.integers(0, 40),
)
def test_periods_tile_time(anchor: datetime, interval: Interval, zone: ZoneInfo, number: int) -> None:
    start, end, after = (boundary(anchor, interval, number + step, zone) for step in range(3))
    assert start < end < after
    assert period_at(anchor, interval, start, zone) == Period(start, end)
    assert period_at(anchor, interval, end - timedelta(microseconds=1), zone) == Period(start, end)
    assert period_at(anchor, interval, end, zone) == Period(end, after)


def test_a_period_is_half_open() -> None:
    period = Period(utc(2026, 1, 1), utc(2026, 2, 1))
    assert utc(2026, 1, 1) in period
    assert utc(2026, 2, 1) not in period
    assert period.length == timedelta(days=31)


def test_a_period_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        Period(utc(2026, 1, 1), utc(2026, 1, 1))


def test_an_interval_counts_at_least_one() -> None:
    with pytest.raises(InvalidInput, match="1 to 366"):
        Interval(IntervalUnit.MONTH, 0)
