"""Usage that reaches a threshold is billed by itself, on real stores, whatever crashes."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.persistence.documents import merge_forward
from subgraphs.pricing.charge import ChargeDetails
from subgraphs.pricing.usage import UsageEvent
from subgraphs.subscription.commands.record_usage import Recorded, RecordedEvent, WantedEvent, record_usage
from subgraphs.subscription.documents import MeterReplica
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.usage import MeteredEvent
from subgraphs.subscription.domain.values import Terms
from subgraphs.subscription.sagas import threshold_watch
from subgraphs.subscription.sagas.threshold_watch import ThresholdWatch
from subgraphs.subscription.services import SubscriptionServices
from subgraphs.subscription.usage import MongoUsage
from subgraphs.subscription.watched_usage import MongoWatchedUsage
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import subscribed_price

CALLS = subscribed_price(
    price_id="price_calls",
    model="PER_UNIT",
    flat_amount_minor=None,
    unit_amount=Decimal("0.01"),
    meter_id="mtr_1",
    details=ChargeDetails(recurring_threshold_minor=1000),
)


class Watch:
    """A subscription to calls, what is recorded of it, and workers that look."""

    def __init__(self, services: SubscriptionServices, clock: FixedClock) -> None:
        self.clock, self.real = clock, FixedClock(AT)
        self.usage = MongoUsage(services.stores.database, self.real)
        self.marks = MongoWatchedUsage(services.stores.database, self.real)
        self.services = replace(services, watched=self.marks, usage=self.usage)
        self.worker = ThresholdWatch(self.services)

    async def start(self, id: str = "psub_1", *, paid: bool = True) -> None:
        values: dict[str, Any] = {"code": "calls", "aggregation": "SUM"}
        await merge_forward(MeterReplica, "acme", "mtr_1", "created", 1, values)
        subscription = PlanSubscription.start(id, "cus_1", Terms(price=CALLS, quantity=1), "UTC", context())
        if paid:
            subscription.period_paid(0, context())
        await self.services.subscriptions.create(subscription, context())

    def later(self, seconds: float) -> None:
        self.real.at += timedelta(seconds=seconds)
        self.clock.at += timedelta(seconds=seconds)

    async def record(self, id: str, value: int, subscription: str = "psub_1") -> None:
        wanted = WantedEvent(id=id, plan_subscription_id=subscription, meter="calls", value=Decimal(value), at=self.clock.at)
        services, at = self.services, context(at=self.clock.at)
        [outcome] = await record_usage(services.usage, services.meters, services.reader, [wanted], at, watched=services.watched)
        assert outcome == RecordedEvent(recorded=Recorded.NEW, will_be_billed=True)

    async def billed(self, id: str = "psub_1") -> list[int]:
        commits = await self.services.stores.events.load("acme", PlanSubscription.kind, id)
        found = [PlanSubscription.codec.decode(event.type, event.data) for commit in commits for event in commit.events]
        return [one.adjustments[0].amount_minor for one in found if isinstance(one, events.UsageThresholdsReached)]

    async def marked(self) -> Sequence[str]:
        return [mark["_id"] async for mark in self.services.stores.database["watched_usage"].find()]


@pytest.fixture
async def watch(services: SubscriptionServices, clock: FixedClock) -> Watch:
    made = Watch(services, clock)
    await made.start()
    return made


async def test_a_threshold_is_billed_once_by_workers_side_by_side(watch: Watch) -> None:
    await watch.record("e1", 1500)
    looks = [ThresholdWatch(watch.services).look() for _ in range(4)]
    assert sum(await asyncio.gather(*looks)) >= 1
    await watch.worker.look()
    assert await watch.billed() == [1500]
    document = await watch.services.reader.find("acme", "psub_1")
    assert document is not None and document.has_thresholds


async def test_it_is_looked_at_until_what_was_recorded_is_stored_for_sure(watch: Watch) -> None:
    # A process marks, is looked at, stores its event, and dies before it could tell anybody.
    await watch.marks.mark("acme", ["psub_1"])
    await watch.worker.look()
    event = UsageEvent(id="e1", at=AT, value=Decimal(2000))
    await watch.usage.record(context(), [MeteredEvent(plan_subscription_id="psub_1", meter_id="mtr_1", event=event)])
    assert await watch.worker.look() == 0  # not yet again
    watch.later(11)
    assert await watch.worker.look() == 1
    assert await watch.billed() == [2000]
    watch.later(361)
    await watch.worker.look()
    assert await watch.marked() == []


async def test_what_is_marked_while_it_is_looked_at_is_looked_at_again(watch: Watch) -> None:
    await watch.record("e1", 10)
    [found] = await watch.marks.due(10)
    watch.later(600)
    await watch.record("e2", 1500)
    await watch.marks.looked_at(found)
    assert await watch.worker.look() == 1
    assert await watch.billed() == [1510]


async def test_what_is_not_paid_for_yet_is_looked_at_until_it_is(watch: Watch) -> None:
    await watch.start("psub_2", paid=False)
    await watch.record("e1", 1500, "psub_2")
    watch.later(700)
    assert await watch.worker.look() == 0
    await watch.services.subscriptions.update("psub_2", context(), lambda current: current.period_paid(0, context()))
    watch.later(61)
    assert await watch.worker.look() == 1
    assert await watch.billed("psub_2") == [1500]
    watch.later(61)
    await watch.worker.look()
    assert await watch.marked() == []


async def test_one_that_cannot_be_looked_at_holds_up_nobody(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    await watch.start("psub_2")
    real = threshold_watch.reach_thresholds

    async def failing(subscriptions: Any, metered: Any, id: str, circumstances: Any) -> PlanSubscription:
        if id == "psub_1":
            raise RuntimeError("broken")
        return await real(subscriptions, metered, id, circumstances)

    monkeypatch.setattr(threshold_watch, "reach_thresholds", failing)
    await watch.record("e1", 1500)
    await watch.record("e2", 1500, "psub_2")
    await watch.marks.mark("acme", ["psub_9"])  # there is no such subscription
    assert await watch.worker.look() == 1
    assert (await watch.billed(), await watch.billed("psub_2")) == ([], [1500])
    monkeypatch.undo()
    assert await watch.worker.look() == 0  # left alone for a minute
    assert await ThresholdWatch(watch.services).look() == 1


async def test_a_running_watch_stops(watch: Watch) -> None:
    await watch.record("e1", 1500)
    stop = asyncio.Event()
    running = asyncio.create_task(watch.worker.run(stop))
    while not await watch.billed():
        await asyncio.sleep(0.01)
    stop.set()
    await running
    assert await watch.billed() == [1500]
