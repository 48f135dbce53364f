"""A ledger counts each entry once, whatever crashed, and does not read again what it has added up."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from beanie import init_beanie
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st
from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.series import Span
from subgraphs.kit.persistence.ledger import BUCKET_INDEX, Ledger, LedgerDocument
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings

START = date(2026, 4, 1)
END = date(2026, 5, 1)


class Entry(LedgerDocument):
    class Settings:
        name = "entries"
        indexes = [BUCKET_INDEX]


def entry(id: str, day: int = 1, amount: int = 100, tenant: str = "acme", currency: str = "EUR", name: str = "in") -> Entry:
    at = date(2026, 4, day).isoformat()
    return Entry(id=f"{tenant}-{id}", tenant=tenant, version=1, currency=currency, bucket=at, sums={at: {name: amount}})


class Store:
    """A ledger at a time of the test's choice."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self.clock, self.database = FixedClock(datetime(2026, 6, 1, tzinfo=UTC)), database
        self.ledger = Ledger(database, Entry, self.clock)

    async def sums(self, start: date = START, end: date = END, currency: str = "EUR") -> dict[int, dict[str, int]]:
        """Return the sums by day of the month, those before `start` under 0."""
        found = await self.ledger.daily("acme", currency, start, end)
        return {0: dict(found.before), **{day.day: dict(sums) for day, sums in found.by_day.items()}}

    def later(self, seconds: int = 61) -> None:
        self.clock.at += timedelta(seconds=seconds)


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    async with connect(settings, "ledger") as database:
        await init_beanie(database=database, document_models=[Entry])
        made = Store(database)
        await made.ledger.ensure_indexes()
        yield made


async def test_an_entry_counts_once_however_often_it_is_told(store: Store) -> None:
    assert await store.ledger.record([entry("a"), entry("b", 2)]) == 2
    assert await store.ledger.record([entry("a"), entry("b", 2), entry("c", 2, 7)]) == 1
    assert await store.ledger.record([]) == 0
    assert await store.sums() == {0: {}, 1: {"in": 100}, 2: {"in": 107}}


async def test_what_is_expected_to_be_new_and_is_not_counts_once_all_the_same(store: Store) -> None:
    assert await store.ledger.record([entry("a")], expected_new=True) == 1
    assert await store.ledger.record([entry("a", amount=999), entry("b", 2)], expected_new=True) == 1
    assert await store.sums() == {0: {}, 1: {"in": 100}, 2: {"in": 100}}


async def test_a_bucket_is_marked_again_only_after_a_while_and_never_kept_too_early(store: Store) -> None:
    async def marked_at() -> datetime:
        found = await store.database["entries_sums"].find_one({"_id": "acme/EUR/2026-04-01"})
        assert found is not None
        at: datetime = found["marked_at"]
        return at

    await store.ledger.record([entry("a")])
    first = await marked_at()
    store.later(19)
    await store.ledger.record([entry("b")])
    assert await marked_at() == first
    store.later(41)  # sixty seconds after the mark: its sums are not kept yet
    assert await store.sums() == {0: {}, 1: {"in": 200}}
    await store.ledger.record([entry("c")])
    assert await marked_at() == store.clock.at
    assert await store.sums() == {0: {}, 1: {"in": 300}}


async def test_many_at_a_time_into_a_new_bucket_are_all_counted(store: Store) -> None:
    ledgers = [store.ledger, Ledger(store.database, Entry, store.clock)]
    tasks = [ledger.record([entry(f"{number}", amount=1)], expected_new=True) for number in range(20) for ledger in ledgers]
    assert sum(await asyncio.gather(*tasks)) == 20
    store.later()
    assert await store.sums() == {0: {}, 1: {"in": 20}}


async def test_what_lies_before_is_one_sum_and_what_lies_after_is_left_out(store: Store) -> None:
    await store.ledger.record([entry("a", 1), entry("b", 2, name="out"), entry("c", 3), entry("d", 4)])
    assert await store.sums(date(2026, 4, 3), date(2026, 4, 4)) == {0: {"in": 100, "out": 100}, 3: {"in": 100}}


async def test_tenants_and_currencies_are_apart(store: Store) -> None:
    await store.ledger.record([entry("a"), entry("a", tenant="rival"), entry("b", currency="USD", amount=5)])
    assert await store.sums() == {0: {}, 1: {"in": 100}}
    assert await store.sums(currency="USD") == {0: {}, 1: {"in": 5}}


async def test_a_bucket_that_is_added_up_is_not_read_again_until_something_changes(store: Store) -> None:
    await store.ledger.record([entry("a"), entry("b")])
    store.later()
    assert await store.sums() == {0: {}, 1: {"in": 200}}
    await store.database["entries"].delete_one({"_id": "acme-a"})  # behind its back
    assert await store.sums() == {0: {}, 1: {"in": 200}}
    await store.ledger.record([entry("c", amount=1)])
    assert await store.sums() == {0: {}, 1: {"in": 101}}


async def test_sums_are_not_kept_while_an_entry_may_still_be_on_its_way(store: Store) -> None:
    await store.ledger.record([entry("a")])
    store.later(30)
    assert await store.sums() == {0: {}, 1: {"in": 100}}
    # A process that marked the bucket before stores its entry only now.
    late = entry("late")
    await store.database["entries"].insert_one({"_id": late.id, **late.model_dump(exclude={"id", "revision_id"})})
    assert await store.sums() == {0: {}, 1: {"in": 200}}


async def test_a_process_that_ended_after_marking_leaves_an_entry_to_be_told_again(store: Store) -> None:
    class Killed(Exception): ...

    async def killed(*_: Any, **__: Any) -> None:
        raise Killed

    collection = Entry.get_pymongo_collection()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(collection), "insert_many", killed)
        with pytest.raises(Killed):
            await store.ledger.record([entry("a")])
    store.later()
    assert await store.sums() == {0: {}}
    await store.ledger.record([entry("a")])
    assert await store.sums() == {0: {}, 1: {"in": 100}}


@options(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=6), min_size=1, max_size=6))
async def test_spans_come_to_what_the_entries_come_to(store: Store, batches: list[list[tuple[int, bool]]]) -> None:
    await store.database["entries"].delete_many({})
    await store.database["entries_sums"].delete_many({})
    store.ledger = Ledger(store.database, Entry, store.clock)
    told: dict[int, int] = {}
    for batch in batches:
        for number, (id, settles) in enumerate(batch):
            told[id] = id * id
            await store.ledger.record([entry(f"{id}", 1 + id % 28, id * id)])
            if settles:
                store.later(70)
            if number % 2:
                await store.sums()
    days = [Span(date(2026, 4, first), date(2026, 4, first + 7)) for first in (8, 15, 22)]
    found = await store.ledger.daily("acme", "EUR", days[0].first, days[-1].after)
    assert found.before["in"] == sum(amount for id, amount in told.items() if 1 + id % 28 < 8)
    for span, sums in found.of_spans(days):
        assert sums["in"] == sum(amount for id, amount in told.items() if span.first.day <= 1 + id % 28 < span.after.day)
