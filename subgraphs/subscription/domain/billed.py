"""What an event is billed with: the lines that the invoice of it will have."""

from dataclasses import dataclass

from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money, total
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.rating import rate_part
from subgraphs.subscription.domain.events import AdjustmentsBilled, BillingPeriodOpened
from subgraphs.subscription.domain.values import Adjustment, BilledItem

__all__ = ["Bill", "BillLine", "bill_of"]


@dataclass(frozen=True, slots=True)
class BillLine:
    """One charge or, where negative, credit, for the time that `period` is."""

    description: str
    quantity: int
    period: Period
    amount: Money
    explanation: str


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
            charged = (_charge(billed, period) for billed in event.billed)
            return Bill(currency, (*charged, *(_line(adjustment, currency) for adjustment in event.adjustments)))
        case AdjustmentsBilled():
            return Bill(event.currency, tuple(_line(adjustment, event.currency) for adjustment in event.adjustments))
    return None


def _charge(billed: BilledItem, period: Period) -> BillLine:
    item = billed.item
    rated = rate_part(item.price.charge, item.quantity, billed.share)
    return BillLine(item.price.plan_name, item.quantity, period, rated.amount, rated.explanation)


def _line(adjustment: Adjustment, currency: str) -> BillLine:
    return BillLine(
        adjustment.description,
        adjustment.quantity,
        Period(adjustment.start, adjustment.end),
        Money(adjustment.amount_minor, currency),
        adjustment.explanation,
    )
