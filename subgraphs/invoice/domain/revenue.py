"""When what an invoice bills becomes revenue: a plan per line, by day, in whole minor units that sum to the line. Pure.

    net of a line                       its amount after discounts, without tax
    line with a period                  by day of the period, on the calendar of UTC: cum(k) = net × k / days, rounded half away
                                        from zero, and a day is the difference of two cums, so that the parts sum to the net
    days before the invoice has its number, usage, and lines without a period
                                        on the day it gets its number
    credit note                         what is not recognised yet, from its day on, falls first: the rest of it is spread over
                                        the rest of the days; what is more takes back on that day what was recognised
    credit note for unused time         as well, but the rest is recognised on its day: the time of its lines ends
    void invoice                        as a credit note over all that is left

The day on which a period ends belongs to the next one; a period within one day is that day.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from subgraphs.invoice.domain.events import InvoiceCredited, InvoiceFinalized, InvoiceVoided
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceLine
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.kit.domain.series import day_of

__all__ = ["RecognisedMonth", "RevenueChange", "RevenuePlan", "net_of", "recognised_by_month", "revenue_changes", "spread"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueChange:
    """What one commit changes, on its day, in minor units: what is invoiced and credited, and what each day recognises.

    No day is before it. Σ invoiced − Σ credited = Σ recognised over all changes of an invoice.
    """

    version: int
    at: datetime
    invoiced: int
    credited: int
    recognised: Mapping[date, int]


@dataclass(slots=True)
class RevenuePlan:
    """What one line recognises on which day."""

    last: date
    parts: dict[date, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """What is left of the line's net."""
        return sum(self.parts.values())

    def credit(self, amount: int, on: date, *, ends_period: bool = False) -> None:
        """Take `amount` back from day `on`: of what is not recognised before that day first; all is, where the period ends."""
        kept = {day: part for day, part in self.parts.items() if day < on}
        deferred = self.total - sum(kept.values())
        if ends_period:
            self.parts = kept | ({on: deferred - amount} if deferred != amount else {})
        elif amount * deferred >= 0 and abs(amount) <= abs(deferred):
            self.parts = kept | spread(deferred - amount, on, max((self.last - on).days + 1, 1), on)
        else:
            self.parts = kept | {on: deferred - amount}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedMonth:
    """What a month recognises of an invoice, of each line by its number, and what of it is deferred when the month ends."""

    first: date
    recognised: Money
    deferred: Money
    by_line: Mapping[int, Money]


def revenue_changes(
    id: str, tenant: str, commits: Iterable[tuple[datetime, Sequence[Event]]]
) -> tuple[Invoice, list[RevenuePlan], list[RevenueChange]]:
    """Return the invoice after `commits`, oldest first, each with its business time; its plans by line; and what each changed.

    Business time that goes back within a stream is taken for the latest so far.
    """
    invoice, plans, found = Invoice(id, tenant), list[RevenuePlan](), list[RevenueChange]()
    latest: datetime | None = None
    for version, (at, happened) in enumerate(commits, 1):
        latest = at if latest is None else max(latest, at)
        day, before = day_of(latest), _by_day(plans)
        invoiced = credited = 0
        for event in happened:
            invoice.apply(event)
            match event:
                case InvoiceFinalized():
                    plans = [_plan(line, day) for line in invoice.lines]
                    invoiced += sum(plan.total for plan in plans)
                case InvoiceCredited():
                    for line in event.terms.lines:
                        net = (line.amount - (line.tax - line.added_tax)).minor_units
                        plans[line.line_number - 1].credit(net, day, ends_period=event.terms.ends_period)
                        credited += net
                case InvoiceVoided():
                    for plan in plans:
                        credited += (left := plan.total)
                        plan.credit(left, day)
        after = _by_day(plans)
        recognised = {one: moved for one in sorted({*after, *before}) if (moved := after[one] - before[one])}
        if invoiced or credited or recognised:
            found.append(RevenueChange(version=version, at=latest, invoiced=invoiced, credited=credited, recognised=recognised))
    return invoice, plans, found


def recognised_by_month(plans: Sequence[RevenuePlan], currency: str) -> list[RecognisedMonth]:
    """Return the months in which an invoice's lines are recognised, the earliest first, those of nothing between them, too."""
    by_month: dict[date, Counter[int]] = {}
    for number, plan in enumerate(plans, 1):
        for day, part in plan.parts.items():
            by_month.setdefault(day.replace(day=1), Counter())[number] += part
    if not by_month:
        return []
    found, deferred, month, last = list[RecognisedMonth](), sum(plan.total for plan in plans), min(by_month), max(by_month)
    while month <= last:
        of_lines = by_month.get(month, Counter())
        deferred -= of_lines.total()
        found.append(
            RecognisedMonth(
                first=month,
                recognised=Money(of_lines.total(), currency),
                deferred=Money(deferred, currency),
                by_line={number: Money(part, currency) for number, part in sorted(of_lines.items())},
            )
        )
        month = (month + 31 * _DAY).replace(day=1)
    return found


def net_of(line: InvoiceLine) -> Money:
    """Return what a line is without tax."""
    return line.amount - (line.tax - line.added_tax)


def spread(net: int, first: date, days: int, earliest: date) -> dict[date, int]:
    """Return what each of `days` days from `first` has of `net`; days before `earliest` are added up on it."""
    begun = min(max((earliest - first).days + 1, 0), days)
    parts = {earliest: _cumulated(net, begun, days)} if begun else {}
    for number in range(begun, days):
        parts[first + number * _DAY] = _cumulated(net, number + 1, days) - _cumulated(net, number, days)
    return {day: part for day, part in parts.items() if part}


def _plan(line: InvoiceLine, day: date) -> RevenuePlan:
    net = net_of(line).minor_units
    if line.period is None or line.usage is not None:
        return RevenuePlan(day, {day: net} if net else {})
    first, days = _days(line.period)
    return RevenuePlan(max(first + (days - 1) * _DAY, day), spread(net, first, days, day))


def _days(period: Period) -> tuple[date, int]:
    first, after = day_of(period.start), day_of(period.end)
    return first, max((after - first).days, 1)


def _cumulated(net: int, number: int, days: int) -> int:
    """Return `net` × `number` / `days`, rounded half away from zero."""
    magnitude = (2 * abs(net) * number + days) // (2 * days)
    return magnitude if net >= 0 else -magnitude


def _by_day(plans: Sequence[RevenuePlan]) -> Counter[date]:
    found: Counter[date] = Counter()
    for plan in plans:
        found.update(plan.parts)
    return found
