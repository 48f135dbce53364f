"""Where billing periods are counted from. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.period import Interval, IntervalUnit

__all__ = ["calendar_anchor"]

_LAST_DAY = {IntervalUnit.WEEK: 7, IntervalUnit.MONTH: 31, IntervalUnit.YEAR: 31}


def calendar_anchor(at: datetime, interval: Interval, day: int, zone: ZoneInfo) -> datetime:
    """Return the last midnight of `zone`, not after `at`, that begins a `day`: of the week from Monday 1, or of the month.

    A month without such a day is passed over, so that the periods counted from the result are clamped from the wanted day.

    Raises:
        InvalidInput: the interval has no such day.
    """
    last = _LAST_DAY.get(interval.unit)
    if last is None or not 1 <= day <= last:
        known = f"is 1 to {last}" if last else "is given with weeks, months and years"
        raise InvalidInput(f"a billing day {known}, not {day} with {interval.unit.value}", field=("billingDay",))
    local = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    while True:
        found = local.replace(tzinfo=zone)
        if (local.isoweekday() if interval.unit is IntervalUnit.WEEK else local.day) == day and found <= at:
            return found
        local -= timedelta(days=1)
