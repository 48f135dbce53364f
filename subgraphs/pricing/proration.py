"""The share of a billing period's price that belongs to a part of the period."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.charge import Granularity
from subgraphs.pricing.share import Share

__all__ = ["Granularity", "PeriodOutside", "Share", "prorate", "share_of"]


class PeriodOutside(Exception):
    """A part is not contained in the period that it is a part of: a mistake of the program, never of its user."""


def prorate(amount: Money, part: Period, whole: Period, granularity: Granularity, zone: ZoneInfo) -> Money:
    """Return the share of `amount`, the price of `whole`, that belongs to `part`; rounded once, half away from zero.

    `whole` is the natural period: for a leading partial period the one that ends at the first anchor, for a trailing one the one
    that starts at the last boundary.

    Raises:
        PeriodOutside: `part` is not contained in `whole`.
    """
    return share_of(part, whole, granularity, zone).of(amount)


def share_of(part: Period, whole: Period, granularity: Granularity, zone: ZoneInfo) -> Share:
    """Return how much of `whole` is `part`; the shares of parts that tile it add up to all of it, exactly.

    A `whole` within one day counts as one day, none of which is left after its start. Instants count to the second, counted from
    the start of `whole`.

    Raises:
        PeriodOutside: `part` is not contained in `whole`.
    """
    if part.start < whole.start or part.end > whole.end:
        raise PeriodOutside(f"{part.start} to {part.end} is not within {whole.start} to {whole.end}")
    if granularity is Granularity.SECOND:
        first, last = (_seconds(whole.start, at) for at in (part.start, part.end))
        return Share(last - first, max(_seconds(whole.start, whole.end), 1))
    return Share(_days(part, zone), max(_days(whole, zone), 1))


def _seconds(start: datetime, end: datetime) -> int:
    return round(Period(start, end).length / timedelta(seconds=1)) if start < end else 0


def _days(period: Period, zone: ZoneInfo) -> int:
    return (period.end.astimezone(zone).date() - period.start.astimezone(zone).date()).days
