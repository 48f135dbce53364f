"""Whole days, weeks and months of a chart, on the calendar of UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.period import Period

__all__ = ["MOST_POINTS", "SeriesInterval", "Span", "day_of", "spans"]

# A chart shows about a year of days, or thirty years of months; more points are several charts.
MOST_POINTS = 400
_DAY = timedelta(days=1)


class SeriesInterval(StrEnum):
    """What one point of a chart stands for; weeks begin on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `first` up to but not including `after`."""

    first: date
    after: date

    @property
    def period(self) -> Period:
        """The same as instants."""
        return Period(_midnight(self.first), _midnight(self.after))


def spans(start: datetime, end: datetime, interval: SeriesInterval) -> list[Span]:
    """Return the whole days, weeks or months that [start, end) touches, the earliest first.

    Raises:
        InvalidInput: `end` is not after `start`, or there are more than MOST_POINTS.
    """
    if end <= start:
        raise InvalidInput("a chart ends after it starts", field=("to",))
    found: list[Span] = []
    first, last = _begin(day_of(start), interval), day_of(end - timedelta(microseconds=1))
    while first <= last:
        if len(found) == MOST_POINTS:
            raise InvalidInput(f"a chart has at most {MOST_POINTS} points: ask for less time or longer intervals", field=("to",))
        after = _next(first, interval)
        found.append(Span(first, after))
        first = after
    return found


def day_of(at: datetime) -> date:
    """Return the day in UTC."""
    return at.astimezone(UTC).date()


def _begin(day: date, interval: SeriesInterval) -> date:
    match interval:
        case SeriesInterval.DAY:
            return day
        case SeriesInterval.WEEK:
            return day - day.weekday() * _DAY
        case SeriesInterval.MONTH:
            return day.replace(day=1)


def _next(first: date, interval: SeriesInterval) -> date:
    match interval:
        case SeriesInterval.DAY:
            return first + _DAY
        case SeriesInterval.WEEK:
            return first + 7 * _DAY
        case SeriesInterval.MONTH:
            return (first + 31 * _DAY).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
