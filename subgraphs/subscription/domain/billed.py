"""What an event is billed with: the lines that the invoice of it will have."""

from collections.abc import Sequence
from dataclasses import dataclass

from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money, total
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.rating import Rated, rate_part, rate_usage
from subgraphs.subscription.domain.discounts import TakenOff, taken_off
from subgraphs.subscription.domain.events import (
    AdjustmentsBilled,
    BillingPeriodOpened,
    FeesBilled,
    UsageBilled,
    UsageThresholdsReached,
)
from subgraphs.subscription.domain.fees import Fee
from subgraphs.subscription.domain.values import Adjustment, BilledItem, Discount

__all__ = ["Bill", "BillLine", "bill_of", "charges"]


@dataclass(frozen=True, slots=True)
class BillLine:
    """One charge or, where negative, credit, for the time that `period` is; `amount` is what the discounts leave.

    A fee is for no time: its period is None.
    """

    description: str
    quantity: int
    period: Period | None
    amount: Money
    explanation: str
    discounts: tuple[TakenOff, ...] = ()


@dataclass(frozen=True, slots=True)
class Bill:
    """The lines of an invoice, before tax and what else the invoice subgraph knows."""

    currency: str
    lines: tuple[BillLine, ...]

    @property
    def total(self) -> Money:
        return total([line.amount for line in self.lines], self.currency)


def bill_of(event: Event) -> Bill | None:
    """Return what the event is billed with, None when it is not."""
    match event:
        case BillingPeriodOpened():
            period, currency = Period(event.start, event.end), event.price.currency
            return Bill(
                currency,
                (
                    *charges(event.billed, event.discounts, period),
                    *(_fee_line(fee) for fee in event.fees),
                    *(_line(adjustment, currency) for adjustment in event.adjustments),
                ),
            )
        case AdjustmentsBilled():
            adjustments = (_line(adjustment, event.currency) for adjustment in event.adjustments)
            return Bill(event.currency, (*(_fee_line(fee) for fee in event.fees), *adjustments))
        case FeesBilled():
            return Bill(event.currency, tuple(_fee_line(fee) for fee in event.fees))
        case UsageThresholdsReached():
            return Bill(event.currency, tuple(_line(adjustment, event.currency) for adjustment in event.adjustments))
        case UsageBilled():
            adjustments = (_line(adjustment, event.currency) for adjustment in event.adjustments)
            fees = (_fee_line(fee) for fee in event.fees)
            return Bill(event.currency, (*fees, *charges(event.usage, event.discounts), *adjustments))
    return None


def charges(billed: Sequence[BilledItem], discounts: Sequence[Discount], period: Period | None = None) -> list[BillLine]:
    """Return the lines of what is billed for `period`, usage for its own, with the discounts taken off."""
    items, used = [one.item for one in billed], [one.used is not None for one in billed]
    rated = [_rated(one) for one in billed]
    shares = [None if one.used is not None else one.share for one in billed]  # what was used is that of its part already
    taken = taken_off(items, [one.amount for one in rated], shares, discounts, used=used)
    lines = []
    for one, whole, parts in zip(billed, rated, taken, strict=True):
        item, paid_for = one.item, one.period or period
        assert paid_for is not None  # noqa: S101  what is not billed by usage is billed for a period
        amount = whole.amount - total([part.amount for part in parts], whole.amount.currency)
        explanation = "".join((whole.explanation, *(f" − {part.amount} ({part.discount})" for part in parts)))
        lines.append(BillLine(item.price.line_name, item.quantity, paid_for, amount, explanation, parts))
    return lines


def _rated(billed: BilledItem) -> Rated:
    if billed.used is not None:
        return rate_usage(billed.item.price.charge, billed.used, billed.share)
    return rate_part(billed.item.price.charge, billed.item.quantity, billed.share)


def _fee_line(fee: Fee) -> BillLine:
    rated = fee.rated
    return BillLine(fee.price.plan_name, fee.quantity, None, rated.amount, rated.explanation)


def _line(adjustment: Adjustment, currency: str) -> BillLine:
    return BillLine(
        adjustment.description,
        adjustment.quantity,
        Period(adjustment.start, adjustment.end),
        Money(adjustment.amount_minor, currency),
        adjustment.explanation,
    )
