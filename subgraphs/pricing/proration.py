"""The share of a billing period's price that belongs to a part of the period."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.charge import Granularity

__all__ = ["Granularity", "PeriodOutside", "Share", "prorate", "share_of"]


class PeriodOutside(Exception):
    """A part is not contained in the period that it is a part of: a mistake of the program, never of its user."""


@dataclass(frozen=True, slots=True)
class Share:
    """`numerator` of `denominator` days or seconds."""

    numerator: int
    denominator: int

    def of(self, amount: Money) -> Money:
        """Return this share of `amount`, rounded once, half away from zero."""
        return amount.share(self.numerator, self.denominator)

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


def prorate(amount: Money, part: Period, whole: Period, granularity: Granularity, zone: ZoneInfo) -> Money:
    """Return the share of `amount`, the price of `whole`, that belongs to `part`; rounded once, half away from zero.

    `whole` is the natural period: for a leading partial period the one that ends at the first anchor, for a trailing one the one
    that starts at the last boundary.

    Raises:
        PeriodOutside: `part` is not contained in `whole`.
    """
    return share_of(part, whole, granularity, zone).of(amount)


def share_of(part: Period, whole: Period, granularity: Granularity, zone: ZoneInfo) -> Share:
    """Return how much of `whole` is `part`. A `whole` within one day counts as one day, none of which is left after its start.

    Raises:
        PeriodOutside: `part` is not contained in `whole`.
    """
    if part.start < whole.start or part.end > whole.end:
        raise PeriodOutside(f"{part.start} to {part.end} is not within {whole.start} to {whole.end}")
    if granularity is Granularity.SECOND:
        second = timedelta(seconds=1)
        return Share(round(part.length / second), max(round(whole.length / second), 1))
    return Share(_days(part, zone), max(_days(whole, zone), 1))


def _days(period: Period, zone: ZoneInfo) -> int:
    return (period.end.astimezone(zone).date() - period.start.astimezone(zone).date()).days
