"""What holds of billing whatever happens: the subscription and invoice subgraphs in memory, from commands to paid invoices."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.draft_bill import draft_of_bill
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceStatus, PaymentStatus
from subgraphs.invoice.projections import invoice_document
from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import DomainError
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.kit.persistence.commit import Commit
from subgraphs.subscription.commands.cancel_plan_subscription import (
    WantedCancellation,
    cancel_plan_subscription,
    undo_cancellation,
)
from subgraphs.subscription.commands.change_discounts import add_discount
from subgraphs.subscription.commands.change_plan_subscription import (
    WantedChange,
    change_plan_subscription,
    undo_change,
)
from subgraphs.subscription.commands.known_facts import WantedItem
from subgraphs.subscription.commands.migrate_price import move_subscriber, prices_of_migration
from subgraphs.subscription.commands.pause_plan_subscription import pause_plan_subscription, resume_plan_subscription
from subgraphs.subscription.commands.reach_thresholds import reach_thresholds
from subgraphs.subscription.commands.record_usage import WantedEvent, record_usage
from subgraphs.subscription.commands.redeem_coupon import WantedDiscount
from subgraphs.subscription.commands.schedule_phases import WantedPhase, WantedSchedule, schedule_phases
from subgraphs.subscription.commands.sell_fees import WantedFee, add_fee, remove_fee
from subgraphs.subscription.commands.start_plan_subscription import Trial, WantedStart, start_plan_subscription
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.billed import Bill, bill_of
from subgraphs.subscription.domain.fees import FeeTime
from subgraphs.subscription.domain.mrr import mrr, mrr_movements
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.price_migration import PriceMigrationStarted
from subgraphs.subscription.domain.schedule import ScheduleEnding
from subgraphs.subscription.domain.values import CancellationTime, ChangeTime, ProrationBehavior, UnusedTime
from subgraphs.subscription.projections import plan_subscription_document
from subgraphs.subscription.sagas.renewal import RenewalTimer
from tests.testkit.memory_flow import TENANT, MemoryFlow, memory_flow
from tests.testkit.payments import Crash

T = TypeVar("T")
DAY = timedelta(days=1)
PRICES = ("price_1", "price_seat", "price_week", "price_year", "price_arrears", "price_committed")


@dataclass(frozen=True)
class Step:
    """Something that is done `days` after what was done before."""

    days: int
    what: str
    number: int = 1
    price_id: str | None = None
    when: ChangeTime = ChangeTime.NOW
    proration: ProrationBehavior = ProrationBehavior.CREATE


def steps(*what: str, days: int = 40) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        days=st.integers(0, days),
        what=st.sampled_from(what),
        number=st.integers(1, 30),
        price_id=st.sampled_from([None, *PRICES]),
        when=st.sampled_from(ChangeTime),
        proration=st.sampled_from(ProrationBehavior),
    )


EVERYTHING = (
    *("change", "undo change", "calls", "phases", "migrate", "pause", "resume", "cancel later", "undo cancellation", "discount"),
    *("use", "use", "fee", "fee", "remove fee"),
)
AND_REFUNDS = (*EVERYTHING, "refund", "refund")


class Customer:
    """One customer with one subscription, renewed by the timer as time passes."""

    def __init__(self, flow: MemoryFlow) -> None:
        self.flow, self.services, self.commands, self.id = flow, flow.subscription, 0, ""
        facts = flow.facts
        facts.add_customer()
        facts.add_plan()
        facts.add_price()
        facts.add_meter()
        seat: dict[str, Any] = {"model": "PER_UNIT", "flat_amount_minor": None}
        facts.add_price("price_seat", unit_amount="12.505", **seat)
        facts.add_price("price_week", interval_unit=IntervalUnit.WEEK, flat_amount_minor=701)
        facts.add_price("price_year", interval_unit=IntervalUnit.YEAR, flat_amount_minor=19_999)
        bounded = {"minimumMinor": 401, "maximumMinor": 9_001, "freeUnits": 20, "allowancesProrated": True}
        at_thresholds = {"usageThresholdsMinor": [500], "recurringThresholdMinor": 1500}
        facts.add_price("price_calls", unit_amount="0.073", meter_id="mtr_1", details=at_thresholds | bounded, **seat)
        facts.add_price("price_arrears", unit_amount="9.99", details={"inArrears": True}, **seat)
        facts.add_price("price_committed", flat_amount_minor=1501, details={"commitmentMinor": 9001, "commitmentPeriods": 3})
        facts.add_price("price_fee", unit_amount="33.335", interval_unit=None, interval_count=None, **seat)
        facts.add_coupon("cou_1", percent_off="33.3", periods=2)
        facts.add_coupon("cou_2", percent_off=None, amount_off_minor=500, currency="EUR", periods=3)

    @property
    def now(self) -> datetime:
        return self.flow.clock.at

    @property
    def shown(self) -> PlanSubscription:
        return self.flow.subscriptions[self.id]

    async def start(self, trial_days: int = 0, *, price_id: str = "price_seat", metered: bool = False) -> None:
        trial = Trial(trial_days) if trial_days else None
        wanted = WantedStart(
            customer_id="cus_1",
            price_id=price_id,
            quantity=3,
            trial=trial,
            add_ons=(WantedItem(price_id="price_calls"),) if metered else (),
            fees=tuple(WantedFee(price_id="price_fee", when=when) for when in FeeTime) if metered else (),
        )
        services, context = self.services, self.context()
        started = await start_plan_subscription(
            services.subscriptions,
            services.known,
            wanted,
            context,
            coupons=services.coupons,
            redemptions=services.redemptions,
            claims=services.claims,
        )
        self.id = started.id

    def context(self) -> CommandContext:
        """Return the circumstances of the next command; what it makes has the same id in every run."""
        self.commands += 1
        return replace(self.flow.context(self.now), write=str(self.commands))

    async def renew(self) -> None:
        """Let a timer that has just begun do all that is due."""
        timer = RenewalTimer(self.services)
        while await timer.renew_due():
            continue

    async def advance(self, days: int) -> None:
        self.flow.clock.at += days * DAY
        await self.renew()

    async def do(self, step: Step) -> bool:
        """Take the step now; return whether it was not refused."""
        services, context, id = self.services, self.context(), self.id
        subscriptions = services.subscriptions
        try:
            match step.what:
                case "change" | "calls":
                    await change_plan_subscription(
                        subscriptions, services.known, services.metered, id, self.wanted(step), context
                    )
                case "phases":
                    await schedule_phases(subscriptions, services.known, id, self.phases(step), context)
                case "migrate":
                    terms = self.shown.terms
                    to, _ = await prices_of_migration(services.known, TENANT, step.price_id or "price_1", terms.price.price_id)
                    move = PriceMigrationStarted(
                        from_price_id=terms.price.price_id,
                        to=to,
                        when=ChangeTime.NOW if step.when is ChangeTime.NOW else ChangeTime.PERIOD_END,
                        proration=step.proration,
                        started_at=context.at,
                    )
                    return await move_subscriber(subscriptions, services.metered, id, move, context) is None
                case "undo change":
                    await undo_change(subscriptions, id, context)
                case "pause":
                    resumes_at = self.now + step.number * DAY if step.number % 2 else None
                    await pause_plan_subscription(subscriptions, id, resumes_at, context)
                case "resume":
                    await resume_plan_subscription(subscriptions, services.metered, id, context)
                case "cancel" | "cancel later":
                    await cancel_plan_subscription(subscriptions, services.metered, id, self.ending(step), context)
                case "undo cancellation":
                    await undo_cancellation(subscriptions, id, context)
                case "discount":
                    wanted = WantedDiscount(coupon_id=f"cou_{1 + step.number % 2}")
                    await add_discount(subscriptions, services.coupons, services.redemptions, id, wanted, context)
                case "fee":
                    when = list(FeeTime)[step.number % 2]
                    fee = WantedFee(price_id="price_fee", quantity=step.number, when=when)
                    await add_fee(subscriptions, services.known, id, fee, context)
                case "remove fee":
                    fee_ids = [one.id for one in self.shown.fees]
                    if fee_ids:
                        await remove_fee(subscriptions, id, fee_ids[step.number % len(fee_ids)], context)
                case "use":
                    event = WantedEvent(
                        id=f"use_{self.commands}", plan_subscription_id=id, meter="calls", value=Decimal(step.number * 50)
                    )
                    await record_usage(
                        services.usage, services.meters, services.reader, [event], context, watched=services.watched
                    )
                    if step.number % 3:
                        await reach_thresholds(subscriptions, services.metered, id, context)
                case "refund":
                    await self.refund(step)
                case other:
                    raise AssertionError(other)
        except (DomainError, Crash):
            return False
        return True

    async def refund(self, step: Step) -> None:
        """Give back a part of an invoice, as goodwill: of one line, or all that is left of it."""
        invoices = [one for one in self.flow.invoices if one.lines][-3:]
        if not invoices:
            return
        invoice = invoices[step.number % len(invoices)]
        lines = None
        if step.number % 4:
            number, line = max(enumerate(invoice.lines, 1), key=lambda one: one[1].amount.minor_units)
            part = Money(line.amount.minor_units * step.number // 30, line.amount.currency)
            lines = (LineCredit(line_number=number, amount=part),)
        request = CreditRequest(reason="goodwill", lines=lines)
        await create_credit_note(self.flow.invoice, invoice.id, request, self.context())

    def ending(self, step: Step) -> WantedCancellation:
        if step.what == "cancel":
            return WantedCancellation(unused_time=list(UnusedTime)[step.number % 3])
        at = self.now + step.number * DAY if step.number % 2 else None
        return WantedCancellation(when=CancellationTime.DATE if at else CancellationTime.PERIOD_END, at=at)

    def phases(self, step: Step) -> WantedSchedule:
        """Return up to three phases of other prices, with an end or without."""
        ending = list(ScheduleEnding)[step.number % 2]
        prices = [step.price_id, *PRICES][: 1 + step.number % 3]
        phases = [
            WantedPhase(price_id=price_id, quantity=1 + number, periods=1 + step.number % 2, proration=step.proration)
            for number, price_id in enumerate(prices)
        ]
        if ending is ScheduleEnding.RELEASE:
            phases[-1] = replace(phases[-1], periods=None)
        starts_at = self.now + step.number * DAY if step.when is ChangeTime.DATE else None
        return WantedSchedule(phases=tuple(phases), starts_at=starts_at, ending=ending)

    def wanted(self, step: Step) -> WantedChange:
        at = self.now + step.number * DAY if step.when is ChangeTime.DATE else None
        if step.what == "calls":  # they are added, or go
            add_ons = () if self.shown.terms.add_ons else (WantedItem(price_id="price_calls"),)
            return WantedChange(add_ons=add_ons, when=step.when, proration=step.proration, at=at)
        return WantedChange(price_id=step.price_id, quantity=1 + step.number % 9, when=step.when, proration=step.proration, at=at)

    async def events(self) -> list[Any]:
        codec = PlanSubscription.codec
        commits: Sequence[Commit] = await self.flow.streams[0].load(TENANT, PlanSubscription.kind, self.id)
        return [codec.decode(event.type, event.data) for commit in commits for event in commit.events]


def state(aggregate: Aggregate) -> dict[str, Any]:
    return {name: value for name, value in vars(aggregate).items() if name != "_unsaved"}


def lines(bill: Bill) -> list[tuple[str, int]]:
    return [(line.description, line.amount.minor_units) for line in bill.lines]


def lines_of(invoice: Invoice) -> list[tuple[str, int]]:
    return [(line.description, line.amount.minor_units) for line in invoice.lines]


async def assert_shown_is_replayed(flow: MemoryFlow) -> None:
    """Every document shows what replaying its stream gives."""
    for subscription in flow.subscriptions.values():
        replayed = await flow.subscription.subscriptions.get(TENANT, subscription.id)
        assert state(replayed) == state(subscription)
        assert plan_subscription_document(replayed) == plan_subscription_document(subscription)
    for invoice in flow.invoices:
        replayed_invoice = await flow.invoice.invoices.get(TENANT, invoice.id)
        assert state(replayed_invoice) == state(invoice)
        assert invoice_document(replayed_invoice) == invoice_document(invoice)


async def assert_billed_once(customer: Customer) -> None:
    """Every bill of the events is one invoice, paid once or void; periods tile time outside pauses."""
    flow, happened = customer.flow, await customer.events()
    bills = [bill for event in happened if (bill := bill_of(event)) is not None]
    ever_active = customer.shown.ever_active
    invoices = [invoice for invoice in flow.invoices if invoice.drafted.draft.plan_subscription_id == customer.id]
    if ever_active or len(invoices) == len(bills):
        assert sorted(map(lines_of, invoices)) == sorted(map(lines, bills))
    assert {invoice.status for invoice in invoices} <= (
        {InvoiceStatus.PAID} if ever_active else {InvoiceStatus.PAID, InvoiceStatus.VOID}
    )
    numbers = [invoice.number for invoice in invoices]
    assert sorted(numbers, key=str) == [f"INV-{number:06d}" for number in range(1, len(invoices) + 1)]

    opened = [event for event in happened if isinstance(event, events.BillingPeriodOpened)]
    assert [event.number for event in opened] == list(range(len(opened)))
    billed = sorted(number for one in invoices if (number := one.drafted.draft.period_number) is not None)
    assert billed == list(range(len(billed)))
    resumed = {event.resumed_at for event in happened if isinstance(event, events.PlanSubscriptionResumed)}
    changed = {event.changed_at for event in happened if isinstance(event, events.PlanSubscriptionChanged)}
    for before, after in pairwise(opened):
        cut_short = after.start in changed and before.start <= after.start < before.end
        assert after.start == before.end or cut_short or (after.start in resumed and after.start > before.end)

    charged = {payment.id: payment for payment in flow.payments if payment.status is PaymentStatus.SUCCEEDED}
    assert sorted(id for id, _ in flow.provider.moved) == sorted(charged)
    paid = [payment.subject.invoice_id for payment in charged.values()]
    assert sorted(paid) == sorted(one.id for one in invoices for _ in one.paid_parts)
    assert all(payment.subject.amount.minor_units > 0 for payment in charged.values())


def assert_nothing_is_given_back_that_was_not_paid(flow: MemoryFlow) -> None:
    for invoice in flow.invoices:
        paid_by = {part.payment_id for part in invoice.paid_parts}
        moved = sum(amount.minor_units for id, amount in flow.provider.moved if id in paid_by)
        given = [amount for _, (payment_id, amount) in flow.provider.refunded.items() if payment_id in paid_by]
        assert sum(amount.minor_units for amount in given) == invoice.amount_refunded.minor_units <= moved
        assert 0 <= invoice.amount_credited.minor_units <= invoice.total.minor_units
        assert all(
            0 <= credited.minor_units <= max(line.amount.minor_units, 0)
            for line, credited in zip(invoice.lines, invoice.line_credits, strict=True)
        )


@settings(max_examples=80, deadline=None)
@given(st.lists(steps(*EVERYTHING), max_size=12), st.sampled_from([0, 0, 10, 45]), st.booleans())
async def test_each_bill_is_one_invoice_periods_tile_time_and_documents_are_what_is_replayed(
    taken: list[Step], trial_days: int, metered: bool
) -> None:
    with memory_flow(at_once=True) as flow:
        customer = Customer(flow)
        await customer.start(trial_days, metered=metered)
        for step in taken:
            await customer.advance(step.days)
            await customer.do(step)
        await customer.advance(45)
        await assert_billed_once(customer)
        await assert_shown_is_replayed(flow)
        commits = await flow.streams[0].load(TENANT, PlanSubscription.kind, customer.id)
        decode = PlanSubscription.codec.decode
        happened = [(commit.context.at, [decode(event.type, event.data) for event in commit.events]) for commit in commits]
        _, movements = mrr_movements(customer.id, TENANT, happened)
        assert sum(one.amount.minor_units for one in movements) == mrr(customer.shown).minor_units


@settings(max_examples=50, deadline=None)
@given(st.lists(steps(*EVERYTHING, days=0), max_size=5), st.sampled_from([0, 0, 7]), st.booleans(), st.integers(1, 150))
async def test_renewing_day_by_day_equals_renewing_in_one_jump(
    taken: list[Step], trial_days: int, metered: bool, days: int
) -> None:
    async def live(jumps: Sequence[int]) -> tuple[Any, list[Any], list[Any]]:
        with memory_flow(at_once=True) as flow:
            customer = Customer(flow)
            await customer.start(trial_days, metered=metered)
            for step in taken:
                await customer.do(step)
            for jump in jumps:
                await customer.advance(jump)
            shown = {"id", "number", "status", "lines", "total_minor", "created_at", "finalized_at", "due_at", "paid_at"}
            made = [invoice_document(one).model_dump(include=shown) for one in flow.invoices]
            return plan_subscription_document(customer.shown), made, await customer.events()

    assert await live([1] * days) == await live([days])


@settings(max_examples=60, deadline=None)
@given(st.lists(steps(*EVERYTHING), max_size=4), steps("change", "calls", days=45), st.sampled_from([0, 0, 45]), st.booleans())
async def test_an_invoice_is_what_the_preview_of_the_change_said(
    taken: list[Step], last: Step, trial_days: int, metered: bool
) -> None:
    with memory_flow(at_once=True) as flow:
        customer = Customer(flow)
        await customer.start(trial_days, metered=metered)
        for step in taken:
            await customer.advance(step.days)
            await customer.do(step)
        await customer.advance(last.days)
        services, context = customer.services, flow.context(customer.now)
        try:
            preview = await services.previews.change(customer.id, customer.wanted(last), context)
        except DomainError:
            assert not await customer.do(last)
            return
        before = len(flow.invoices)
        assert await customer.do(last)
        made = flow.invoices[before:]
        assert len(preview.at_once) == len(made)
        for one, invoice in zip(preview.at_once, made, strict=True):
            assert_previewed(one.told, [invoice], context)
        before = len(flow.invoices)
        while len(flow.invoices) == before and (due := customer.shown.due_at) is not None:
            flow.clock.at = due
            assert await RenewalTimer(services).renew_due() == 1
        billed = flow.invoices[before:]
        assert_previewed(preview.next.told if preview.next else None, billed[:1], context)


@settings(max_examples=40, deadline=None)
@given(st.lists(steps(*AND_REFUNDS, days=20), max_size=6), steps("cancel", "cancel later", days=25), st.sampled_from([0, 0, 45]))
async def test_a_cancellation_bills_and_gives_back_what_its_preview_said(taken: list[Step], last: Step, trial_days: int) -> None:
    with memory_flow(at_once=True) as flow:
        customer = Customer(flow)
        await customer.start(trial_days, metered=True)
        for step in taken:
            await customer.advance(step.days)
            await customer.do(step)
        await customer.advance(last.days)
        wanted = customer.ending(last)
        try:
            preview = await customer.services.previews.cancellation(customer.id, wanted, flow.context(customer.now))
        except DomainError:
            assert not await customer.do(last)
            return
        before, credited = len(await customer.events()), credited_of_lines(customer.flow)
        assert await customer.do(last)
        while (due := customer.shown.due_at) is not None and due <= preview.ends_at:
            flow.clock.at = due
            assert await RenewalTimer(customer.services).renew_due() == 1
        made = (await customer.events())[before:]
        assert [one.bill for one in preview.bills] == [bill for event in made if (bill := bill_of(event)) is not None][:12]
        canceled = [event for event in made if isinstance(event, events.PlanSubscriptionCanceled)]
        assert [event.credit for event in canceled] in ([preview.credit], [])
        given = credited_of_lines(customer.flow) - credited
        assert given == (preview.credit.amount_minor if preview.credit and customer.shown.ever_active else 0)


def credited_of_lines(flow: MemoryFlow) -> int:
    return sum(part.minor_units for invoice in flow.invoices for part in invoice.line_credits)


def assert_previewed(told: Any, invoices: Sequence[Invoice], context: Any) -> None:
    if told is None:
        assert not invoices
        return
    [invoice] = invoices
    draft = draft_of_bill(urlsafe_b64encode(msgspec.json.encode(told)).decode())
    previewed = Invoice.create("preview", draft, context)
    assert previewed.total == invoice.total
    assert previewed.lines == invoice.lines


@settings(max_examples=60, deadline=None)
@given(
    st.lists(steps(*AND_REFUNDS, days=20), max_size=8),
    steps("cancel", days=25),
    st.sampled_from(PRICES),
    st.sampled_from([0, 0, 7]),
    st.booleans(),
)
async def test_a_cancellation_never_gives_back_more_than_was_paid(
    taken: list[Step], last: Step, price_id: str, trial_days: int, metered: bool
) -> None:
    with memory_flow(at_once=True) as flow:
        customer = Customer(flow)
        await customer.start(trial_days, price_id=price_id, metered=metered and price_id in ("price_1", "price_seat"))
        for step in (*taken, last):
            await customer.advance(step.days)
            await customer.do(step)
            waits = -sum(one.amount_minor for one in customer.shown.pending)
            assert waits <= sum(one.left_minor for one in customer.shown.creditable)
        assert_nothing_is_given_back_that_was_not_paid(flow)
        await assert_billed_once(customer)
        await assert_shown_is_replayed(flow)


class Mishaps(RuleBasedStateMachine):
    """Commands, retries, crashes at every commit, and events that come late, twice and in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.stack, self.runner = ExitStack(), asyncio.Runner()
        self.flow = self.stack.enter_context(memory_flow())
        self.customer = Customer(self.flow)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize(trial_days=st.sampled_from([0, 0, 10]), metered=st.booleans())
    def start(self, trial_days: int, metered: bool) -> None:
        self.run(self.customer.start(trial_days, metered=metered))

    @rule(days=st.integers(1, 45))
    def time_passes(self, days: int) -> None:
        self.flow.clock.at += days * DAY

    @rule()
    def a_worker_renews(self) -> None:
        self.run(RenewalTimer(self.flow.subscription).renew_due())

    @rule(step=steps(*EVERYTHING))
    def a_command_is_given(self, step: Step) -> None:
        self.run(self.customer.do(step))

    @rule(step=steps("change", "pause", "cancel later", "discount"))
    def a_command_is_given_twice(self, step: Step) -> None:
        self.run(self.customer.do(step))
        self.run(self.customer.do(step))

    @rule(mark=st.booleans())
    def what_was_committed_is_sent(self, mark: bool) -> None:
        self.run(self.flow.relay(mark=mark))

    @precondition(lambda self: self.flow.on_their_way)
    @rule(positions=st.lists(st.integers(0, 50), min_size=1, max_size=6), again=st.booleans())
    def events_arrive(self, positions: list[int], again: bool) -> None:
        for position in positions:
            self.run(self.flow.deliver(position, again=again))

    @rule(which=st.integers(0, 1), after=st.integers(1, 4), stored_first=st.booleans())
    def a_process_is_about_to_end(self, which: int, after: int, stored_first: bool) -> None:
        self.flow.streams[which].crash_at, self.flow.streams[which].stored_first = after, stored_first

    @rule(after=st.integers(1, 2))
    def the_provider_does_not_answer(self, after: int) -> None:
        self.flow.provider.crashes = after

    def teardown(self) -> None:
        try:
            self.flow.provider.crashes = 0
            self.run(self._finish())
        finally:
            self.runner.close()
            self.stack.close()

    async def _finish(self) -> None:
        if not self.customer.id:
            return
        await self.flow.settle()
        while await RenewalTimer(self.flow.subscription).renew_due():
            await self.flow.settle()
        await assert_billed_once(self.customer)
        await assert_shown_is_replayed(self.flow)


Mishaps.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestMishaps = Mishaps.TestCase
