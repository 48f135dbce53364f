"""What many usage events of a period come to: one quantity, exactly, whatever their order and however they are grouped.

A `Rollup` is what is kept of a group of events. Rollups of disjoint groups add up to that of all, so that hours that
have not changed are added once and never looked at again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

from subgraphs.kit.domain.period import Period
from subgraphs.pricing.amounts import plain

__all__ = ["EMPTY", "MOST_KEYS", "Aggregation", "Rollup", "UsageEvent", "aggregated", "rolled_up", "share_of_level"]

# Decimals of a weighted sum; every other quantity is exact.
DECIMALS = 12
# Keys that a rollup remembers; beyond that it says only that there are too many, and they are counted from the events.
MOST_KEYS = 1_000
_PRECISION = 80
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Aggregation(StrEnum):
    """How events become a quantity. TRANSACTIONS are amounts of money, none below zero: their sum, or each by itself."""

    SUM = "SUM"
    COUNT = "COUNT"
    UNIQUE_COUNT = "UNIQUE_COUNT"
    MAX = "MAX"
    LAST = "LAST"
    WEIGHTED_SUM = "WEIGHTED_SUM"
    TRANSACTIONS = "TRANSACTIONS"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEvent:
    """Something used at an instant. `key` is what UNIQUE_COUNT counts; `id` orders events of the same instant."""

    id: str
    at: datetime
    value: Decimal
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """What is kept of a group of events. `moment` is the sum of value × microseconds since 1970; `keys` None: too many."""

    count: int = 0
    sum: Decimal = Decimal(0)
    moment: Decimal = Decimal(0)
    maximum: Decimal | None = None
    last: tuple[datetime, str, Decimal] | None = None
    keys: frozenset[str] | None = frozenset()

    def __add__(self, other: "Rollup") -> "Rollup":
        keys = None if self.keys is None or other.keys is None else self.keys | other.keys
        with localcontext(prec=_PRECISION):
            return Rollup(
                count=self.count + other.count,
                sum=self.sum + other.sum,
                moment=self.moment + other.moment,
                maximum=max((one.maximum for one in (self, other) if one.maximum is not None), default=None),
                last=max((one.last for one in (self, other) if one.last is not None), default=None),
                keys=keys if keys is not None and len(keys) <= MOST_KEYS else None,
            )


EMPTY = Rollup()


def rolled_up(events: Iterable[UsageEvent]) -> Rollup:
    """Return the rollup of a group of events, in any order."""
    count, total, moment = 0, Decimal(0), Decimal(0)
    maximum: Decimal | None = None
    last: tuple[datetime, str, Decimal] | None = None
    keys: set[str] = set()
    with localcontext(prec=_PRECISION):
        for event in events:
            count += 1
            total += event.value
            moment += event.value * _microseconds(event.at)
            maximum = event.value if maximum is None else max(maximum, event.value)
            latest = (event.at, event.id, event.value)
            last = latest if last is None else max(last, latest)
            if event.key is not None and len(keys) <= MOST_KEYS:
                keys.add(event.key)
    return Rollup(
        count=count,
        sum=total,
        moment=moment,
        maximum=maximum,
        last=last,
        keys=frozenset(keys) if len(keys) <= MOST_KEYS else None,
    )


def aggregated(
    aggregation: Aggregation,
    rollup: Rollup,
    period: Period,
    *,
    before: Decimal = Decimal(0),
    unique: int | None = None,
    earlier: Rollup = EMPTY,
) -> Decimal:
    """Return the quantity of the events of `period`, never below zero.

    WEIGHTED_SUM: events change a level, which was `before` when the period began; the quantity is its mean over the period,
    rounded to 12 decimals, half up. UNIQUE_COUNT: `unique` where a rollup has too many keys. MAX and LAST of nothing are zero.

    `earlier` is what was billed before of the billing period that `period` is a part of: keys seen there are not counted again,
    and the level that was told last there is the one that MAX and LAST begin with.
    """
    match aggregation:
        case Aggregation.SUM | Aggregation.TRANSACTIONS:
            quantity = rollup.sum
        case Aggregation.COUNT:
            quantity = Decimal(rollup.count)
        case Aggregation.UNIQUE_COUNT:
            new = rollup.keys - earlier.keys if rollup.keys is not None and earlier.keys is not None else None
            quantity = Decimal(len(new) if new is not None else unique or 0)
        case Aggregation.MAX:
            begun = earlier.last[2] if earlier.last is not None else Decimal(0)
            quantity = max(rollup.maximum, begun) if rollup.maximum is not None else begun
        case Aggregation.LAST:
            last = rollup.last or earlier.last
            quantity = last[2] if last is not None else Decimal(0)
        case Aggregation.WEIGHTED_SUM:
            quantity = _weighted(rollup, period, before)
    return max(quantity, Decimal(0))


def share_of_level(level: Decimal, part: Period, whole: Period) -> Decimal:
    """Return what a level over a part of a billing period is of one over all of it, with nothing in the rest.

    Rounded to 12 decimals, half up. Parts add up: 100 GB for half of a month and 100 GB for the other half are 50 and 50.
    """
    with localcontext(prec=_PRECISION):
        share = level * (part.length // _MICROSECOND) / (whole.length // _MICROSECOND)
        return plain(share.quantize(Decimal(1).scaleb(-DECIMALS), rounding=ROUND_HALF_UP))


def _weighted(rollup: Rollup, period: Period, before: Decimal) -> Decimal:
    length = Decimal(period.length // _MICROSECOND)
    if not length:
        return before
    with localcontext(prec=_PRECISION):
        changed = (rollup.sum * _microseconds(period.end) - rollup.moment) / length
        return (before + changed).quantize(Decimal(1).scaleb(-DECIMALS), rounding=ROUND_HALF_UP)


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
