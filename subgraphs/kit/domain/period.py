"""Half-open UTC intervals and the arithmetic of recurring boundaries."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.errors import InvalidInput

__all__ = ["Interval", "IntervalUnit", "Period", "boundary", "period_at", "period_number", "end_of_day"]

_UTC_ZONE = ZoneInfo("UTC")


class IntervalUnit(StrEnum):
    """The unit a recurring interval is counted in."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class Interval:
    """`count` units, e.g. three months."""

    unit: IntervalUnit
    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= 366:
            raise InvalidInput(f"an interval counts 1 to 366 units, not {self.count}", field=("interval", "count"))


@dataclass(frozen=True, slots=True)
class Period:
    """The instants from `start` up to but not including `end`, both aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a period ends after it starts: {self.start} to {self.end}")

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end

    @property
    def length(self) -> timedelta:
        # In UTC: Python subtracts two times of one zone as clocks on a wall, and loses the hour of summer time.
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)


def boundary(anchor: datetime, interval: Interval, number: int, zone: ZoneInfo = _UTC_ZONE) -> datetime:
    """Return boundary `number` of the series that starts at `anchor` (number 0), in UTC.

    Counted from the anchor, never from the boundary before, on `zone`'s calendar and wall clock: Jan 31 monthly gives Feb 28
    (29 in leap years), Mar 31, Apr 30; a change to summer time moves no boundary off its local time. A local time that the
    change skips is read with the offset before it.
    """
    local = anchor.astimezone(zone).replace(tzinfo=None)
    steps = number * interval.count
    match interval.unit:
        case IntervalUnit.DAY:
            moved = local + timedelta(days=steps)
        case IntervalUnit.WEEK:
            moved = local + timedelta(weeks=steps)
        case IntervalUnit.MONTH:
            moved = _add_months(local, steps)
        case IntervalUnit.YEAR:
            moved = _add_months(local, 12 * steps)
    if moved == local:
        return anchor.astimezone(UTC)
    return moved.replace(tzinfo=zone).astimezone(UTC)


def period_number(anchor: datetime, interval: Interval, at: datetime, zone: ZoneInfo = _UTC_ZONE) -> int:
    """Return the number n for which boundary(n) <= at < boundary(n + 1); negative before the anchor."""
    days = {
        IntervalUnit.DAY: 1.0,
        IntervalUnit.WEEK: 7.0,
        IntervalUnit.MONTH: 30.436875,
        IntervalUnit.YEAR: 365.2425,
    }
    number = int((at - anchor) / timedelta(days=days[interval.unit] * interval.count))
    while boundary(anchor, interval, number, zone) > at:
        number -= 1
    while boundary(anchor, interval, number + 1, zone) <= at:
        number += 1
    return number


def period_at(anchor: datetime, interval: Interval, at: datetime, zone: ZoneInfo = _UTC_ZONE) -> Period:
    """Return the period of the series that contains `at`."""
    number = period_number(anchor, interval, at, zone)
    return Period(boundary(anchor, interval, number, zone), boundary(anchor, interval, number + 1, zone))


def _add_months(local: datetime, months: int) -> datetime:
    years, month = divmod(local.month - 1 + months, 12)
    year = local.year + years
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))


def end_of_day(at: datetime) -> datetime:
    """Return the midnight after `at`, UTC."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
