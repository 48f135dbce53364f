"""What customers paid for and did not have goes back when a subscription ends: subscriptions, invoices and balances in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from subgraphs.customer.commands.change_balance import find_balance
from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.follow_dispute import follow_dispute
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.domain.payment_provider import DisputeState
from subgraphs.invoice.sagas.billing import BillingSaga
from subgraphs.kit.domain.money import Money
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.messaging.envelope import envelope_of
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.commands.change_plan_subscription import WantedChange, change_plan_subscription
from subgraphs.subscription.commands.move_tenant_clock import advance_tenant_clock, freeze_tenant_clock
from subgraphs.subscription.commands.previews import CancellationPreview
from subgraphs.subscription.commands.start_plan_subscription import WantedStart, start_plan_subscription
from subgraphs.subscription.domain.values import CancellationTime, ProrationBehavior, UnusedTime
from subgraphs.subscription.published import publish
from tests.testkit.memory_flow import TENANT, MemoryFlow, memory_flow


def april(day: int) -> datetime:
    return datetime(2026, 4, day, tzinfo=UTC)


MAY, JUNE = (datetime(2026, month, 1, tzinfo=UTC) for month in (5, 6))
PERIOD_END = WantedCancellation(when=CancellationTime.PERIOD_END)


class World:
    """A customer on a test clock, and what a subscription of theirs is billed and given back."""

    def __init__(self, flow: MemoryFlow) -> None:
        self.flow, self.at, self.id = flow, april(1), ""

    async def begin(self, price_id: str) -> None:
        flow, facts, services = self.flow, self.flow.facts, self.flow.subscription
        facts.clocks.add(TENANT)
        facts.add_plan()
        facts.add_price("10", flat_amount_minor=1_000)
        facts.add_price("100", flat_amount_minor=10_000)
        facts.add_price("year", flat_amount_minor=120_000, interval_unit="YEAR")
        facts.add_customer("cus_1")
        await flow.add_customer("cus_1", self.at)
        await freeze_tenant_clock(services.clocks, services.due, self.at, flow.context(self.at))
        started = await start_plan_subscription(
            services.subscriptions,
            services.known,
            WantedStart(customer_id="cus_1", price_id=price_id, quantity=1),
            flow.context(self.at),
            coupons=services.coupons,
            redemptions=services.redemptions,
            claims=services.claims,
        )
        self.id = started.id

    async def until(self, at: datetime) -> None:
        self.at = at
        await advance_tenant_clock(self.flow.subscription.clocks, at, self.flow.context(at))
        await self.flow.walk().walk(TENANT)

    async def change(self, price_id: str, proration: ProrationBehavior = ProrationBehavior.CREATE) -> None:
        services, wanted = self.flow.subscription, WantedChange(price_id=price_id, proration=proration)
        await change_plan_subscription(
            services.subscriptions, services.known, services.metered, self.id, wanted, self.flow.context(self.at)
        )

    async def cancel(self, wanted: WantedCancellation) -> CancellationPreview:
        """Cancel it and return what the preview said."""
        services, context = self.flow.subscription, self.flow.context(self.at)
        preview = await services.previews.cancellation(self.id, wanted, context)
        await cancel_plan_subscription(services.subscriptions, services.metered, self.id, wanted, context)
        return preview

    @property
    def invoices(self) -> list[tuple[int, int, int]]:
        """What each came to, what of it was credited, and what of that refunded."""
        return [
            (one.total.minor_units, one.amount_credited.minor_units, one.amount_refunded.minor_units)
            for one in self.flow.invoices
        ]

    async def balance(self) -> int:
        customer = await self.flow.customer.customers.get(TENANT, "cus_1")
        found = await find_balance(self.flow.customer.balances, customer, "EUR")
        return found.balance.minor_units if found else 0


@pytest.fixture
async def world() -> AsyncIterator[World]:
    with memory_flow(at_once=True, with_customers=True) as flow:
        yield World(flow)


async def test_an_upgrade_that_waits_for_the_next_invoice_is_billed_when_there_is_none(world: World) -> None:
    await world.begin("10")
    await world.until(april(2))
    await world.change("100")
    preview = await world.cancel(PERIOD_END)
    await world.until(JUNE)
    assert world.invoices == [(1_000, 0, 0), (8_700, 0, 0)]  # −10.00 × 29/30 + 100.00 × 29/30
    assert ([one.bill.total.minor_units for one in preview.bills], preview.credit) == ([8_700], None)


async def test_a_credit_that_waits_for_the_next_invoice_goes_to_the_balance_when_there_is_none(world: World) -> None:
    await world.begin("100")
    await world.until(april(2))
    await world.change("10")
    preview = await world.cancel(PERIOD_END)
    assert (world.invoices, await world.balance()) == ([(10_000, 0, 0)], 0)
    await world.until(JUNE)
    assert (world.invoices, await world.balance()) == ([(10_000, 8_700, 0)], 8_700)  # 100.00 × 29/30 − 10.00 × 29/30
    assert preview.bills == () and preview.credit is not None
    assert (preview.credit.amount_minor, preview.credit.refund) == (8_700, False)


@pytest.mark.parametrize(
    ("wanted", "given_back"),
    [
        (PERIOD_END, 109_137),
        (WantedCancellation(), 109_137),
        (WantedCancellation(unused_time=UnusedTime.CREDIT), 110_105),  # and 10.00 × 30/31 = 9.68
        (WantedCancellation(unused_time=UnusedTime.REFUND), 110_105),
    ],
)
async def test_credit_that_was_kept_for_the_next_invoice_is_the_customers(
    world: World, wanted: WantedCancellation, given_back: int
) -> None:
    await world.begin("year")
    await world.until(MAY)
    await world.change("10")
    await world.until(MAY + timedelta(days=1))
    preview = await world.cancel(wanted)
    await world.until(JUNE)
    refunded = given_back if wanted.unused_time is UnusedTime.REFUND else 0
    # 1200.00 × 335/365 = 1101.37, of which 10.00 paid May
    assert world.invoices == [(120_000, given_back, refunded), (0, 0, 0)]
    assert await world.balance() == given_back - refunded
    assert preview.credit is not None and preview.credit.amount_minor == given_back


@pytest.mark.parametrize("unused", [UnusedTime.CREDIT, UnusedTime.REFUND])
async def test_an_upgrade_that_was_invoiced_at_once_is_given_back_too(world: World, unused: UnusedTime) -> None:
    await world.begin("10")
    await world.until(april(2))
    await world.change("100", ProrationBehavior.INVOICE_NOW)
    await world.until(april(3))
    preview = await world.cancel(WantedCancellation(unused_time=unused))
    # 100.00 × 28/30 = 93.33: the 87.00 of the change, and 6.33 of the 10.00 before
    back = (633, 8_700) if unused is UnusedTime.REFUND else (0, 0)
    assert world.invoices == [(1_000, 633, back[0]), (8_700, 8_700, back[1])]
    assert await world.balance() == 9_333 - sum(back)
    assert preview.credit is not None and preview.credit.amount_minor == 9_333


async def test_what_was_given_back_is_given_back_once_however_often_the_event_comes(world: World) -> None:
    await world.begin("10")
    await world.until(april(2))
    await world.change("100", ProrationBehavior.INVOICE_NOW)
    ended: list[Received] = []
    handle = world.flow.invoice
    await world.cancel(WantedCancellation(unused_time=UnusedTime.CREDIT))
    for commit in world.flow.streams[0].commits:
        envelope = envelope_of(commit, publish(commit))
        ended += [Received(event, envelope) for event in envelope.events if event.type == "plan-subscription-canceled.v1"]
    for one in ended * 2:
        await BillingSaga(handle).credit_unused(one)
    assert (world.invoices, await world.balance()) == ([(1_000, 967, 0), (8_700, 8_700, 0)], 9_667)  # 100.00 × 29/30


async def refunded(world: World, minor: int) -> None:
    eur = Money(minor, "EUR")
    request = CreditRequest(
        reason="goodwill", lines=(LineCredit(line_number=1, amount=eur),), refund=eur, balance=Money.zero("EUR")
    )
    await create_credit_note(world.flow.invoice, world.flow.invoices[0].id, request, world.flow.context(world.at))


async def disputed(world: World) -> None:
    [payment] = world.flow.payments
    lost = world.flow.provider.facts(payment.id, DisputeState.LOST)
    await follow_dispute(world.flow.invoice, payment.id, lost, world.flow.context(world.at))


@pytest.mark.parametrize(
    ("taken_back", "credit"),
    [
        (partial(refunded, minor=3_000), 5_000),  # 100.00 × 15/30, of 70.00
        (partial(refunded, minor=6_000), 4_000),
        (partial(refunded, minor=10_000), 0),
        (disputed, 0),
    ],
)
async def test_what_was_taken_back_of_the_periods_invoice_is_not_credited_once_more(
    world: World, taken_back: Callable[[World], Awaitable[None]], credit: int
) -> None:
    await world.begin("100")
    await world.until(april(16))
    await taken_back(world)
    services, context = world.flow.subscription, world.flow.context(world.at)
    wanted = WantedCancellation(unused_time=UnusedTime.CREDIT)
    ending = (await services.previews.cancellation(world.id, wanted, context)).credit
    assert (ending.amount_minor if ending else 0) == credit
    preview = await services.previews.change(world.id, WantedChange(price_id="10"), context)
    await world.change("10")
    await world.until(JUNE)
    # 10.00 for May, and 10.00 × 15/30 for April; what of a credit that does not use up pays June
    may, june = [one.total.minor_units for one in world.flow.invoices[1:]]
    assert (may, june) == (max(1_500 - credit, 0), 1_000 - min(max(credit - 1_500, 0), 1_000))
    assert preview.next is not None and preview.next.bill.total.minor_units == may


@pytest.mark.parametrize("minor", [3_000, 6_000, 10_000])
async def test_an_end_gives_back_what_a_credit_note_left(world: World, minor: int) -> None:
    await world.begin("100")
    await world.until(april(16))
    await refunded(world, minor)
    preview = await world.cancel(WantedCancellation(unused_time=UnusedTime.REFUND))
    back = min(5_000, 10_000 - minor)  # 100.00 × 15/30
    assert world.invoices == [(10_000, minor + back, minor + back)]
    assert (preview.credit.amount_minor if preview.credit else 0) == back
