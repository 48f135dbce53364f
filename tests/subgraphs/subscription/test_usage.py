"""Usage on the real store: once each, added up by hours, whatever crashed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.period import Period
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings
from subgraphs.pricing.charge import Charge, ChargeDetails, PriceModel
from subgraphs.pricing.transactions import Transacted
from subgraphs.pricing.usage import Aggregation, UsageEvent
from subgraphs.subscription.commands.record_usage import Recorded
from subgraphs.subscription.domain.usage import KeptEvent, MeteredEvent, Told
from subgraphs.subscription.usage import MongoUsage
from tests.testkit.memory import context
from tests.testkit.subscribing import InMemoryUsage

START = datetime(2026, 4, 1, 10, 30, tzinfo=UTC)
PERIOD = Period(START, START + timedelta(days=2))
EVERY = list(Aggregation)


def used(id: str, hours: float = 0, value: str = "1", key: str | None = None) -> MeteredEvent:
    event = UsageEvent(id=id, at=START + timedelta(hours=hours), value=Decimal(value), key=key)
    return MeteredEvent(plan_subscription_id="psub_1", meter_id="mtr_1", event=event)


EVENTS = [
    used("before", -1, "100", "x"),
    used("a", 0, "1.5", "x"),
    used("b", 0.25, "2", "y"),
    used("c", 3, "-1", "x"),
    used("d", 3.2, "10", "z"),
    used("e", 30, "4", "y"),
    used("f", 47.9, "0.25", None),
    used("after", 48, "1000", "w"),
]


class Store:
    """The store at a time of the test's choice."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self.clock, self.database = FixedClock(PERIOD.end), database
        self.usage = MongoUsage(database, self.clock)

    async def quantity(
        self, aggregation: Aggregation = Aggregation.SUM, period: Period = PERIOD, after: Sequence[Period] = ()
    ) -> Decimal:
        return await self.usage.quantity("acme", "psub_1", "mtr_1", aggregation, period, after=after)

    def later(self, seconds: int = 61) -> None:
        self.clock.at += timedelta(seconds=seconds)


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    async with connect(settings, "usage") as database:
        made = Store(database)
        await made.usage.ensure_indexes()
        yield made


async def test_an_event_is_stored_once(store: Store) -> None:
    assert await store.usage.record(context(), [used("a"), used("b")]) == [Recorded.NEW, Recorded.NEW]
    again = await store.usage.record(context(), [used("a"), used("b", value="2"), used("c")])
    assert again == [Recorded.KNOWN, Recorded.REUSED, Recorded.NEW]
    assert await store.usage.record(context("rival"), [used("a")]) == [Recorded.NEW]
    assert await store.quantity(Aggregation.COUNT) == 3


async def test_what_came_without_an_instant_is_the_same_whenever_it_comes_again(store: Store) -> None:
    first, again = (replace(used("a", hours), at_told=False) for hours in (0, 5))
    for usage in (store.usage, InMemoryUsage()):
        assert await usage.record(context(), [first]) == [Recorded.NEW]
        assert await usage.record(context(), [again, used("a"), used("a", 5)]) == [
            Recorded.KNOWN,
            Recorded.KNOWN,
            Recorded.REUSED,
        ]
    assert await store.quantity() == 1


@pytest.mark.parametrize("aggregation", EVERY)
async def test_it_comes_to_what_the_events_come_to_however_often_it_is_asked(store: Store, aggregation: Aggregation) -> None:
    memory = InMemoryUsage()
    for store_or_memory in (store.usage, memory):
        await store_or_memory.record(context(), EVENTS)
    expected = await memory.quantity("acme", "psub_1", "mtr_1", aggregation, PERIOD)
    for _ in range(3):
        assert await store.quantity(aggregation) == expected
        store.later()


async def test_an_hour_that_is_added_up_is_not_read_again_until_something_changes(store: Store) -> None:
    await store.usage.record(context(), EVENTS)
    store.later()
    first = await store.quantity()
    await store.database["usage_events"].delete_many({"_id": "acme/c"})  # behind its back: c is in an hour that is added up
    assert await store.quantity() == first
    await store.usage.record(context(), [used("g", 3.3, "0.5")])
    assert await store.quantity() == first + 1 + Decimal("0.5")  # read anew, without c's −1


async def test_an_hour_is_not_kept_while_an_event_may_still_be_on_its_way(store: Store) -> None:
    await store.usage.record(context(), [used("c", 3)])
    store.later(30)
    assert await store.quantity() == 1
    # A process that marked the hour before stores its event only now.
    [stored] = await store.database["usage_events"].find({"_id": "acme/c"}).to_list()
    await store.database["usage_events"].insert_one({**stored, "_id": "acme/late"})
    assert await store.quantity() == 2


async def test_a_withdrawn_event_does_not_count(store: Store) -> None:
    await store.usage.record(context(), EVENTS)
    store.later()
    before = await store.quantity()
    first, again, nothing = [await store.usage.withdraw(context(), id) for id in ("d", "d", "nothing")]
    assert nothing is None
    assert first is not None
    assert (first, first.withdrawn, first.metered) == (again, True, used("d", 3.2, "10", "z"))
    assert await store.quantity() == before - 10
    assert await store.usage.withdraw(context("rival"), "a") is None


async def test_who_told_of_an_event_and_who_withdrew_it_is_kept(store: Store) -> None:
    told = replace(context(at=START, actor="client_1"), reason="import")
    corrected = replace(context(at=START + timedelta(hours=1), actor="client_2"), request_id="req_2")
    for usage in (store.usage, InMemoryUsage()):
        await usage.record(told, [used("a"), used("b")])
        await usage.record(replace(corrected, reason="again"), [used("a")])  # it is known: nothing changes
        await usage.withdraw(corrected, "a")
        kept = await usage.withdraw(replace(corrected, actor="client_3"), "a")
        assert kept == KeptEvent(
            metered=used("a"),
            recorded=Told(at=START, actor="client_1", request_id="req_1", reason="import"),
            withdrawn=True,
            withdrawal=Told(at=START + timedelta(hours=1), actor="client_2", request_id="req_2", reason=None),
        )
    [b, a] = await store.usage.page("acme", "psub_1", limit=10)
    assert (a, b.id, b.withdrawn, b.withdrawal) == (kept, "b", False, None)


async def test_what_was_kept_before_who_told_of_it_was_is_read(store: Store) -> None:
    await store.usage.record(context(), [used("a")])
    await store.database["usage_events"].update_many({}, {"$unset": {"recorded": 1, "at_told": 1}})
    [kept] = await store.usage.page("acme", "psub_1", limit=10)
    assert kept == KeptEvent(metered=used("a"), recorded=None, withdrawn=False, withdrawal=None)
    assert await store.usage.record(context(), [used("a"), used("a", 1)]) == [Recorded.KNOWN, Recorded.REUSED]


async def test_events_are_listed_by_their_instants_and_page_by_page(store: Store) -> None:
    await store.usage.record(context(), [*EVENTS, used("b2", 0.25), replace(used("other"), plan_subscription_id="psub_2")])
    await store.usage.record(context(), [replace(used("m2", 1), meter_id="mtr_2")])
    await store.usage.record(context("rival"), [used("rival")])

    async def page(limit: int = 20, **more: Any) -> str:
        return " ".join([one.id for one in await store.usage.page("acme", "psub_1", limit=limit, **more)])

    assert await page() == "after f e d c m2 b2 b a before"
    assert await page(meter_id="mtr_1", since=START, until=START + timedelta(hours=3.2)) == "c b2 b a"
    b2, d = (START + timedelta(hours=0.25), "b2"), (START + timedelta(hours=3.2), "d")
    assert await page(2, after=b2) == "b a"
    assert await page(2, before=b2, backwards=True) == "c m2"
    assert await page(after=d, before=b2) == "c m2"
    assert await page(2, backwards=True) == "a before"


async def test_many_keys_are_counted(store: Store) -> None:
    for batch in range(3):
        events = [used(f"{batch}-{number}", 3, key=f"{batch}-{number}") for number in range(400)]
        await store.usage.record(context(), events)
    assert await store.quantity(Aggregation.UNIQUE_COUNT) == 1200


@pytest.mark.parametrize("aggregation", EVERY)
async def test_a_part_comes_after_those_billed_before(store: Store, aggregation: Aggregation) -> None:
    memory = InMemoryUsage()
    for store_or_memory in (store.usage, memory):
        await store_or_memory.record(context(), EVENTS)
    cuts = [PERIOD.start + timedelta(hours=hours) for hours in (0, 0.2, 2, 3.1)]
    parts = [Period(start, end) for start, end in pairwise(cuts)]
    rest = Period(cuts[-1], PERIOD.end)
    for after in ((), parts, parts[1:2], [parts[0], parts[2]]):
        expected = await memory.quantity("acme", "psub_1", "mtr_1", aggregation, rest, after=after)
        assert await store.quantity(aggregation, rest, after) == expected


async def test_many_keys_of_parts_are_counted_once(store: Store) -> None:
    for batch in range(3):  # 1200 keys in the third hour, of which 400 come again in the sixth, with 400 others
        await store.usage.record(context(), [used(f"{batch}-{number}", 3, key=f"{batch}-{number}") for number in range(400)])
    for batch in range(2, 4):
        await store.usage.record(
            context(), [used(f"again-{batch}-{number}", 6, key=f"{batch}-{number}") for number in range(400)]
        )
    before, after = (Period(START + timedelta(hours=start), START + timedelta(hours=start + 3)) for start in (2, 5))
    assert await store.quantity(Aggregation.UNIQUE_COUNT, before) == 1200
    assert await store.quantity(Aggregation.UNIQUE_COUNT, after, [before]) == 400
    assert await store.quantity(Aggregation.UNIQUE_COUNT, before, [after]) == 800


async def test_subscriptions_meters_and_tenants_are_apart(store: Store) -> None:
    await store.usage.record(context(), [used("a"), replace(used("b"), meter_id="mtr_2")])
    await store.usage.record(context(), [replace(used("c"), plan_subscription_id="psub_2")])
    await store.usage.record(context("rival"), [used("d")])
    assert await store.quantity() == 1


PAYMENTS = Charge(
    currency="EUR",
    model=PriceModel.PERCENTAGE,
    details=ChargeDetails(
        rate_percent=Decimal("1.2"), transaction_fee_minor=10, free_transactions=3, transaction_maximum_minor=500
    ),
)
PAID = [
    used("p1", 0.1, "200"),
    used("b", 1, "1000"),  # of the same instant: the lesser id comes first
    used("a", 1, "40"),
    used("p3", 2.9, "100"),
    used("p4", 3.5, "50"),
    used("p5", 30, "60"),
    used("p6", 47.9, "10"),
]


async def test_transactions_come_to_the_same_however_often_they_are_asked_for(store: Store) -> None:
    memory = InMemoryUsage()
    for store_or_memory in (store.usage, memory):
        await store_or_memory.record(context(), PAID)
    # Free are p1, a and b; 1.2 % of 100, 50, 60 and 10 is 2.64, and four fees
    expected = Transacted(count=7, amount=Decimal(1460), free=3, price=Decimal("3.04"))
    assert await memory.transacted("acme", "psub_1", "mtr_1", PAYMENTS, PERIOD) == expected
    for _ in range(3):
        assert await store.usage.transacted("acme", "psub_1", "mtr_1", PAYMENTS, PERIOD) == expected
        store.later()


async def test_only_the_hour_in_which_the_allowance_runs_out_is_read_again(store: Store) -> None:
    await store.usage.record(context(), PAID)
    store.later()
    whole_hours = Period(PERIOD.start.replace(hour=10, minute=0), PERIOD.end.replace(hour=11, minute=0))
    expected = await store.usage.transacted("acme", "psub_1", "mtr_1", PAYMENTS, whole_hours)
    events = store.database["usage_events"]
    await events.delete_many({"_id": {"$in": ["acme/p1", "acme/p4", "acme/p5", "acme/p6"]}})  # behind its back
    assert await store.usage.transacted("acme", "psub_1", "mtr_1", PAYMENTS, whole_hours) == expected
    dearer = replace(PAYMENTS, details=msgspec.structs.replace(PAYMENTS.details, rate_percent=Decimal(2)))
    # It is another price: of what is left, free are a, b and p3
    assert (await store.usage.transacted("acme", "psub_1", "mtr_1", dearer, whole_hours)).price == 0


async def test_a_withdrawn_transaction_makes_room_for_the_next(store: Store) -> None:
    await store.usage.record(context(), PAID)
    store.later()
    await store.usage.transacted("acme", "psub_1", "mtr_1", PAYMENTS, PERIOD)
    store.later()
    await store.usage.withdraw(context(), "a")
    # p3 is free instead: 1.2 % of 50, 60 and 10 is 1.44, and three fees
    found = await store.usage.transacted("acme", "psub_1", "mtr_1", PAYMENTS, PERIOD)
    assert found == Transacted(count=6, amount=Decimal(1420), free=3, price=Decimal("1.74"))
