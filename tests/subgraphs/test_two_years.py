"""Two years of a thousand plan subscriptions on a test clock: what is billed and paid is what a calendar and a pencil say.

Some cards are declined for a while: a retry recovers, another card does, or the campaign ends. Some customers have credit.

The expectations are computed by `Story.expected`, which shares no code with what it checks: fractions for money, plain dates
for periods, one loop over the periods of one subscription.
"""

import calendar
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from subgraphs.customer.commands.change_balance import adjust_balance
from subgraphs.customer.commands.change_wallet import create_wallet, top_up_wallet
from subgraphs.customer.domain.wallet_events import GrantSource
from subgraphs.invoice.domain.dunning import DunningAction, DunningCampaign
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus, PaymentStatus
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.commands.change_plan_subscription import WantedChange, change_plan_subscription
from subgraphs.subscription.commands.known_facts import WantedItem
from subgraphs.subscription.commands.move_tenant_clock import advance_tenant_clock, freeze_tenant_clock
from subgraphs.subscription.commands.pause_plan_subscription import pause_plan_subscription
from subgraphs.subscription.commands.record_usage import Recorded, RecordedEvent, WantedEvent, record_usage
from subgraphs.subscription.commands.redeem_coupon import WantedDiscount
from subgraphs.subscription.commands.start_plan_subscription import Trial, WantedStart, start_plan_subscription
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import CancellationTime, PlanSubscriptionStatus
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
    currency: str = "EUR"


MONTHLY = Plan("price_month", 1234, IntervalUnit.MONTH)
QUARTERLY = Plan("price_quarter", 3501, IntervalUnit.MONTH, 3)
YEARLY = Plan("price_year", 11_999, IntervalUnit.YEAR)
WEEKLY = Plan("price_week", 333, IntervalUnit.WEEK)
DOLLARS = Plan("price_dollars", 1717, IntervalUnit.MONTH, currency="USD")
RETRY_DAYS = (1, 3, 5, 7)
UNPAID = DunningCampaign(retry_after_days=RETRY_DAYS, action=DunningAction.MARK_UNPAID)
"""In US dollars; in euros, what cannot be paid is canceled after the same days."""

Billed = tuple[int, datetime, datetime, int]
"""A period's number, start and end, and the total of its invoice in minor units."""


Settled = tuple[int, int, int, int, bool]
"""What wallets, the balance and the card pay of an invoice, in minor units, how often it was retried, and whether it is paid."""


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
    declined: tuple[datetime, datetime, bool] | None = None
    """From when until when the card is declined, and whether another one is attached then: that is charged at once."""
    balance: int = 0
    grant: tuple[int, datetime] | None = None
    """Minor units in a wallet, and when they expire."""
    customer_id: str = ""
    id: str = ""

    @cached_property
    def expected(self) -> tuple[list[Billed], int]:
        """Return what each period is billed, and what is billed besides."""
        periods: list[Billed] = []
        self.settled, self.left, self.ended = [], [self.grant[0] if self.grant else 0, self.balance], None
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
            unpaid_until = self.settle(at, periods[-1][3])
            if unpaid_until is not None:
                if self.plan.currency == "EUR":
                    self.ended = unpaid_until
                    return periods, 0
                assert self.declined is not None
                at = self.declined[1]
                continue
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

    def settle(self, at: datetime, total: int) -> datetime | None:
        """Note how the invoice of `at` is paid; return when its last retry failed, None: it is paid, or retries go on."""
        from_wallet = min(total, self.left[0]) if self.grant and at < self.grant[1] else 0
        from_balance = min(total - from_wallet, self.left[1])
        self.left[0] -= from_wallet
        self.left[1] -= from_balance
        due = total - from_wallet - from_balance
        tries = [at, *(at + timedelta(days=days) for days in RETRY_DAYS)]
        failed = [one for one in tries if self.declined and due and self.declined[0] <= one < self.declined[1] and one <= END]
        fails_all = len(failed) == len(tries)
        # Another card, or the bank that accepts the card again before the last try.
        paid = not failed or (self.declined is not None and self.declined[1] <= END and (self.declined[2] or not fails_all))
        retries = len(failed) - 1 if failed else 0
        if failed and paid and self.declined and not self.declined[2]:
            retries += 1  # the one that succeeded
        self.settled.append((from_wallet, from_balance, due if paid else 0, retries, paid))
        return tries[-1] if fails_all else None

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
        case 24:
            base.plan = DOLLARS if number % 2 else MONTHLY
            renewal = base.edge(3 + number // 50 % 12)
            # Paid by the first or the second retry, by another card on the fifth day, by one when all was over, or never.
            hours, another_card = ((12, False), (60, False), (101, True), (45 * 24, True), (9 * 24, False))[number // 50 % 5]
            if base.plan is DOLLARS and hours == 9 * 24:
                hours, another_card = 38 * 24, True  # else it would be unpaid for good
            base.declined = (renewal - day, renewal + timedelta(hours=hours), another_card)
    if number % 5 == 4:
        base.balance = 100 * (number % 37)
    if number % 7 == 3:
        base.grant = (50 * (number % 90), base.start + (20 + number % 400) * day + timedelta(minutes=1))
    return base


class World:
    """A tenant with a test clock, and what its customers do when."""

    def __init__(self, flow: MemoryFlow) -> None:
        self.flow, self.services = flow, flow.subscription
        facts = flow.facts
        facts.clocks.add(TENANT)
        facts.add_plan()
        flow.campaigns.by_currency["USD"] = UNPAID
        for plan in (MONTHLY, QUARTERLY, YEARLY, WEEKLY, DOLLARS):
            amount = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": str(Decimal(plan.unit) / 100)}
            facts.add_price(
                plan.price_id, interval_unit=plan.interval, interval_count=plan.count, currency=plan.currency, **amount
            )
        facts.add_meter()
        facts.add_price("price_calls", model="PER_UNIT", flat_amount_minor=None, unit_amount="0.07", meter_id="mtr_1")
        for percent, periods in ((15, None), (25, None), (25, 3)):
            facts.add_coupon(f"cou_{percent}_{periods}", percent_off=str(percent), periods=periods)

    async def live(self, stories: list[Story]) -> int:
        """Let everything happen at its time; return how many steps time took by itself."""
        agenda: dict[datetime, list[tuple[Story, str]]] = defaultdict(list)
        for number, one in enumerate(stories):
            one.customer_id = f"cus_{number}"
            await self._add_customer(one)
            happens = [(one.start, "start"), *((at, "call") for at, _ in one.calls if not one.cancel or at < one.cancel[0])]
            happens += [(found[0], what) for what in ("change", "pause", "cancel") if (found := getattr(one, what))]
            if one.declined:
                happens += [(one.declined[0], "declined"), (one.declined[1], "new card" if one.declined[2] else "accepted")]
            for at, what in happens:
                if at <= END:
                    agenda[at].append((one, what))
        services, steps = self.services, 0
        await freeze_tenant_clock(services.clocks, services.due, BEGIN, self.flow.context(BEGIN))
        for at in (*sorted(agenda), END):
            await advance_tenant_clock(services.clocks, at, self.flow.context(at))
            steps += await self.flow.walk().walk(TENANT)
            for one, what in agenda[at]:
                await self._happen(one, what, at)
        return steps

    async def _add_customer(self, one: Story) -> None:
        flow, id, currency, context = self.flow, one.customer_id, one.plan.currency, self.flow.context(BEGIN)
        flow.facts.add_customer(id, time_zone=one.zone, currency=currency)
        await flow.add_customer(id, BEGIN)
        customers, balances, wallets = flow.customer.customers, flow.customer.balances, flow.customer.wallets
        if one.balance:
            amount = Money(one.balance, currency)
            await adjust_balance(customers, balances, id, amount, None, allow_negative=False, context=context)
        if one.grant and one.grant[0]:
            wallet = await create_wallet(customers, wallets, id, "Prepaid", currency, 1, None, context)
            amount, expires_at = Money(one.grant[0], currency), one.grant[1]
            await top_up_wallet(customers, wallets, wallet.id, amount, GrantSource.PURCHASED, expires_at, None, context)

    async def _happen(self, one: Story, what: str, at: datetime) -> None:
        services, context = self.services, self.flow.context(at)
        subscriptions, metered = services.subscriptions, services.metered
        match what:
            case "start":
                coupon = f"cou_{one.percent}_{one.percent_periods if one.percent_periods < 1000 else None}"
                wanted = WantedStart(
                    customer_id=one.customer_id,
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
            case "declined":
                self.flow.tokens[one.customer_id] = "sandbox_declined"
            case "accepted":
                del self.flow.tokens[one.customer_id]
            case "new card":
                await self.flow.pay_by(one.customer_id, "sandbox_success", at)
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
                assert told == [RecordedEvent(recorded=Recorded.NEW, will_be_billed=True)]


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


@pytest.mark.timeout(600)  # it computes for a minute, and the machine may be slow
async def test_two_years_of_a_thousand_subscriptions_are_billed_exactly_once_and_to_the_cent() -> None:
    stories = [story(number) for number in range(COUNT)]
    with memory_flow(at_once=True, with_customers=True) as flow:
        steps = await World(flow).live(stories)

        of: dict[str, list[Invoice]] = defaultdict(list)
        for invoice in flow.invoices:
            of[str(invoice.drafted.draft.plan_subscription_id)].append(invoice)
        for one in stories:
            assert billed(of[one.id]) == one.expected, one
        assert sum(invoice.total.minor_units for invoice in flow.invoices) == sum(
            besides + sum(total for *_, total in periods) for periods, besides in (one.expected for one in stories)
        )

        for one in stories:
            periods, _ = billed(of[one.id])
            goes_on = [one.pause[1] if one.pause else None, one.declined[1] if one.declined else None]
            assert all(later[1] == before[2] or later[1] in goes_on for before, later in pairwise(periods))
            assert len({number for number, *_ in periods}) == len(periods)

        # What time did by itself, it did day by day, and to each customer in the order in which it was due.
        taken = [
            commit
            for commit in flow.streams[0].commits
            if commit.context.actor == "system:test-clock" and commit.kind == PlanSubscription.kind
        ]
        assert [commit.context.at.date() for commit in taken] == sorted(commit.context.at.date() for commit in taken)
        walked: dict[str, list[datetime]] = defaultdict(list)
        for commit in taken:
            walked[commit.aggregate_id].append(commit.context.at)
        assert all(times == sorted(times) for times in walked.values())
        assert len(taken) == steps

        # Everything is numbered without a gap, and the number never runs against the date.
        numbered = sorted(flow.invoices, key=lambda invoice: invoice.number or "")
        assert [invoice.number for invoice in numbered] == [f"INV-{number:06d}" for number in range(1, len(numbered) + 1)]
        dates = [invoice.drafted.created_at.date() for invoice in numbered]
        assert dates == sorted(dates)

        # Credit pays first, then the card: at once, by a retry, by another card, or not at all.
        for one in stories:
            assert settled([invoice for invoice in of[one.id] if invoice.drafted.draft.period_number is not None]) == one.settled
            shown = flow.subscriptions[one.id]
            if one.ended is not None:
                assert (shown.status, shown.canceled_at) == (PlanSubscriptionStatus.CANCELED, one.ended), one
        succeeded = [payment for payment in flow.payments if payment.status is PaymentStatus.SUCCEEDED]
        charged = [(payment.subject.invoice_id, payment.subject.amount) for payment in succeeded]
        assert sorted(charged) == sorted((one.id, one.amount_paid) for one in flow.invoices if one.amount_paid)
        assert len(flow.provider.moved) == len(charged)
        ways = Counter((retries, paid) for one in stories for *_, retries, paid in one.settled if retries)
        assert ways.keys() == {(1, True), (2, True), (4, True), (4, False)}, ways


def settled(invoices: list[Invoice]) -> list[Settled]:
    """Return how each invoice of a period is paid."""
    return [
        (
            invoice.credit_from_wallets.minor_units,
            invoice.credit_applied.minor_units - invoice.credit_from_wallets.minor_units,
            invoice.amount_paid.minor_units,
            invoice.dunning.retry_number - (invoice.dunning.retry_at is not None),
            invoice.status is InvoiceStatus.PAID,
        )
        for invoice in invoices
    ]
