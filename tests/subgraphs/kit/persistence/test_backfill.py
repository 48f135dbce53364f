"""What is derived from events is derived of those that were there before."""

import asyncio

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.persistence.backfill import Backfill
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from subgraphs.kit.persistence.event_store import MongoEventStore
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings
from tests.testkit.memory import AT


def commit(kind: str, id: str, version: int = 1) -> Commit:
    context = CommandContext(tenant="acme", actor="client_1", request_id="req_1", at=AT)
    return Commit(
        tenant="acme",
        kind=kind,
        aggregate_id=id,
        version=version,
        events=(StoredEvent("Happened", {}),),
        context=context,
        recorded_at=AT,
    )


async def test_every_aggregate_of_the_kind_is_followed_twice_and_all_again_after_an_interruption(settings: Settings) -> None:
    async with connect(settings, "backfill") as database:
        store = MongoEventStore(database)
        for one in (commit("Thing", "a"), commit("Thing", "a", 2), commit("Thing", "b"), commit("Other", "c")):
            await store.append(one)
        followed: list[str] = []
        stop = asyncio.Event()

        async def follow(tenant: str, id: str) -> None:
            followed.append(f"{tenant}/{id}")
            if len(followed) == 1:
                stop.set()

        backfill = Backfill(database, "things", "Thing", follow)
        assert await backfill.run_once(stop) == 1
        followed.clear()
        followed.append("before")
        assert await backfill.run_once() == 2
        assert sorted(followed) == ["acme/a", "acme/b", "before"]
        # A relay of the version before has told of one more meanwhile.
        await store.append(commit("Thing", "d"))
        later = Backfill(database, "things", "Thing", follow)
        assert (await later.run_once(), await later.passes(), await later.run_once()) == (3, 2, 0)
        assert sorted(followed[-3:]) == ["acme/a", "acme/b", "acme/d"]


async def test_one_aggregate_that_cannot_be_followed_keeps_neither_the_others_nor_the_next_run_waiting(
    settings: Settings,
) -> None:
    async with connect(settings, "backfill") as database:
        store = MongoEventStore(database)
        for id in ("a", "b", "c"):
            await store.append(commit("Thing", id))
        followed: list[str] = []
        broken = {"b"}

        async def follow(tenant: str, id: str) -> None:
            if id in broken:
                raise ValueError("unreadable")
            followed.append(id)

        backfill = Backfill(database, "things", "Thing", follow)
        assert (await backfill.run_once(), await backfill.passes()) == (2, 0)
        assert sorted(followed) == ["a", "c"]
        broken.clear()
        assert (await backfill.run_once(), await backfill.passes()) == (3, 1)


async def test_it_runs_beside_other_work_until_it_is_stopped(settings: Settings) -> None:
    async with connect(settings, "backfill") as database:
        await MongoEventStore(database).append(commit("Thing", "a"))
        done, stop = asyncio.Event(), asyncio.Event()

        async def follow(tenant: str, id: str) -> None:
            done.set()

        backfill = Backfill(database, "things", "Thing", follow)
        running = asyncio.create_task(backfill.run(stop))
        async with asyncio.timeout(20):
            await done.wait()
            stop.set()
            await running
