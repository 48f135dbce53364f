"""What was used so far comes to the same as the events do, without looking at what has not changed."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.period import Period
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings
from subgraphs.pricing.usage import Aggregation, UsageEvent
from subgraphs.subscription import usage_totals
from subgraphs.subscription.domain.usage import MeteredEvent
from subgraphs.subscription.usage import MongoUsage
from subgraphs.subscription.usage_totals import MongoUsageTotals
from tests.testkit.memory import context

START = datetime(2026, 4, 1, 10, 30, tzinfo=UTC)
PERIOD = Period(START, START + timedelta(days=30))

COUNTED = [aggregation for aggregation in Aggregation if aggregation is not Aggregation.WEIGHTED_SUM]


class Store:
    """Usage and its totals at a time of the test's choice."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self.clock, self.database = FixedClock(START), database
        self.usage = MongoUsage(database, self.clock)
        self.totals = MongoUsageTotals(database, self.usage, self.clock)

    async def record(self, id: str, hours: float, value: str = "1", key: str | None = None) -> None:
        event = UsageEvent(id=id, at=START + timedelta(hours=hours), value=Decimal(value), key=key)
        await self.usage.record(context(), [MeteredEvent(plan_subscription_id="psub_1", meter_id="mtr_1", event=event)])

    async def used(self, aggregation: Aggregation = Aggregation.SUM, period: Period = PERIOD) -> Decimal:
        return await self.totals.used("acme", "psub_1", "mtr_1", aggregation, period)

    async def exact(self, aggregation: Aggregation = Aggregation.SUM, period: Period = PERIOD) -> Decimal:
        return await self.usage.quantity("acme", "psub_1", "mtr_1", aggregation, period)

    def later(self, seconds: float = 61) -> None:
        self.clock.at += timedelta(seconds=seconds)


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    async with connect(settings, "usage") as database:
        made = Store(database)
        await made.usage.ensure_indexes()
        yield made


@pytest.mark.parametrize("seed", range(4))
async def test_it_is_what_the_events_come_to_whatever_happens(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    told: list[str] = []
    for step in range(60):
        match chance.randrange(6):
            case 0 | 1 | 2:
                told.append(f"e{step}")
                key = chance.choice(["x", "y", None])
                await store.record(told[-1], chance.uniform(-2, 30), str(chance.randint(0, 50)), key)
            case 3 if told:
                await store.usage.withdraw(context(), chance.choice(told))
            case _:
                store.later(chance.choice([1, 30, 61, 3600]))
        aggregation = chance.choice(COUNTED)
        assert await store.used(aggregation) == await store.exact(aggregation), (step, aggregation)


async def test_what_is_in_the_total_is_not_looked_at_again(store: Store) -> None:
    for hour in range(20):
        await store.record(f"e{hour}", hour)
    store.later()
    assert await store.used() == 20
    for name in ("usage_hours", "usage_events"):
        await store.database[name].delete_many({})  # behind its back
    await store.record("now", 25)
    assert await store.used() == 21
    store.later()
    assert [await store.used() for _ in range(2)] == [21, 21]


async def test_a_late_event_and_a_withdrawal_are_seen_at_once(store: Store) -> None:
    for hour in range(5):
        await store.record(f"e{hour}", hour)
    store.later()
    assert await store.used() == 5
    await store.record("late", 2.5, "10")
    assert await store.used() == 15
    await store.usage.withdraw(context(), "e4")
    assert await store.used() == 14
    store.later()
    assert await store.used() == 14


async def test_periods_begin_with_nothing_used_also_within_an_hour(store: Store) -> None:
    cut = Period(START, START + timedelta(minutes=10))
    following = Period(cut.end, PERIOD.end)
    await store.record("before", -0.1)
    await store.record("first", 0.1, "3")
    await store.record("second", 0.2, "5")
    for _ in range(2):
        assert [await store.used(period=period) for period in (cut, following, PERIOD)] == [3, 5, 8]
        store.later()


async def test_keys_beyond_what_is_remembered_are_counted(store: Store) -> None:
    for hour in range(3):
        events = [
            MeteredEvent(
                plan_subscription_id="psub_1",
                meter_id="mtr_1",
                event=UsageEvent(
                    id=f"{hour}-{number}", at=START + timedelta(hours=hour), value=Decimal(1), key=f"{hour}-{number}"
                ),
            )
            for number in range(400)
        ]
        await store.usage.record(context(), events)
    assert await store.used(Aggregation.UNIQUE_COUNT) == 1200


async def test_an_hour_with_very_many_events_is_read_again_a_moment_later(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_totals, "MANY_EVENTS", 3)
    for number in range(3):
        await store.record(f"e{number}", 0)
    assert await store.used() == 3
    await store.record("e3", 0)
    assert await store.used() == 3  # for 3 ms
    store.later(0.004)
    assert await store.used() == 4


async def test_tenants_subscriptions_and_meters_are_apart(store: Store) -> None:
    await store.record("e1", 1)
    store.later()
    assert await store.used() == 1
    for tenant, subscription, meter in (("rival", "psub_1", "mtr_1"), ("acme", "psub_2", "mtr_1"), ("acme", "psub_1", "mtr_2")):
        assert await store.totals.used(tenant, subscription, meter, Aggregation.SUM, PERIOD) == 0
