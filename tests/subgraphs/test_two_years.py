"""Two years of a thousand plan subscriptions on a test clock: what is billed is what a calendar and a pencil say.

The expectations are computed by `Story.expected`, which shares no code with what it checks: fractions for money, plain dates
for periods, one loop over the periods of one subscription.
"""

import calendar
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus, PaymentStatus
from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.commands.change_plan_subscription import WantedChange, change_plan_subscription
from subgraphs.subscription.commands.known_facts import WantedItem
from subgraphs.subscription.commands.move_tenant_clock import advance_tenant_clock, freeze_tenant_clock
from subgraphs.subscription.commands.pause_plan_subscription import pause_plan_subscription
from subgraphs.subscription.commands.record_usage import Recorded, WantedEvent, record_usage
from subgraphs.subscription.commands.redeem_coupon import WantedDiscount
from subgraphs.subscription.commands.start_plan_subscription import Trial, WantedStart, start_plan_subscription
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import CancellationTime
from subgraphs.subscription.sagas.clock_walk import ClockWalk
from tests.testkit.memory_flow import TENANT, MemoryFlow, memory_flow

COUNT = 1000
BEGIN = datetime(2024, 1, 31, tzinfo=UTC)
END = datetime(2026, 1, 31, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York")
CALL = Fraction(7, 100) * 100  # minor units: 0.07 EUR


@dataclass(frozen=True)
class Plan:
    """What is sold: `unit` minor units per seat and interval."""

    price_id: str
    unit: int
    interval: IntervalUnit
    count: int = 1


MONTHLY = Plan("price_month", 1234, IntervalUnit.MONTH)
QUARTERLY = Plan("price_quarter", 3501, IntervalUnit.MONTH, 3)
YEARLY = Plan("price_year", 11_999, IntervalUnit.YEAR)
WEEKLY = Plan("price_week", 333, IntervalUnit.WEEK)

Billed = tuple[int, datetime, datetime, int]
"""A period's number, start and end, and the total of its invoice in minor units."""


@dataclass
class Story:
    """What one customer does, all of it known beforehand."""

    start: datetime
    zone: str
    plan: Plan
    quantity: int
    trial_days: int = 0
    percent: int = 0
    percent_periods: int = 0
    change: tuple[datetime, int] | None = None
    pause: tuple[datetime, datetime] | None = None
    cancel: tuple[datetime, str] | None = None
    calls: list[tuple[datetime, int]] = field(default_factory=list)
    metered: bool = False
    id: str = ""

    def expected(self) -> tuple[list[Billed], int]:
        """Return what each period is billed, and what is billed besides."""
        periods: list[Billed] = []
        at, quantity, pending, since = self.edge(0), self.quantity, 0, None
        if self.cancel and self.cancel[0] < at:
            return [], 0
        while at <= END:
            index = next(k for k in range(200) if self.edge(k) <= at < self.edge(k + 1))
            start, end = self.edge(index), self.edge(index + 1)
            percent = self.percent if len(periods) < self.percent_periods else 0
            whole = rounded(Fraction(self.plan.unit * quantity))
            share = Fraction(1) if at == start else Fraction(self.days(at, end), self.days(start, end))
            off = rounded(rounded(whole * Fraction(percent, 100)) * share)
            used = self.used(since, at) if since else 0
            periods.append((len(periods), at, end, rounded(whole * share) - off + used + pending))
            pending, since = 0, at
            if self.change and at <= self.change[0] < end:
                rest = Fraction(self.days(self.change[0], end), self.days(start, end))
                before, after = (
                    full - rounded(full * Fraction(percent, 100)) for full in (whole, self.plan.unit * self.change[1])
                )
                pending, quantity = rounded(after * rest) - rounded(before * rest), self.change[1]
            if self.cancel and at <= self.cancel[0] < end:
                last = self.cancel[0] if self.cancel[1] == "now" else end
                return periods, self.used(at, last) if last <= END else 0
            if self.pause and at <= self.pause[0] < end and self.pause[1] >= end:
                at = self.pause[1]
                continue
            at = end
        return periods, 0

    def edge(self, number: int) -> datetime:
        """Return where period `number` begins by the calendar."""
        local = self.start.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) + timedelta(days=self.trial_days)
        steps = number * self.plan.count
        if self.plan.interval is IntervalUnit.WEEK:
            moved = local + timedelta(days=7 * steps)
        else:
            months = local.year * 12 + local.month - 1 + (12 * steps if self.plan.interval is IntervalUnit.YEAR else steps)
            year, month = divmod(months, 12)
            day = min(local.day, calendar.monthrange(year, month + 1)[1])
            moved = datetime(year, month + 1, day, local.hour, local.minute)
        return moved.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def days(self, start: datetime, end: datetime) -> int:
        first, last = (one.astimezone(ZoneInfo(self.zone)).date() for one in (start, end))
        return (last - first).days

    def used(self, start: datetime, end: datetime) -> int:
        return rounded(CALL * sum(value for at, value in self.calls if start <= at < end))


def rounded(amount: Fraction) -> int:
    """Half away from zero."""
    whole = int(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def story(number: int) -> Story:
    """Return the story of a subscriber: every kind of plan, anchors on all days of the month, and what can happen to them."""
    day, noon = timedelta(days=1), BEGIN + timedelta(hours=12)
    start = BEGIN + number % 61 * day + timedelta(hours=9)
    base = Story(start, ZONES[number % 3], MONTHLY, 1 + number % 4)
    later = noon + (110 + 7 * (number % 23)) * day
    match number % 25:
        case 0 | 1 | 2 | 3:
            base.plan = YEARLY
        case 4 | 5:
            base.plan = QUARTERLY
        case 6 if number % 2:
            base.plan = WEEKLY
        case 7 | 8:
            base.trial_days = 14 + number % 17
        case 9:
            base.trial_days, base.cancel = 90, (noon + 62 * day, "end")
        case 10:
            base.pause = (later, later + (10 + number % 90) * day + timedelta(minutes=number))
        case 11:
            base.pause = (later, later + 40 * day)
            base.percent, base.percent_periods = 15, 1000
        case 12:
            base.change = (later, base.quantity + 3)
        case 13:
            base.quantity, base.change = 9, (later, 7)
            base.percent, base.percent_periods = 25, 1000
        case 14 | 15:
            base.cancel = (later + 100 * day, "now")
        case 16:
            base.cancel = (later + 150 * day, "end")
        case 17 | 18:
            base.percent, base.percent_periods = 25, 3
        case 19 | 20:
            base.metered = True
            base.calls = [(noon + step * day, 10 + 3 * step % 11) for step in range(63, 720, 23)]
        case 21:
            base.metered, base.cancel = True, (later + 77 * day, "now")
            base.calls = [(noon + step * day, 5 + step) for step in range(63, 300, 23)]
        case 22:
            base.plan, base.change = YEARLY, (later, base.quantity + 1)
        case 23:
            base.plan, base.cancel = QUARTERLY, (later + 200 * day, "end")
    return base


class World:
    """A tenant with a test clock, and what its customers do when."""

    def __init__(self, flow: MemoryFlow) -> None:
        self.flow, self.services = flow, flow.subscription
        facts = flow.facts
        facts.clocks.add(TENANT)
        facts.add_plan()
        for zone in ZONES:
            facts.add_customer(zone, time_zone=zone)
        for plan in (MONTHLY, QUARTERLY, YEARLY, WEEKLY):
            amount = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": str(Decimal(plan.unit) / 100)}
            facts.add_price(plan.price_id, interval_unit=plan.interval, interval_count=plan.count, **amount)
        facts.add_meter()
        facts.add_price("price_calls", model="PER_UNIT", flat_amount_minor=None, unit_amount="0.07", meter_id="mtr_1")
        for percent, periods in ((15, None), (25, None), (25, 3)):
            facts.add_coupon(f"cou_{percent}_{periods}", percent_off=str(percent), periods=periods)

    async def live(self, stories: list[Story]) -> int:
        """Let everything happen at its time; return how many steps time took by itself."""
        agenda: dict[datetime, list[tuple[Story, str]]] = defaultdict(list)
        for one in stories:
            happens = [(one.start, "start"), *((at, "call") for at, _ in one.calls if not one.cancel or at < one.cancel[0])]
            happens += [(found[0], what) for what in ("change", "pause", "cancel") if (found := getattr(one, what))]
            for at, what in happens:
                if at <= END:
                    agenda[at].append((one, what))
        services, steps = self.services, 0
        await freeze_tenant_clock(services.clocks, services.due, BEGIN, self.flow.context(BEGIN))
        for at in (*sorted(agenda), END):
            await advance_tenant_clock(services.clocks, at, self.flow.context(at))
            steps += await ClockWalk(services).walk(TENANT)
            for one, what in agenda[at]:
                await self._happen(one, what, at)
        return steps

    async def _happen(self, one: Story, what: str, at: datetime) -> None:
        services, context = self.services, self.flow.context(at)
        subscriptions, metered = services.subscriptions, services.metered
        match what:
            case "start":
                coupon = f"cou_{one.percent}_{one.percent_periods if one.percent_periods < 1000 else None}"
                wanted = WantedStart(
                    customer_id=one.zone,
                    price_id=one.plan.price_id,
                    quantity=one.quantity,
                    add_ons=(WantedItem(price_id="price_calls"),) if one.metered else (),
                    trial=Trial(one.trial_days) if one.trial_days else None,
                    discount=WantedDiscount(coupon_id=coupon) if one.percent else None,
                )
                started = await start_plan_subscription(
                    subscriptions,
                    services.known,
                    wanted,
                    context,
                    coupons=services.coupons,
                    redemptions=services.redemptions,
                    claims=services.claims,
                )
                one.id = started.id
            case "change" if one.change:
                change = WantedChange(quantity=one.change[1])
                await change_plan_subscription(subscriptions, services.known, metered, one.id, change, context)
            case "pause" if one.pause:
                await pause_plan_subscription(subscriptions, one.id, one.pause[1], context)
            case "cancel" if one.cancel and one.cancel[1] == "now":
                await cancel_plan_subscription(subscriptions, metered, one.id, WantedCancellation(), context)
            case "cancel":
                wanted = WantedCancellation(when=CancellationTime.PERIOD_END)
                await cancel_plan_subscription(subscriptions, metered, one.id, wanted, context)
            case "call":
                value = Decimal(dict(one.calls)[at])
                event = WantedEvent(id=f"{one.id}-{at:%j-%Y}", plan_subscription_id=one.id, meter="calls", value=value)
                told = await record_usage(
                    services.usage, services.meters, services.reader, [event], context, watched=services.watched
                )
                assert told == [Recorded.NEW]


def billed(invoices: list[Invoice]) -> tuple[list[Billed], int]:
    """Return what each period was billed, and what was billed besides."""
    periods, besides = list[Billed](), 0
    for invoice in invoices:
        number, total = invoice.drafted.draft.period_number, invoice.total.minor_units
        if number is None:
            besides += total
        else:
            periods.append((number, invoice.lines[0].period.start, invoice.lines[0].period.end, total))
    return periods, besides


async def test_two_years_of_a_thousand_subscriptions_are_billed_exactly_once_and_to_the_cent() -> None:
    stories = [story(number) for number in range(COUNT)]
    with memory_flow(at_once=True) as flow:
        steps = await World(flow).live(stories)

        of: dict[str, list[Invoice]] = defaultdict(list)
        for invoice in flow.invoices:
            of[str(invoice.drafted.draft.plan_subscription_id)].append(invoice)
        for one in stories:
            assert billed(of[one.id]) == one.expected(), one
        assert sum(invoice.total.minor_units for invoice in flow.invoices) == sum(
            besides + sum(total for *_, total in periods) for periods, besides in (one.expected() for one in stories)
        )

        for one in stories:
            periods, _ = billed(of[one.id])
            resumed = one.pause[1] if one.pause else None
            assert all(later[1] == before[2] or later[1] == resumed for before, later in pairwise(periods))
            assert len({number for number, *_ in periods}) == len(periods)

        # What time did by itself, it did in the order in which it was due.
        walked = [commit.context.at for commit in flow.streams[0].commits if commit.context.actor == "system:test-clock"]
        assert walked == sorted(walked)
        taken = [commit for commit in flow.streams[0].commits if commit.context.actor == "system:test-clock"]
        assert sum(commit.kind == PlanSubscription.kind for commit in taken) == steps

        # Everything is numbered without a gap and paid for once.
        assert {invoice.status for invoice in flow.invoices} == {InvoiceStatus.PAID}
        assert sorted(invoice.number or "" for invoice in flow.invoices) == [
            f"INV-{number:06d}" for number in range(1, len(flow.invoices) + 1)
        ]
        succeeded = [payment for payment in flow.payments if payment.status is PaymentStatus.SUCCEEDED]
        charged = [(payment.subject.invoice_id, payment.subject.amount) for payment in succeeded]
        assert sorted(charged) == sorted((one.id, one.total) for one in flow.invoices if one.total)
        assert len(flow.provider.moved) == len(charged)
