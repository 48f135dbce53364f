"""Recording usage, and what bills it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import AlreadyExists, DomainError, InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.pricing.usage import Aggregation
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.commands.change_plan_subscription import WantedChange, change_plan_subscription
from subgraphs.subscription.commands.current_usage import current_usage
from subgraphs.subscription.commands.known_facts import WantedItem
from subgraphs.subscription.commands.pause_plan_subscription import pause_plan_subscription, resume_plan_subscription
from subgraphs.subscription.commands.previews import Previews
from subgraphs.subscription.commands.record_usage import (
    Recorded,
    RecordedEvent,
    WantedEvent,
    record_usage,
    will_be_billed,
    withdraw_usage,
)
from subgraphs.subscription.commands.settle_payment import note_debt_paid, note_dunning_exhausted, note_period_paid
from subgraphs.subscription.commands.start_plan_subscription import Trial
from subgraphs.subscription.documents import PlanSubscriptionDocument, UsageWindowPart
from subgraphs.subscription.domain.billed import Bill, bill_of
from subgraphs.subscription.domain.events import BillingPeriodOpened, UsageBilled
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.usage_windows import usage_windows
from subgraphs.subscription.domain.values import CancellationTime, ChangeTime, PlanSubscriptionStatus, ProrationBehavior
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import InMemorySubscriptions

# Periods run from January 31 to February 28 and to March 31.
FEBRUARY, MARCH, APRIL = (datetime.fromisoformat(f"2026-{day}T12:00:00.123+00:00") for day in ("02-28", "03-31", "04-30"))


class Metering:
    """A subscription to API calls at 0.01 EUR, and its usage."""

    def __init__(self, aggregation: Aggregation = Aggregation.SUM) -> None:
        self.subscriptions, self.id = InMemorySubscriptions(), ""
        self.billed: list[bool] = []
        facts = self.subscriptions.facts
        facts.add_meter(aggregation=aggregation)
        facts.add_price("price_calls", model="PER_UNIT", flat_amount_minor=None, unit_amount="0.01", meter_id="mtr_1")

    @classmethod
    async def begun(cls, aggregation: Aggregation = Aggregation.SUM) -> "Metering":
        made = cls(aggregation)
        made.id = (await made.subscriptions.start(price_id="price_calls")).id
        await note_period_paid(made.subscriptions.repository, made.id, 0, context())
        return made

    async def find(self, tenant: str, id: str) -> PlanSubscriptionDocument | None:
        found = await self.subscriptions.repository.find(tenant, id)
        if found is None:
            return None
        names = ("id", "status", "started_at", "canceled_at")
        return PlanSubscriptionDocument.model_construct(
            **{name: getattr(found, name) for name in names},
            has_thresholds=found.terms.has_thresholds,
            usage_windows=[UsageWindowPart(meter_id=one.meter_id, start=one.start, end=one.end) for one in usage_windows(found)],
        )

    def event(self, id: str, at: datetime = AT, value: str = "1", **more: Any) -> WantedEvent:
        fields = {"plan_subscription_id": self.id, "meter": "calls"} | more
        return WantedEvent(id=id, value=Decimal(value), at=at, **fields)

    async def record(self, *events: WantedEvent, now: datetime = AT) -> Sequence[Recorded | DomainError]:
        facts, usage, watched = self.subscriptions.facts, self.subscriptions.usage, self.subscriptions.watched
        outcomes = await record_usage(usage, facts, self, events, context(at=now), watched=watched)
        self.billed = [one.will_be_billed for one in outcomes if isinstance(one, RecordedEvent)]
        return [one.recorded if isinstance(one, RecordedEvent) else one for one in outcomes]

    async def withdraw(self, id: str) -> bool:
        """Return whether that makes a difference to an invoice that is still to come."""
        event = (await withdraw_usage(self.subscriptions.usage, id, context())).metered
        return will_be_billed(event, await self.find("acme", event.plan_subscription_id))

    async def renew(self, now: datetime) -> None:
        await self.subscriptions.renew(self.id, now, context(at=now))

    async def bills(self) -> list[Bill]:
        return [bill for event in await self.subscriptions.events(self.id) if (bill := bill_of(event)) is not None]

    async def used_and_billed(self) -> int:
        """Return what was billed of usage, with what came late and was withdrawn, in minor units: 0.01 each."""
        amount = 0
        for event in await self.subscriptions.events(self.id):
            if isinstance(event, BillingPeriodOpened | UsageBilled):
                amount += sum(int(one.used) for one in event.usage if isinstance(one.used, Decimal))
                amount += sum(one.amount_minor for one in event.adjustments if one.description.startswith("Late usage"))
        return amount

    async def totals(self) -> list[int]:
        return [bill.total.minor_units for bill in await self.bills()]


async def test_an_event_counts_once_and_its_id_is_no_other_events() -> None:
    metering = await Metering.begun()
    first, other = metering.event("e1", value="100"), metering.event("e2", value="50")
    assert await metering.record(first, other, first) == [Recorded.NEW, Recorded.NEW, Recorded.KNOWN]
    [refused] = await metering.record(metering.event("e1", value="101"))
    assert isinstance(refused, AlreadyExists)
    await metering.renew(FEBRUARY)
    assert await metering.totals() == [0, 150]


async def test_a_late_event_and_a_withdrawn_one_change_the_next_invoice() -> None:
    metering = await Metering.begun()
    await metering.record(metering.event("e1", value="100"), metering.event("e2", value="50"))
    await metering.renew(FEBRUARY)
    await metering.record(metering.event("e3", AT + timedelta(days=20), "7"), now=FEBRUARY + timedelta(days=1))
    await withdraw_usage(metering.subscriptions.usage, "e2", context())
    await metering.record(metering.event("e4", FEBRUARY, "1000"), now=FEBRUARY + timedelta(days=1))
    await metering.renew(MARCH)
    # 10.00 for March; of February 1.07 where 1.50 was billed
    assert (await metering.totals())[-1] == 1000 - 43
    await metering.renew(APRIL)
    assert (await metering.totals())[-1] == 0


async def test_a_cancellation_bills_what_was_used() -> None:
    metering = await Metering.begun()
    await metering.record(metering.event("e1", value="100"))
    at = AT + timedelta(days=10)
    subscriptions = metering.subscriptions
    await cancel_plan_subscription(
        subscriptions.repository, subscriptions.metered, metering.id, WantedCancellation(), context(at=at)
    )
    assert await metering.totals() == [0, 100]
    [refused] = await metering.record(metering.event("e2", at), now=at + timedelta(days=1))
    assert isinstance(refused, InvalidState)
    assert await metering.record(metering.event("e3", at - timedelta(days=1)), now=at) == [Recorded.NEW]


@pytest.mark.parametrize("resumed", [False, True])
async def test_an_end_that_comes_during_a_pause_bills_what_was_used(resumed: bool) -> None:
    metering = await Metering.begun()
    subscriptions, id, end = metering.subscriptions, metering.id, AT + timedelta(days=10)
    await metering.record(metering.event("e1", value="100"), metering.event("e2", end - timedelta(days=1), "50"), now=end)
    await metering.record(metering.event("e3", end + timedelta(hours=1), "1000"), now=end + timedelta(days=1))
    await pause_plan_subscription(subscriptions.repository, id, None, context(at=AT + timedelta(days=2)))
    wanted = WantedCancellation(when=CancellationTime.DATE, at=end, reason="Closed.")
    await cancel_plan_subscription(
        subscriptions.repository, subscriptions.metered, id, wanted, context(at=AT + timedelta(days=3))
    )
    if resumed:  # before the worker came to it
        await resume_plan_subscription(subscriptions.repository, subscriptions.metered, id, context(at=end + timedelta(days=2)))
    else:
        await metering.renew(end + timedelta(days=2))
    found = await subscriptions.repository.get("acme", id)
    assert (found.canceled_at, found.cancellation_reason) == (end, "Closed.")
    assert await metering.totals() == [0, 150]  # (100 + 50) × 0.01


async def test_what_is_used_in_the_instant_of_a_cancellation_is_shown_previewed_and_billed() -> None:
    metering, at = await Metering.begun(), AT + timedelta(days=10)
    assert await metering.record(metering.event("e1", at, value="100"), now=at) == [Recorded.NEW]
    made, canceled_at = metering.subscriptions, context(at=at)
    [shown] = await current_usage(made.repository, made.metered, metering.id, canceled_at)
    assert (shown.quantity, shown.amount.minor_units) == (100, 100)
    previews = Previews(made.repository, made.facts, made.facts, made.metered)
    preview = await previews.cancellation(metering.id, WantedCancellation(), canceled_at)
    assert [bill.bill.total.minor_units for bill in preview.bills] == [100]
    await cancel_plan_subscription(made.repository, made.metered, metering.id, WantedCancellation(), canceled_at)
    assert await metering.totals() == [0, 100]


async def test_what_is_withdrawn_is_credited_as_long_as_its_period_is_looked_at() -> None:
    metering = await Metering.begun()
    for number in range(2):
        await metering.record(metering.event(f"e{number}", value="100"))
    assert metering.billed == [True]
    await metering.renew(FEBRUARY)
    await metering.renew(MARCH)
    # The period ended on February 28, 31 days before the one that began on March 31, and is looked at when that ends.
    assert await metering.withdraw("e0")
    await metering.renew(APRIL)
    assert await metering.used_and_billed() == 200 - 100
    # It ended 61 days before April 30.
    assert not await metering.withdraw("e1")
    await metering.renew(datetime.fromisoformat("2026-05-31T12:00:00.123+00:00"))
    assert await metering.used_and_billed() == 200 - 100


async def test_what_is_told_after_the_last_invoice_is_out_is_not_billed() -> None:
    metering = await Metering.begun()
    await metering.record(metering.event("e1", value="100"))
    made, at = metering.subscriptions, AT + timedelta(days=10)
    await cancel_plan_subscription(made.repository, made.metered, metering.id, WantedCancellation(), context(at=at))
    assert await metering.record(metering.event("e2", at - timedelta(days=1), "7"), now=at) == [Recorded.NEW]
    assert metering.billed == [False]
    assert not await metering.withdraw("e1")
    assert await metering.totals() == [0, 100]


async def test_what_no_price_bills_is_not_billed_until_one_does() -> None:
    metering = await Metering.begun()
    made, now = metering.subscriptions, AT + timedelta(days=10)
    made.facts.add_meter("mtr_2", code="storage")
    made.facts.add_price("price_storage", model="PER_UNIT", flat_amount_minor=None, unit_amount="1", meter_id="mtr_2")
    storage = [metering.event(f"s{day}", AT + timedelta(days=day), meter="storage") for day in (9, 10)]
    await metering.record(*storage, metering.event("e1"), now=now)
    assert metering.billed == [False, False, True]
    wanted = WantedChange(add_ons=(WantedItem(price_id="price_storage"),))
    await change_plan_subscription(made.repository, made.facts, made.metered, metering.id, wanted, context(at=now))
    await metering.record(*storage, now=now)
    assert metering.billed == [False, True]  # it is billed from the change on
    await metering.renew(FEBRUARY)
    assert (await metering.totals())[-1] == 1 + 100


async def test_what_was_withdrawn_is_not_billed_when_it_is_told_again() -> None:
    metering = await Metering.begun()
    await metering.record(metering.event("e1"), metering.event("e2"))
    assert await metering.withdraw("e1")
    assert await metering.record(metering.event("e1"), metering.event("e2")) == [Recorded.KNOWN, Recorded.KNOWN]
    assert metering.billed == [False, True]


async def test_refused_events_do_not_keep_the_others() -> None:
    metering = await Metering.begun()
    outcomes = await metering.record(
        metering.event("e1"),
        metering.event("e2", plan_subscription_id="psub_9"),
        metering.event("e3", meter="nothing"),
        metering.event("e4", AT - timedelta(days=1)),
        metering.event("e5"),
    )
    assert [type(outcome) for outcome in outcomes] == [Recorded, NotFound, NotFound, InvalidInput, Recorded]
    assert [outcome.field for outcome in outcomes if isinstance(outcome, DomainError)] == [
        ("planSubscriptionId",),
        ("meter",),
        ("at",),
    ]


async def test_a_batch_is_bounded_and_a_missing_event_is_told() -> None:
    metering = await Metering.begun()
    for events in ([], [metering.event("e")] * 501):
        with pytest.raises(InvalidInput):
            await metering.record(*events)
    with pytest.raises(NotFound):
        await withdraw_usage(metering.subscriptions.usage, "e9", context())


@pytest.mark.parametrize("how", ["by hand", "by time", "debt paid"])
async def test_what_was_used_in_the_last_period_before_a_pause_is_billed_however_long_that_lasts(how: str) -> None:
    metering = await Metering.begun()
    await metering.record(metering.event("e1", value="100"), metering.event("e2", FEBRUARY - timedelta(days=1)), now=FEBRUARY)
    repository, metered = metering.subscriptions.repository, metering.subscriptions.metered
    before, later = context(at=AT + timedelta(days=1)), context(at=APRIL + timedelta(days=10))
    if how == "debt paid":
        await note_dunning_exhausted(repository, metered, metering.id, "inv_1", "MARK_UNPAID", 4, before)
        await note_debt_paid(repository, metered, metering.id, "inv_1", later)
    else:
        await pause_plan_subscription(repository, metering.id, later.at if how == "by time" else None, before)
        if how == "by time":
            await metering.renew(later.at)
        else:
            await resume_plan_subscription(repository, metered, metering.id, later)
    assert await metering.totals() == [0, 101]
    await metering.renew(datetime.fromisoformat("2026-05-31T12:00:00.123+00:00"))
    assert await metering.totals() == [0, 101, 0]


@pytest.mark.parametrize("price_id", ["price_calls", "price_year"])
async def test_what_is_accepted_late_is_billed(price_id: str) -> None:
    metering = Metering()
    facts: dict[str, Any] = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": "0.01", "meter_id": "mtr_1"}
    metering.subscriptions.facts.add_price("price_year", interval_unit=IntervalUnit.YEAR, **facts)
    metering.id = (await metering.subscriptions.start(price_id=price_id)).id
    await note_period_paid(metering.subscriptions.repository, metering.id, 0, context())
    end = (await metering.subscriptions.repository.get("acme", metering.id)).period.end
    while (await metering.subscriptions.repository.get("acme", metering.id)).period.end < end + timedelta(days=34):
        await metering.renew((await metering.subscriptions.repository.get("acme", metering.id)).period.end)
    # told 34 days later, though another period may have begun and been billed since
    assert await metering.record(metering.event("e1", end - timedelta(hours=1), "100"), now=end + timedelta(days=34))
    await metering.renew((await metering.subscriptions.repository.get("acme", metering.id)).period.end)
    assert sum(await metering.totals()) == 100


async def test_the_mean_of_a_level_is_billed_for_the_time_that_its_price_was_subscribed_to() -> None:
    metering = await Metering.begun(Aggregation.WEIGHTED_SUM)
    subscriptions, facts = metering.subscriptions, metering.subscriptions.facts
    facts.add_price("price_new", model="PER_UNIT", flat_amount_minor=None, unit_amount="0.02", meter_id="mtr_1")
    await metering.record(metering.event("e1", value="2800"))
    week, two = (context(at=AT + timedelta(days=days)) for days in (7, 14))
    repository, metered = subscriptions.repository, subscriptions.metered
    await change_plan_subscription(repository, facts, metered, metering.id, WantedChange(price_id="price_new"), week)
    assert [so_far.quantity for so_far in await current_usage(repository, metered, metering.id, two)] == [700]
    await metering.renew(FEBRUARY)
    # 2800 for 7 of the 28 days at 0.01, and for 21 of them at 0.02
    assert await metering.totals() == [0, 700, 4200]
    # 1400 more from the middle of the first week on: 1400 × 3.5/28 × 0.01, 1400 × 21/28 × 0.02, and all of March
    late = metering.event("e2", AT + timedelta(days=3, hours=12), "1400")
    await metering.record(late, now=FEBRUARY)
    await metering.renew(MARCH)
    assert (await metering.totals())[-1] == 175 + 2100 + 8400


DAYS = st.integers(0, 58)


@given(st.lists(st.tuples(DAYS, st.integers(0, 1000), st.integers(0, 20)), max_size=12), st.randoms(use_true_random=False))
async def test_whatever_comes_late_or_twice_in_the_end_everything_is_billed_once(
    rows: list[tuple[int, int, int]], random: Any
) -> None:
    metering = await Metering.begun()
    events = [
        (AT + timedelta(days=day + late), metering.event(f"e{number}", AT + timedelta(days=day), str(value)))
        for number, (day, value, late) in enumerate(rows)
    ]
    events += [(told, event) for told, event in events if random.random() < 0.5]
    events.sort(key=lambda pair: pair[0])
    renewals = [FEBRUARY, MARCH, APRIL, datetime.fromisoformat("2026-05-31T12:00:00.123+00:00")]
    for told, event in events:
        while renewals and renewals[0] <= told:
            await metering.renew(renewals.pop(0))
        await metering.record(event, now=told)
    for at in renewals:
        await metering.renew(at)
    used = sum(value for _, value, _ in rows)
    assert sum(await metering.totals()) == used  # 0.01 EUR each


STEPS = ["use", "use", "withdraw", "pause", "change"]


@given(
    st.integers(0, 20),
    st.lists(
        st.tuples(st.integers(1, 7), st.sampled_from(["use", "withdraw", "pause", "change"]), st.integers(0, 60)), max_size=25
    ),
    st.booleans(),
)
async def test_what_is_said_to_be_billed_is_billed_and_nothing_else(
    trial: int, steps: list[tuple[int, str, int]], ends: bool
) -> None:
    metering = Metering()
    made, now, billed = metering.subscriptions, AT, dict[str, int]()
    terms: dict[str, Any] = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": "0.01", "meter_id": "mtr_1"}
    made.facts.add_price("price_other", **terms)
    made.facts.add_price("price_weekly", **terms, interval_unit=IntervalUnit.WEEK)
    made.facts.add_price("price_flat")
    more = {"trial": Trial(trial)} if trial else {}
    metering.id = (await made.start(price_id="price_calls", **more)).id

    async def subscription() -> PlanSubscription:
        return await made.repository.get("acme", metering.id)

    async def pass_time(until: datetime) -> None:
        while (due := (await subscription()).due_at) is not None and due <= until:
            await metering.renew(due)
        number = (await subscription()).period_number
        if number >= 0:
            await note_period_paid(made.repository, metering.id, number, context(at=until))

    await pass_time(now)
    for number, (days, what, choice) in enumerate(steps):
        now += timedelta(days=days)
        await pass_time(now)
        current = await subscription()
        match what:
            case "use":
                at = max(now - timedelta(days=choice % 35), AT)
                await metering.record(metering.event(f"e{number}", at, str(1 << number)), now=now)
                [billed[f"e{number}"]] = [(1 << number) if one else 0 for one in metering.billed]
            case "withdraw" if billed:
                id = list(billed)[choice % len(billed)]
                if await metering.withdraw(id):
                    billed[id] = 0
            case "pause" if current.status is PlanSubscriptionStatus.PAUSED:
                await resume_plan_subscription(made.repository, made.metered, metering.id, context(at=now))
            case "pause" if current.status is PlanSubscriptionStatus.ACTIVE:
                resumes_at = now + timedelta(days=choice) if choice % 2 else None
                await pause_plan_subscription(made.repository, metering.id, resumes_at, context(at=now))
            case "change" if current.status in {PlanSubscriptionStatus.ACTIVE, PlanSubscriptionStatus.TRIALING}:
                price = ["price_calls", "price_other", "price_weekly", "price_flat"][choice % 4]
                when = ChangeTime.NOW if choice % 8 < 4 else ChangeTime.PERIOD_END
                wanted = WantedChange(price_id=price, when=when, proration=ProrationBehavior.NONE)
                await change_plan_subscription(made.repository, made.facts, made.metered, metering.id, wanted, context(at=now))
    now += timedelta(days=1)
    await pass_time(now)
    if (await subscription()).status is PlanSubscriptionStatus.PAUSED:
        await resume_plan_subscription(made.repository, made.metered, metering.id, context(at=now))
    if ends:
        await cancel_plan_subscription(made.repository, made.metered, metering.id, WantedCancellation(), context(at=now))
    else:
        await pass_time(now + timedelta(days=70))
    assert await metering.used_and_billed() == sum(billed.values())
