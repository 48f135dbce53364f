"""What an event is billed with: the lines that the invoice of it will have."""

from dataclasses import dataclass

from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money, total
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.rating import rate_part
from subgraphs.subscription.domain.events import AdjustmentsBilled, BillingPeriodOpened
from subgraphs.subscription.domain.values import Adjustment, Terms

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
            terms, period = Terms(price=event.price, quantity=event.quantity), Period(event.start, event.end)
            rated = rate_part(terms.price.charge, terms.quantity, event.share)
            first = BillLine(terms.price.plan_name, terms.quantity, period, rated.amount, rated.explanation)
            currency = terms.price.currency
            return Bill(currency, (first, *(_line(adjustment, currency) for adjustment in event.adjustments)))
        case AdjustmentsBilled():
            return Bill(event.currency, tuple(_line(adjustment, event.currency) for adjustment in event.adjustments))
    return None


def _line(adjustment: Adjustment, currency: str) -> BillLine:
    return BillLine(
        adjustment.description,
        adjustment.quantity,
        Period(adjustment.start, adjustment.end),
        Money(adjustment.amount_minor, currency),
        adjustment.explanation,
    )
