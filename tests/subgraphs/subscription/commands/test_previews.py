"""What would be billed is what is billed then: starts, cancellations, and the invoices to come."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import ConcurrentChange, InvalidInput, NotFound
from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.pricing.usage import UsageEvent
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.commands.known_facts import WantedItem
from subgraphs.subscription.commands.previews import MOST_UPCOMING, PreviewedBill, Previews
from subgraphs.subscription.commands.redeem_coupon import WantedDiscount
from subgraphs.subscription.commands.schedule_phases import WantedPhase, WantedSchedule, schedule_phases
from subgraphs.subscription.commands.settle_payment import note_period_paid
from subgraphs.subscription.commands.start_plan_subscription import Trial, WantedStart
from subgraphs.subscription.domain.billed import Bill, bill_of
from subgraphs.subscription.domain.schedule import ScheduleEnding
from subgraphs.subscription.domain.usage import MeteredEvent
from subgraphs.subscription.domain.values import CancellationTime, UnusedTime
from tests.testkit.memory import context
from tests.testkit.subscribing import InMemorySubscriptions

APRIL = datetime(2026, 4, 1, tzinfo=UTC)
MAY = datetime(2026, 5, 1, tzinfo=UTC)
MID_APRIL = datetime(2026, 4, 16, tzinfo=UTC)


def previews(subscriptions: InMemorySubscriptions) -> Previews:
    return Previews(subscriptions.repository, subscriptions.facts, subscriptions.facts, subscriptions.metered)


def shown(previewed: PreviewedBill) -> tuple[datetime, int]:
    return previewed.at, previewed.bill.total.minor_units


async def active(subscriptions: InMemorySubscriptions, price_id: str = "price_1") -> str:
    id = (await subscriptions.start(APRIL, price_id)).id
    await note_period_paid(subscriptions.repository, id, 0, context(at=APRIL))
    return id


async def billed(subscriptions: InMemorySubscriptions, id: str) -> list[Bill]:
    return [bill for event in await subscriptions.events(id) if (bill := bill_of(event)) is not None]


async def test_a_start_shows_its_first_invoices_and_saves_nothing() -> None:
    subscriptions = InMemorySubscriptions()
    wanted = WantedStart(customer_id="cus_1", price_id="price_seat", quantity=2, billing_day=1, starts_at=MID_APRIL)
    preview = await previews(subscriptions).start(wanted, 3, context(at=MID_APRIL))
    # 2 × 12.50 for 15 of the 30 days of April, then whole months
    assert [shown(bill) for bill in preview.bills] == [
        (MID_APRIL, 1250),
        (MAY, 2500),
        (MAY.replace(month=6), 2500),
    ]
    assert (preview.starts_at, preview.trial_end) == (MID_APRIL, None)
    assert subscriptions.store.commits == {}


async def test_what_a_backdated_start_is_billed_for_is_billed_when_it_is_told() -> None:
    subscriptions = InMemorySubscriptions()
    wanted = WantedStart(customer_id="cus_1", price_id="price_1", starts_at=APRIL)
    june = MAY.replace(month=6, day=2)
    preview = await previews(subscriptions).start(wanted, 4, context(at=june))
    assert [shown(bill) for bill in preview.bills] == [(june, 1900), (june, 1900), (june, 1900), (MAY.replace(month=7), 1900)]


async def test_a_trial_is_followed_by_the_first_invoice_where_it_is_billed_then() -> None:
    subscriptions = InMemorySubscriptions()
    wanted = WantedStart(customer_id="cus_1", price_id="price_1", trial=Trial(15))
    preview = await previews(subscriptions).start(wanted, 1, context(at=APRIL))
    assert (preview.trial_end, [shown(bill) for bill in preview.bills]) == (MID_APRIL, [(MID_APRIL, 1900)])


async def test_a_coupon_counts_and_no_redemption_is_used_up() -> None:
    subscriptions = InMemorySubscriptions()
    subscriptions.facts.add_coupon(max_redemptions=1, periods=1)
    wanted = WantedStart(customer_id="cus_1", price_id="price_1", discount=WantedDiscount("cou_1"))
    for _ in range(2):
        preview = await previews(subscriptions).start(wanted, 2, context(at=APRIL))
        assert [bill.bill.total.minor_units for bill in preview.bills] == [1425, 1900]  # 19.00 - 25 %, then 19.00
    started = await subscriptions.start(APRIL, discount=WantedDiscount("cou_1"))
    assert [bill.total.minor_units for bill in await billed(subscriptions, started.id)] == [1425]


async def test_a_start_that_would_be_refused_says_why() -> None:
    subscriptions = InMemorySubscriptions()
    for wanted, field in (
        (WantedStart(customer_id="cus_9", price_id="price_1"), ("customerId",)),
        (WantedStart(customer_id="cus_1", price_id="price_9"), ("priceId",)),
        (WantedStart(customer_id="cus_1", price_id="price_1", discount=WantedDiscount("cou_9")), ("couponId",)),
    ):
        with pytest.raises(NotFound) as refused:
            await previews(subscriptions).start(wanted, 1, context(at=APRIL))
        assert refused.value.field == field
    with pytest.raises(InvalidInput):
        await previews(subscriptions).start(WantedStart(customer_id="cus_1", price_id="price_1", quantity=0), 1, context())


async def test_upcoming_invoices_follow_what_is_scheduled_to_its_end() -> None:
    subscriptions = InMemorySubscriptions()
    id = await active(subscriptions, "price_seat")
    wanted = WantedSchedule(
        phases=(WantedPhase(quantity=2, periods=1), WantedPhase(quantity=3, periods=2)), ending=ScheduleEnding.CANCEL
    )
    await schedule_phases(subscriptions.repository, subscriptions.facts, id, wanted, context(at=MID_APRIL))
    before = dict(subscriptions.store.commits)
    upcoming = await previews(subscriptions).upcoming(id, MOST_UPCOMING, context(at=MID_APRIL))
    assert [shown(bill) for bill in upcoming] == [
        (MAY, 2500),
        (MAY.replace(month=6), 3750),
        (MAY.replace(month=7), 3750),
    ]
    assert subscriptions.store.commits == before
    for count in (0, MOST_UPCOMING + 1):
        with pytest.raises(InvalidInput):
            await previews(subscriptions).upcoming(id, count, context())
    with pytest.raises(NotFound):
        await previews(subscriptions).upcoming(id, 1, context("rival"))


async def test_what_was_used_so_far_is_part_of_the_next_invoice() -> None:
    subscriptions = InMemorySubscriptions()
    facts = subscriptions.facts
    facts.add_meter()
    facts.add_price("price_calls", model="PER_UNIT", flat_amount_minor=None, unit_amount="0.10", meter_id="mtr_1")
    id = (await subscriptions.start(APRIL, add_ons=(WantedItem(price_id="price_calls"),))).id
    await note_period_paid(subscriptions.repository, id, 0, context(at=APRIL))
    used = UsageEvent(id="e1", at=MID_APRIL - timedelta(days=1), value=Decimal(250))
    await subscriptions.usage.record(context(), [MeteredEvent(plan_subscription_id=id, meter_id="mtr_1", event=used)])
    upcoming = await previews(subscriptions).upcoming(id, 2, context(at=MID_APRIL))
    assert [shown(bill) for bill in upcoming] == [(MAY, 4400), (MAY.replace(month=6), 1900)]  # 19.00 + 250 × 0.10


async def test_usage_of_a_meter_that_has_not_arrived_is_asked_for_again() -> None:
    subscriptions = InMemorySubscriptions()
    subscriptions.facts.add_price("price_calls", model="PER_UNIT", flat_amount_minor=None, unit_amount="1", meter_id="mtr_1")
    id = await active(subscriptions, "price_calls")
    with pytest.raises(ConcurrentChange, match="has not arrived"):
        await previews(subscriptions).upcoming(id, 1, context(at=MID_APRIL))


@pytest.mark.parametrize("unused", list(UnusedTime))
async def test_a_cancellation_shows_what_is_given_back(unused: UnusedTime) -> None:
    subscriptions = InMemorySubscriptions()
    id = await active(subscriptions)
    wanted = WantedCancellation(unused_time=unused)
    preview = await previews(subscriptions).cancellation(id, wanted, context(at=MID_APRIL))
    canceled = await cancel_plan_subscription(subscriptions.repository, subscriptions.metered, id, wanted, context(at=MID_APRIL))
    assert (preview.ends_at, preview.bills) == (canceled.canceled_at, ())
    if unused is UnusedTime.KEEP:
        assert preview.credit is None
    else:
        assert preview.credit is not None
        # 19.00 × 15/30
        assert (preview.credit.amount_minor, preview.credit.refund) == (950, unused is UnusedTime.REFUND)


async def test_an_end_on_a_date_shows_what_is_billed_until_then() -> None:
    subscriptions = InMemorySubscriptions()
    id = await active(subscriptions)
    at = datetime(2026, 6, 10, tzinfo=UTC)
    wanted = WantedCancellation(when=CancellationTime.DATE, at=at)
    preview = await previews(subscriptions).cancellation(id, wanted, context(at=MID_APRIL))
    assert (preview.ends_at, [shown(bill) for bill in preview.bills]) == (at, [(MAY, 1900), (MAY.replace(month=6), 1900)])
    assert preview.credit is None


async def test_what_is_missing_of_a_commitment_after_a_trial_is_shown_as_if_its_first_invoice_is_paid() -> None:
    subscriptions = InMemorySubscriptions()
    commitment = {"commitmentMinor": 12_000, "commitmentPeriods": 3}
    subscriptions.facts.add_price("price_committed", flat_amount_minor=1_500, details=commitment)
    subscriptions.facts.add_customer(payment_method_id="pm_1")
    trial_end = APRIL + timedelta(days=10)
    id = (await subscriptions.start(APRIL, "price_committed", trial=Trial(10))).id
    end = trial_end + timedelta(days=15)
    ending = WantedCancellation(when=CancellationTime.DATE, at=end)
    preview = await previews(subscriptions).cancellation(id, ending, context(at=APRIL))
    # 120.00 × 1/3 × 15/30 are committed, and 15.00 of them billed
    assert [shown(bill) for bill in preview.bills] == [(trial_end, 1_500), (end, 500)]


@given(
    quantity=st.integers(1, 9),
    price_id=st.sampled_from(["price_1", "price_seat", "price_year"]),
    billing_day=st.none() | st.integers(1, 31),
    trial=st.none() | st.integers(1, 40).map(Trial),
    back=st.integers(0, 366),
    count=st.integers(1, 6),
)
async def test_what_a_start_shows_is_what_it_is_billed(
    quantity: int, price_id: str, billing_day: int | None, trial: Trial | None, back: int, count: int
) -> None:
    subscriptions = InMemorySubscriptions()
    subscriptions.facts.add_price("price_year", interval_unit=IntervalUnit.YEAR, flat_amount_minor=19_000)
    subscriptions.facts.add_customer(payment_method_id="pm_1", time_zone="Europe/Paris")
    starts_at = APRIL - timedelta(days=back)
    wanted = WantedStart(
        customer_id="cus_1",
        price_id=price_id,
        quantity=quantity,
        billing_day=billing_day,
        trial=trial,
        starts_at=starts_at,
    )
    preview = await previews(subscriptions).start(wanted, count, context(at=APRIL))
    current = await subscriptions.start(APRIL, price_id, quantity, billing_day=billing_day, trial=trial, starts_at=starts_at)
    await note_period_paid(subscriptions.repository, current.id, 0, context(at=APRIL))
    while len(made := await billed(subscriptions, current.id)) < count:
        current = await subscriptions.repository.get("acme", current.id)
        if current.due_at is None:
            await note_period_paid(subscriptions.repository, current.id, 0, context(at=APRIL))
        else:
            await subscriptions.renew(current.id, current.due_at, context(at=current.due_at))
    assert [bill.bill for bill in preview.bills] == made
