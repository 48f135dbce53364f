"""The points of charts: whole intervals, bounded in number."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.series import MOST_POINTS, SeriesInterval, Span, day_of, spans

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_days_weeks_and_months_that_are_touched_are_whole() -> None:
    end = datetime(2026, 2, 2, tzinfo=UTC)  # a Monday, exclusive
    assert spans(NOON, end, SeriesInterval.DAY) == [
        Span(date(2026, 1, 31), date(2026, 2, 1)),
        Span(date(2026, 2, 1), date(2026, 2, 2)),
    ]
    assert spans(NOON, end, SeriesInterval.WEEK) == [Span(date(2026, 1, 26), date(2026, 2, 2))]
    assert spans(NOON, end, SeriesInterval.MONTH) == [
        Span(date(2026, 1, 1), date(2026, 2, 1)),
        Span(date(2026, 2, 1), date(2026, 3, 1)),
    ]


def test_days_are_those_of_utc() -> None:
    assert day_of(datetime(2026, 2, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))) == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("end", "message"), [(NOON, "ends after it starts"), (NOON + timedelta(days=MOST_POINTS), f"at most {MOST_POINTS} points")]
)
def test_charts_are_bounded(end: datetime, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        spans(NOON, end, SeriesInterval.DAY)
    assert len(spans(NOON, NOON + timedelta(days=MOST_POINTS - 1), SeriesInterval.DAY)) == MOST_POINTS


@settings(deadline=None)
@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(milliseconds=1), timedelta(days=390)),
    st.sampled_from(SeriesInterval),
)
def test_points_tile_time_and_cover_what_was_asked_for(start: datetime, length: timedelta, interval: SeriesInterval) -> None:
    found = spans(start, start + length, interval)
    assert all(before.after == after.first for before, after in pairwise(found))
    assert found[0].period.start <= start < found[0].period.end
    assert found[-1].period.start < start + length <= found[-1].period.end
