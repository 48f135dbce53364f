"""From a commit to another subgraph's handler, over real stores, with what can go wrong between."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.messaging import consumer as consumer_module
from subgraphs.kit.messaging import relay as relay_module
from subgraphs.kit.messaging import retries, trimming
from subgraphs.kit.messaging.consumer import Consumer, EventHandler, Received
from subgraphs.kit.messaging.dead_letters import DeadLetters
from subgraphs.kit.messaging.envelope import Envelope, PublicEvent, events_stream
from subgraphs.kit.messaging.feed import Feed, Gap
from subgraphs.kit.messaging.redis import connect_redis
from subgraphs.kit.messaging.relay import Relay
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from subgraphs.kit.persistence.event_store import MongoEventStore
from subgraphs.kit.persistence.lease import Lease
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings
from tests.testkit.stores import RunningStore, run_redis

AT = datetime(2026, 1, 31, tzinfo=UTC)


class UpToDate:
    async def catch_up(self, *commits: Commit) -> None: ...


def commit(id: str, version: int = 1, tenant: str = "acme") -> Commit:
    return Commit(
        tenant=tenant,
        kind="Thing",
        aggregate_id=id,
        version=version,
        events=(StoredEvent("ThingHappened", {"number": version}),),
        context=CommandContext(tenant=tenant, actor="client_1", request_id="req_1", at=AT),
        recorded_at=AT + timedelta(seconds=version),
    )


def publish(commit: Commit) -> list[PublicEvent]:
    return [
        PublicEvent(
            id=f"{commit.id}#{number}", type="thing-happened.v1", sequence=commit.version, occurred_at=AT, data=event.data
        )
        for number, event in enumerate(commit.events)
    ]


class Harness:
    """A producing and a consuming subgraph over the same stores."""

    def __init__(self, settings: Settings, database: AsyncDatabase[dict[str, object]], redis: Redis) -> None:
        self.settings, self.database, self.redis = settings, database, redis
        self.subgraph = settings.database_prefix
        self.outbox = MongoEventStore(database)
        self.relay = self.new_relay("relay")

    def new_relay(self, owner: str) -> Relay:
        lease = Lease(self.database, "relay", owner, timedelta(seconds=1))
        return Relay(self.subgraph, self.outbox, self.redis, lease, publish, {"Thing": UpToDate()})

    @asynccontextmanager
    async def consuming(self, *handlers: EventHandler, worker: str = "worker") -> AsyncIterator[Consumer]:
        consumer = Consumer(
            "other", worker, self.redis, self.database, sources=[self.subgraph], handlers={"thing-happened.v1": handlers}
        )
        stop = asyncio.Event()
        task = asyncio.create_task(consumer.run(stop))
        try:
            yield consumer
        finally:
            stop.set()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
async def harness(settings: Settings) -> AsyncIterator[Harness]:
    async with connect(settings, "producer") as database, connect_redis(settings) as redis:
        made = Harness(settings, database, redis)
        await made.outbox.ensure_indexes()
        yield made


def soon(monkeypatch: pytest.MonkeyPatch, milliseconds: int = 10) -> None:
    """Let every retry come this soon."""
    for name in ("RETRY_AFTER_MILLISECONDS", "LONGEST_PAUSE_MILLISECONDS"):
        monkeypatch.setattr(retries, name, milliseconds)
    monkeypatch.setattr(consumer_module, "BLOCK_MILLISECONDS", milliseconds)


async def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_every_commit_reaches_the_handler_once_and_in_order(harness: Harness) -> None:
    seen: list[tuple[str, int]] = []

    async def handle(received: Received) -> None:
        seen.append((received.envelope.aggregate_id, received.event.data["number"]))

    for version in (1, 2, 3):
        await harness.outbox.append(commit("a", version))
    async with harness.consuming(handle):
        assert await harness.relay.dispatch() == 3
        assert await harness.relay.dispatch() == 0
        await until(lambda: len(seen) == 3)
    assert seen == [("a", 1), ("a", 2), ("a", 3)]


async def test_an_aggregate_that_fails_waits_in_its_order_and_the_others_are_sent(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "BATCH", 2)
    broken, seconds = {"a"}, 0.0

    def publish_or_fail(commit: Commit) -> list[PublicEvent]:
        if commit.aggregate_id in broken and commit.version == 1:
            raise ValueError("broken")
        return publish(commit)

    lease = Lease(harness.database, "relay", "relay", timedelta(seconds=1))
    read_models = {"Thing": UpToDate()}
    relay = Relay(harness.subgraph, harness.outbox, harness.redis, lease, publish_or_fail, read_models, lambda: seconds)

    async def sent() -> list[tuple[str, int]]:
        decode = msgspec.json.Decoder(Envelope).decode
        found = [decode(fields[b"envelope"]) for _, fields in await harness.redis.xrange(events_stream(harness.subgraph))]
        return [(envelope.aggregate_id, envelope.version) for envelope in found]

    for version in (1, 2):  # "a" is as much as a whole batch
        await harness.outbox.append(commit("a", version))
    for version in (3, 4):
        await harness.outbox.append(replace(commit("b", version), version=version - 2))
    assert [await relay.dispatch() for _ in range(3)] == [0, 2, 0]
    assert await sent() == [("b", 1), ("b", 2)]
    broken.clear()
    assert await relay.dispatch() == 0
    seconds = relay_module.RETRY_SECONDS
    assert await relay.dispatch() == 2
    assert await sent() == [("b", 1), ("b", 2), ("a", 1), ("a", 2)]
    assert await relay.dispatch() == 0


async def test_a_redelivered_commit_is_dropped(harness: Harness) -> None:
    seen: list[int] = []

    async def handle(received: Received) -> None:
        seen.append(received.event.data["number"])

    await harness.outbox.append(commit("a"))
    async with harness.consuming(handle):
        await harness.relay.dispatch()
        await until(lambda: seen == [1])
        assert await harness.outbox.undispatch_after("") == 1  # as after a crash before the mark
        await harness.outbox.append(commit("a", 2))
        assert await harness.relay.dispatch() == 2
        await until(lambda: 2 in seen)
    assert seen == [1, 2]


async def test_a_handler_that_is_not_ready_is_called_again(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "RETRY_AFTER_MILLISECONDS", 50)
    attempts: list[int] = []

    async def handle(received: Received) -> None:
        attempts.append(received.event.sequence)
        if len(attempts) < 3:
            raise NotReady("the customer has not arrived")

    await harness.outbox.append(commit("a"))
    async with harness.consuming(handle):
        await harness.relay.dispatch()
        await until(lambda: len(attempts) == 3)
    assert await harness.database["dead_letters"].count_documents({}) == 0


async def test_what_waits_for_another_event_is_given_up_much_later_than_what_fails(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon(monkeypatch)
    monkeypatch.setattr(consumer_module, "FAILURES", 2)
    monkeypatch.setattr(consumer_module, "WAITS", 6)
    attempts: list[str] = []

    async def handle(received: Received) -> None:
        attempts.append(received.envelope.aggregate_id)
        raise NotReady("waits") if received.envelope.aggregate_id == "waiting" else ValueError("fails")

    for id in ("waiting", "failing"):
        await harness.outbox.append(commit(id))
    async with harness.consuming(handle):
        await harness.relay.dispatch()
        async with asyncio.timeout(10):
            while await harness.database["dead_letters"].count_documents({}) < 2:
                await asyncio.sleep(0.01)
    assert (attempts.count("failing"), attempts.count("waiting")) == (2, 6)


def test_retries_come_ever_later_up_to_a_minute() -> None:
    # 3 s × 1.5 each time; 36 tries take 3 + 4.5 + … + 51.26 = 147.8 s, then 27 pauses of 60 s: half an hour.
    pauses = [retries.pause(deliveries) for deliveries in range(1, consumer_module.FAILURES)]
    assert pauses[:4] == [3_000, 4_500, 6_750, 10_125]
    assert pauses[7:10] == [3_000 * 1.5**7, 60_000, 60_000]
    assert round(sum(pauses) / 60_000) == 29
    assert retries.pause(1_000_000) == 60_000
    assert round(consumer_module.WAITS / 60 / 24) == 7  # days


async def test_what_waits_longer_does_not_keep_out_what_is_behind_it(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"RETRY_AFTER_MILLISECONDS": 50, "PAUSE_FACTOR": 1_000, "LOOK": 2}.items():
        monkeypatch.setattr(retries, name, value)
    seen: list[str] = []

    async def handle(received: Received) -> None:
        seen.append(received.envelope.aggregate_id)

    for number in range(5):
        await harness.outbox.append(commit(f"a{number}"))
    await harness.relay.dispatch()
    stream = events_stream(harness.subgraph)
    await harness.redis.xgroup_create(stream, "other", id="0")
    [[_, entries]] = await harness.redis.xreadgroup("other", "killed", {stream: ">"}, count=10)
    # The first four were tried before: their next try is in 50 s. The last one's reader died.
    await harness.redis.xclaim(stream, "other", "killed", 0, [entry for entry, _ in entries[:4]])
    async with harness.consuming(handle, worker="successor"):
        await until(lambda: seen == ["a4"])
    assert (await harness.redis.xpending(stream, "other"))["pending"] == 4


async def test_waiting_uses_up_no_tries_of_what_fails_later(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    soon(monkeypatch)
    monkeypatch.setattr(consumer_module, "FAILURES", 2)
    outcomes: list[Exception | None] = [*(NotReady("waits") for _ in range(5)), ValueError("fails once"), NotReady("waits"), None]
    seen: list[int] = []

    async def handle(received: Received) -> None:
        seen.append(received.event.sequence)
        outcome = outcomes[len(seen) - 1]
        if outcome is not None:
            raise outcome

    await harness.outbox.append(commit("a"))
    async with harness.consuming(handle):
        await harness.relay.dispatch()
        await until(lambda: len(seen) == 8)
    assert await harness.database["dead_letters"].count_documents({}) == 0


async def test_a_server_that_does_not_answer_is_waited_for_and_holds_up_nothing(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon(monkeypatch)
    monkeypatch.setattr(consumer_module, "FAILURES", 1)
    seen: list[str] = []

    async def handle(received: Received) -> None:
        if received.envelope.aggregate_id.startswith("hangs"):
            raise TimeoutError
        seen.append(received.envelope.aggregate_id)

    for number in range(20):  # more than are handled at the same time
        await harness.outbox.append(commit(f"hangs_{number}"))
    await harness.outbox.append(commit("other"))
    async with harness.consuming(handle):
        await harness.relay.dispatch()
        await until(lambda: seen == ["other"])
    assert await harness.database["dead_letters"].count_documents({}) == 0


async def test_many_that_wait_do_not_slow_down_what_is_new(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    soon(monkeypatch, 50)
    release, waiting, seen = asyncio.Event(), set[str](), list[str]()

    async def handle(received: Received) -> None:
        id = received.envelope.aggregate_id
        if id.startswith("waits") and id in waiting:  # each retry hangs until the test ends
            await release.wait()
        if id.startswith("waits"):
            waiting.add(id)
            raise NotReady("waits")
        seen.append(id)

    for number in range(40):
        await harness.outbox.append(commit(f"waits_{number}"))
    async with harness.consuming(handle):
        await harness.relay.dispatch()
        await until(lambda: len(waiting) == 40)
        await asyncio.sleep(0.2)  # the retries are under way
        for number in range(40):
            await harness.outbox.append(commit(f"new_{number}"))
        await harness.relay.dispatch()
        await until(lambda: len(seen) == 40)
        release.set()


async def test_what_is_being_handled_is_not_taken_over_however_long_it_takes(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon(monkeypatch, 200)
    monkeypatch.setattr(consumer_module, "HOLD_SECONDS", 0.05)
    seen: list[str] = []

    async def handle(received: Received) -> None:
        seen.append(received.envelope.aggregate_id)
        await asyncio.sleep(1)

    await harness.outbox.append(commit("a"))
    await harness.relay.dispatch()
    async with harness.consuming(handle, worker="one"), harness.consuming(handle, worker="two"):
        async with asyncio.timeout(10):
            while not await harness.database["handled_commits"].count_documents({}):
                await asyncio.sleep(0.02)
    assert seen == ["a"]


async def test_a_failure_of_what_another_worker_has_finished_meanwhile_is_none(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "FAILURES", 1)
    stream, failed = events_stream(harness.subgraph), asyncio.Event()

    async def handle(received: Received) -> None:
        await harness.redis.xack(stream, "other", *[one["message_id"] for one in await pending()])
        failed.set()
        raise ValueError("too late")

    async def pending() -> list[dict[str, bytes]]:
        found: list[dict[str, bytes]] = await harness.redis.xpending_range(stream, "other", "-", "+", 10)
        return found

    await harness.outbox.append(commit("a"))
    async with harness.consuming(handle):
        await harness.relay.dispatch()
        await asyncio.wait_for(failed.wait(), 10)
    assert await harness.database["dead_letters"].count_documents({}) == 0


async def test_a_dead_letter_that_is_tried_again_is_one_until_it_was_handled(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon(monkeypatch)
    monkeypatch.setattr(consumer_module, "FAILURES", 1)
    broken, seen = True, 0

    async def handle(received: Received) -> None:
        nonlocal seen
        seen += 1
        if broken:
            raise ValueError("broken")

    letters = DeadLetters(harness.database)
    await harness.outbox.append(commit("a"))
    async with harness.consuming(handle):
        await harness.relay.dispatch()
        async with asyncio.timeout(10):
            while not (found := await letters.page(10)):
                await asyncio.sleep(0.01)
        broken = False
        [letter] = found
        for _ in range(2):  # twice is once
            await letters.retry(letter, "other", harness.redis)
        async with asyncio.timeout(10):
            while await letters.page(10):
                await asyncio.sleep(0.01)
    assert seen == 2


async def test_a_stream_keeps_what_a_reader_has_not_finished(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimming, "KEPT", 4)
    monkeypatch.setattr(trimming, "STEP", 2)
    monkeypatch.setattr(trimming, "MOST_KEPT", 12)
    stream, redis = events_stream(harness.subgraph), harness.redis

    async def add(count: int) -> None:
        for _ in range(count):
            await redis.xadd(stream, {"envelope": b"{}"})

    await add(8)
    await redis.xgroup_create(stream, "slow", id="0")
    await redis.xgroup_create(stream, "fast", id="$")
    assert await trimming.trim(redis, stream) == 0  # nothing of it was read by "slow"
    [[_, entries]] = await redis.xreadgroup("slow", "worker", {stream: ">"}, count=6)
    assert await trimming.trim(redis, stream) == 0  # the first is not finished
    await redis.xack(stream, "slow", *[entry for entry, _ in entries[:3]])
    assert await trimming.trim(redis, stream) == 2
    assert [entry for entry, _ in await redis.xrange(stream, count=1)] == [entries[2][0]]
    assert await trimming.trim(redis, stream) == 0  # the fourth is not finished
    await add(7)
    assert await redis.xlen(stream) == 13
    assert await trimming.trim(redis, stream) == 2  # more than are ever kept
    assert await redis.xlen(stream) == 11


async def test_what_keeps_failing_becomes_a_dead_letter_and_holds_up_nothing(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "RETRY_AFTER_MILLISECONDS", 20)
    monkeypatch.setattr(consumer_module, "BLOCK_MILLISECONDS", 20)
    monkeypatch.setattr(consumer_module, "FAILURES", 3)
    attempts: list[str] = []

    async def handle(received: Received) -> None:
        attempts.append(received.envelope.aggregate_id)
        if received.envelope.aggregate_id == "bad":
            raise ValueError("cannot be handled")

    await harness.outbox.append(commit("bad"))
    await harness.outbox.append(commit("good"))
    async with harness.consuming(handle):
        await harness.relay.dispatch()
        async with asyncio.timeout(10):
            while not (letter := await harness.database["dead_letters"].find_one({"_id": "acme/Thing/bad/0000000001"})):
                await asyncio.sleep(0.02)
    assert letter["error"] == "ValueError('cannot be handled')"
    assert attempts.count("bad") == 3
    assert attempts.count("good") == 1


async def test_an_entry_that_cannot_be_read_becomes_a_dead_letter_at_once(harness: Harness) -> None:
    seen: list[str] = []

    async def handle(received: Received) -> None:
        seen.append(received.envelope.aggregate_id)

    stream = events_stream(harness.subgraph)
    for fields in ({"envelope": b"{not json"}, {"envelope": b'{"tenant": 1}'}, {"other": b"\xff"}):
        await harness.redis.xadd(stream, fields)
    await harness.outbox.append(commit("good"))
    async with harness.consuming(handle):
        await harness.relay.dispatch()
        await until(lambda: seen == ["good"])
        async with asyncio.timeout(10):
            while (await harness.redis.xpending(stream, "other"))["pending"]:
                await asyncio.sleep(0.01)
    letters = [letter async for letter in harness.database["dead_letters"].find()]
    assert sorted(letter["envelope"] for letter in letters) == [b"", b'{"tenant": 1}', b"{not json"]


async def test_a_dead_workers_entries_are_taken_over(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "RETRY_AFTER_MILLISECONDS", 50)
    seen: list[int] = []

    async def handle(received: Received) -> None:
        seen.append(received.event.sequence)

    await harness.outbox.append(commit("a"))
    await harness.relay.dispatch()
    stream = events_stream(harness.subgraph)
    await harness.redis.xgroup_create(stream, "other", id="0")
    taken = await harness.redis.xreadgroup("other", "killed", {stream: ">"}, count=10)
    assert taken
    async with harness.consuming(handle, worker="successor"):
        await until(lambda: seen == [1])


async def test_only_one_relay_works_and_another_takes_over(harness: Harness) -> None:
    first, second = (Lease(harness.database, "one", owner, timedelta(seconds=0.4)) for owner in ("first", "second"))
    assert await first.hold()
    assert not await second.hold()
    await asyncio.sleep(0.5)
    assert await second.hold()
    assert not await first.hold()
    await second.release()
    assert not await first.hold()  # it has just asked: it does so again after a tenth of the lease
    await asyncio.sleep(0.05)
    assert await first.hold()


async def test_a_relay_that_stood_by_finds_out_anew_what_redis_has(harness: Harness) -> None:
    first, second = harness.new_relay("first"), harness.new_relay("second")
    assert await first._leads()
    await harness.outbox.append(commit("a"))
    assert await first.dispatch() == 1
    stream = events_stream(harness.subgraph)
    assert not await second._leads()
    await first._lease.release()
    await asyncio.sleep(0.11)  # it asks again after a tenth of the lease
    assert await second._leads()
    await harness.outbox.append(commit("a", 2))
    assert await second.dispatch() == 1
    # Redis comes back from a snapshot between what the two sent: for the first relay alone, nothing would look lost.
    [*_, (last, _)] = await harness.redis.xrange(stream)
    await harness.redis.xdel(stream, last)
    await harness.redis.delete(stream)
    await second._lease.release()
    assert await first._leads()
    assert await first.dispatch() == 2
    assert await harness.redis.xlen(stream) == 2


async def test_a_redis_that_lost_everything_is_told_again(tmp_path: Path, harness: Harness) -> None:
    with run_redis(tmp_path) as store:
        settings = harness.settings.model_copy(update={"redis_url": type(harness.settings.redis_url)(store.url)})
        async with connect_redis(settings) as redis:
            lost = Harness(harness.settings, harness.database, redis)
            await lost.outbox.append(commit("a"))
            stop = asyncio.Event()
            task = asyncio.create_task(lost.relay.run(stop))
            await wait_for_length(redis, lost.subgraph, 1)
            store.stop()
            await lost.outbox.append(commit("a", 2))
            store.start()
            await wait_for_length(redis, lost.subgraph, 2)
            stop.set()
            await task


async def wait_for_length(redis: Redis, subgraph: str, length: int) -> None:
    async with asyncio.timeout(15):
        while await redis.xlen(events_stream(subgraph)) != length:
            await asyncio.sleep(0.05)


async def test_a_feed_delivers_to_its_tenant_only_and_announces_a_gap(tmp_path: Path, harness: Harness) -> None:
    with run_redis(tmp_path) as store:
        settings = harness.settings.model_copy(update={"redis_url": type(harness.settings.redis_url)(store.url)})
        async with connect_redis(settings) as redis, connect_redis(settings, listener=True) as listener:
            feed, told = (
                Feed(harness.subgraph, listener, harness.outbox.position),
                Harness(harness.settings, harness.database, redis),
            )
            running = asyncio.create_task(feed.run())
            async with feed.subscribe("acme") as acme, feed.subscribe("rival") as rival:
                await told.outbox.append(commit("a"))
                await told.relay.dispatch()
                async with asyncio.timeout(5):
                    message = await anext(acme)
                assert isinstance(message, Envelope)
                assert (message.tenant, message.aggregate_id) == ("acme", "a")

                await restart(store)
                async with asyncio.timeout(15):
                    assert isinstance(await anext(acme), Gap)
                    assert isinstance(await anext(rival), Gap)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def restart(store: RunningStore) -> None:
    await asyncio.to_thread(store.stop)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(store.start)
