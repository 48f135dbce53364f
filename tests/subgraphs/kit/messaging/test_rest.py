"""When a subgraph is at rest for a tenant: on real stores, by what its workers have in hand and what it has not sent."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec
import pytest
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis

from subgraphs.kit.messaging import rest
from subgraphs.kit.messaging.envelope import PublicEvent, events_stream
from subgraphs.kit.messaging.positions import padded
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.messaging.rest import RedisRest, is_up_to
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from subgraphs.kit.persistence.event_store import MongoEventStore
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings
from tests.testkit.memory import AT, context
from tests.testkit.received import received


@dataclass
class Reading:
    """A subgraph that reads the stream of another one, and its own outbox."""

    redis: Redis
    database: AsyncDatabase[dict[str, object]]
    name: str

    @property
    def source(self) -> str:
        return f"{self.name}_source"

    @property
    def rest(self) -> RedisRest:
        return RedisRest(self.name, self.redis, self.database, [self.source])

    async def told(self, tenant: str, number: int = 1) -> str:
        """Return the entry of an event that the other subgraph sends."""
        envelope = received("thing-happened.v1", {}, aggregate_id="a", sequence=number, tenant=tenant).envelope
        return (await self.redis.xadd(events_stream(self.source), {"envelope": msgspec.json.encode(envelope)})).decode()

    async def read(self) -> Sequence[bytes]:
        """Take what waits in hand and return its entries."""
        answer = await self.redis.xreadgroup(self.name, "worker", {events_stream(self.source): ">"}, count=100)
        chunks = answer.values() if isinstance(answer, dict) else [[entries] for _, entries in answer]
        return [entry for chunk in chunks for entries in chunk for entry, _ in entries]

    async def done(self, *entries: bytes) -> None:
        await self.redis.xack(events_stream(self.source), self.name, *entries)

    async def commits(self, id: str, kind: str = "Thing", tenant: str = "acme", entry: str | None = None) -> str:
        """Return the id of a new commit, sent at `entry`, None: not sent."""
        commit = Commit(
            tenant=tenant,
            kind=kind,
            aggregate_id=id,
            version=1,
            events=(StoredEvent("ThingHappened", {}),),
            context=context(tenant),
            recorded_at=AT,
            entry=entry,
        )
        await MongoEventStore(self.database).append(commit)
        return commit.id


@pytest.fixture
async def reading(settings: Settings) -> AsyncIterator[Reading]:
    async with connect(settings, "reading") as database, connect_redis(settings) as redis:
        await MongoEventStore(database).ensure_indexes()
        made = Reading(redis, database, settings.database_prefix)
        await redis.xgroup_create(events_stream(made.source), made.name, id="0", mkstream=True)
        yield made


async def test_it_is_reached_when_nothing_of_the_tenant_is_in_hand(reading: Reading) -> None:
    assert await reading.rest.reached("acme", await reading.rest.mark())  # nothing was ever sent
    await reading.told("acme")
    mark = await reading.rest.mark()
    assert not await reading.rest.reached("acme", mark)
    [entry] = await reading.read()
    assert not await reading.rest.reached("acme", mark)
    await reading.done(entry)
    assert await reading.rest.reached("acme", mark)


async def test_what_came_later_and_what_is_of_others_does_not_count(reading: Reading) -> None:
    await reading.told("acme")
    mark = await reading.rest.mark()
    await reading.done(*await reading.read())
    await reading.told("rival", 2)
    assert await reading.rest.reached("acme", mark)
    later = await reading.rest.mark()
    assert not await reading.rest.reached("acme", later)  # nobody knows yet whose it is
    await reading.read()
    assert (await reading.rest.reached("acme", later), await reading.rest.reached("rival", later)) == (True, False)


async def test_much_that_others_wait_for_does_not_count(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "PAGE", 3)
    for number in range(7):
        await reading.told("rival", number)
    await reading.told("acme", 7)
    mark = await reading.rest.mark()
    entries = await reading.read()
    assert not await reading.rest.reached("acme", mark)
    await reading.done(entries[-1])
    assert await reading.rest.reached("acme", mark)
    monkeypatch.setattr(rest, "MOST_PAGES", 2)
    assert not await reading.rest.reached("acme", mark)  # more than it looks at: it cannot know


async def test_a_group_that_does_not_read_yet_has_handled_nothing(reading: Reading) -> None:
    await reading.told("acme")
    other = RedisRest("other", reading.redis, reading.database, [reading.source])
    assert not await other.reached("acme", await other.mark())


async def test_what_waits_in_the_outbox_is_not_sent(reading: Reading) -> None:
    mark = await reading.rest.mark()
    await reading.commits("a", tenant="rival")
    assert await reading.rest.reached("acme", mark)
    await reading.commits("b")
    assert not await reading.rest.reached("acme", mark)


async def test_what_was_sent_since_is_what_somebody_is_told_of(reading: Reading) -> None:
    entries = [padded(f"{number}-0") for number in range(5)]
    asked = await reading.commits("asked", "Clock", entry=entries[1])
    await reading.commits("before", entry=entries[0])
    await reading.commits("others", tenant="rival", entry=entries[3])
    await reading.commits("answer", "Clock", entry=entries[3])
    assert await reading.rest.sent_since("acme", asked, {"Clock"}) is None
    await reading.commits("after", entry=entries[2])
    assert await reading.rest.sent_since("acme", asked, {"Clock"}) == entries[2]

    def silent(commit: Commit) -> Sequence[PublicEvent]:
        return ()

    quiet = RedisRest(reading.name, reading.redis, reading.database, [reading.source], silent)
    assert await quiet.sent_since("acme", asked, {"Clock"}) is None
    waiting = await reading.commits("waiting", "Clock")
    assert await reading.rest.sent_since("acme", waiting, {"Clock"}) == await reading.rest.sent() == "0-0"


def test_positions_are_compared_as_numbers() -> None:
    assert is_up_to("10-0", padded("9-7"))
    assert is_up_to(padded("9-10"), "9-9")
    assert not is_up_to("9-9", "9-10")
