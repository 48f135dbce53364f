"""The promises of an event store, kept alike by MongoDB and memory."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from subgraphs.kit.persistence.event_store import InMemoryEventStore, MongoEventStore, StreamMoved
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings

AT = datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC)


@pytest.fixture(params=["memory", "mongodb"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[InMemoryEventStore | MongoEventStore]:
    if request.param == "memory":
        yield InMemoryEventStore()
        return
    settings: Settings = request.getfixturevalue("settings")
    async with connect(settings, "contract") as database:
        mongo = MongoEventStore(database)
        await mongo.ensure_indexes()
        yield mongo


def commit(version: int = 1, *, id: str = "thing_1", tenant: str = "acme", seconds: int = 0) -> Commit:
    return Commit(
        tenant=tenant,
        kind="Thing",
        aggregate_id=id,
        version=version,
        events=(StoredEvent("ThingHappened", {"number": version, "at": AT}),),
        context=CommandContext(tenant=tenant, actor="client_1", request_id="req_1", at=AT, reason="because"),
        recorded_at=AT + timedelta(seconds=seconds),
    )


async def test_a_stream_is_loaded_as_it_was_appended(store: InMemoryEventStore | MongoEventStore) -> None:
    for version in (1, 2, 3):
        await store.append(commit(version))
    assert await store.load("acme", "Thing", "thing_1") == [commit(1), commit(2), commit(3)]


async def test_the_same_version_is_appended_once(store: InMemoryEventStore | MongoEventStore) -> None:
    await store.append(commit(1))
    with pytest.raises(StreamMoved):
        await store.append(commit(1, seconds=5))
    assert await store.load("acme", "Thing", "thing_1") == [commit(1)]


async def test_a_stream_holds_neither_its_neighbours_nor_another_tenants_events(
    store: InMemoryEventStore | MongoEventStore,
) -> None:
    await store.append(commit(id="thing_1"))
    await store.append(commit(id="thing_10"))
    await store.append(commit(id="thing_1", tenant="acme2"))
    assert [found.id for found in await store.load("acme", "Thing", "thing_1")] == ["acme/Thing/thing_1/0000000001"]
    assert await store.load("other", "Thing", "thing_1") == []


async def test_undispatched_commits_come_oldest_first_until_they_are_marked(store: InMemoryEventStore | MongoEventStore) -> None:
    await store.append(commit(1, id="b", seconds=1))
    await store.append(commit(1, id="a", seconds=2))
    await store.append(commit(2, id="b", seconds=3))
    first, second, third = await store.undispatched(limit=10)
    assert [(found.aggregate_id, found.version) for found in (first, second, third)] == [("b", 1), ("a", 1), ("b", 2)]
    assert len(await store.undispatched(limit=2)) == 2

    await store.mark_dispatched([first.dispatched("0001-0000"), second.dispatched("0001-0001")])
    assert await store.undispatched(limit=10) == [third]
    (loaded,) = await store.load("acme", "Thing", "a")
    assert loaded.entry == "0001-0001"


async def test_what_was_dispatched_after_a_position_can_be_made_pending_again(
    store: InMemoryEventStore | MongoEventStore,
) -> None:
    await store.append(commit(1, id="a", seconds=1))
    await store.append(commit(1, id="b", seconds=2))
    first, second = await store.undispatched(limit=10)
    await store.mark_dispatched([first.dispatched("0001-0000"), second.dispatched("0002-0000")])
    assert await store.undispatch_after("0001-0000") == 1
    assert await store.undispatched(limit=10) == [second]
    assert await store.undispatch_after("0000-0000") == 1
    assert await store.undispatched(limit=10) == [first, second]
