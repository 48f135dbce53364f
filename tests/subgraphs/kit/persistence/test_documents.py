"""Read documents: written only forwards, read only within a tenant, on a real store."""

import asyncio
from collections.abc import AsyncIterator
from itertools import permutations
from typing import Any

import pytest
from beanie import init_beanie
from pymongo.errors import DuplicateKeyError

from subgraphs.kit.persistence.documents import TenantDocument, TenantReader, merge_forward, put_forward, set_forward
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings


class Thing(TenantDocument):
    name: str = ""
    parent: str = ""
    parents: list[str] = []
    color_version: int = 0
    size_version: int = 0
    color: str | None = None
    size: int | None = None

    class Settings:
        name = "things"


@pytest.fixture
async def things(settings: Settings) -> AsyncIterator[TenantReader[Thing]]:
    async with connect(settings, "documents") as database:
        await init_beanie(database=database, document_models=[Thing])
        yield TenantReader(Thing)


def thing(id: str, version: int = 1, tenant: str = "acme", **more: Any) -> Thing:
    return Thing(id=id, tenant=tenant, version=version, **more)


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
async def test_a_document_ends_at_its_latest_version_in_any_order(things: TenantReader[Thing], order: tuple[int, ...]) -> None:
    for version in order + order:
        await put_forward(thing("a", version, name=f"v{version}"))
    found = await things.find("acme", "a")
    assert found is not None
    assert (found.version, found.name) == (3, "v3")


async def test_writers_at_the_same_time_leave_the_latest(things: TenantReader[Thing]) -> None:
    stored = await asyncio.gather(*(put_forward(thing("a", version)) for version in range(1, 9)))
    assert any(stored)
    found = await things.find("acme", "a")
    assert found is not None and found.version == 8


async def test_a_newer_version_that_lost_the_race_to_create_the_document_is_stored_all_the_same(
    things: TenantReader[Thing],
) -> None:
    collection, raced = Thing.get_pymongo_collection(), False

    class Raced:
        """Lets another writer create the document between the server's look for it and its insert."""

        async def update_one(self, filters: Any, change: Any, **options: Any) -> Any:
            nonlocal raced
            if not raced:
                raced = True
                await put_forward(thing("a", 1, name="v1"))
                raise DuplicateKeyError("raced")
            return await collection.update_one(filters, change, **options)

    filters = {"_id": "a", "tenant": "acme", "version": {"$lt": 2}}
    assert await set_forward(Raced(), filters, {"version": 2, "name": "v2"})  # type: ignore[arg-type]
    found = await things.find("acme", "a")
    assert found is not None and (found.version, found.name) == (2, "v2")


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_parts_told_by_different_events_do_not_undo_each_other(things: TenantReader[Thing], order: tuple[int, ...]) -> None:
    told = [("color", 1, {"color": "red"}), ("color", 3, {"color": "blue"}), ("size", 2, {"size": 2}), ("size", 4, {"size": 4})]
    for index in order + order:
        part, version, values = told[index]
        await merge_forward(Thing, "acme", "a", part, version, dict(values))
    found = await Thing.get_pymongo_collection().find_one({"_id": "a"})
    assert found is not None
    assert (found["color"], found["size"], found["version"]) == ("blue", 4, 4)


async def test_nothing_of_another_tenant_is_read_or_overwritten(things: TenantReader[Thing]) -> None:
    await put_forward(thing("a", name="acme's"))
    assert not await put_forward(thing("a", 9, tenant="rival", name="rival's"))
    await merge_forward(Thing, "rival", "a", "color", 9, {"color": "red"})
    assert await things.find("rival", "a") is None
    assert await things.find_many("rival", ["a"]) == [None]
    assert await things.page("rival", {}, limit=10) == []
    assert await things.count("rival", {}, at_most=100) == 0
    assert await things.first_per_parent("rival", "parent", [""], {}, 10) == {"": []}
    found = await things.find("acme", "a")
    assert found is not None
    assert (found.name, found.color) == ("acme's", None)


async def test_many_are_found_in_the_order_asked_for(things: TenantReader[Thing]) -> None:
    for id in "abc":
        await put_forward(thing(id))
    found = await things.find_many("acme", ["c", "x", "a", "c"])
    assert [one.id if one else None for one in found] == ["c", None, "a", "c"]


async def test_a_page_lies_between_its_bounds_newest_first(things: TenantReader[Thing]) -> None:
    for id in "abcdef":
        await put_forward(thing(id))

    async def ids(**bounds: object) -> str:
        return "".join(one.id for one in await things.page("acme", {}, **bounds))  # type: ignore[arg-type]

    assert await ids(limit=2) == "fe"
    assert await ids(limit=2, after="e") == "dc"
    assert await ids(limit=2, backwards=True) == "ba"
    assert await ids(limit=2, backwards=True, before="b") == "dc"
    assert await ids(limit=9, after="e", before="b") == "dc"


async def test_first_children_of_many_parents_are_bounded_each(things: TenantReader[Thing]) -> None:
    for parent, count in (("p", 6), ("q", 1), ("r", 3)):
        for number in range(count):
            await put_forward(thing(f"{parent}{number}", parent=parent))
    found = await things.first_per_parent("acme", "parent", ["p", "q", "r", "none", "p"], {}, 2)
    assert {parent: [one.id for one in children] for parent, children in found.items()} == {
        "p": ["p5", "p4"],
        "q": ["q0"],
        "r": ["r2", "r1"],
        "none": [],
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 9])
async def test_a_child_of_several_parents_is_in_the_list_of_each(things: TenantReader[Thing], limit: int) -> None:
    parents = {"a": "p", "b": "q", "c": "pr", "d": "r", "e": "qr", "f": "p", "g": "xp", "h": "r", "i": "rx", "j": "s"}
    for id, of in parents.items():
        await put_forward(thing(id, parents=list(of)))
    found = await things.first_per_parent("acme", "parents", ["p", "q", "r", "none"], {}, limit)
    newest_first = {"p": "gfca", "q": "eb", "r": "ihedc", "none": ""}
    assert {parent: "".join(one.id for one in children) for parent, children in found.items()} == {
        parent: ids[:limit] for parent, ids in newest_first.items()
    }


async def test_a_replica_on_its_way_is_waited_for_and_one_that_never_comes_is_not(things: TenantReader[Thing]) -> None:
    waiting = asyncio.create_task(things.wait_for("acme", "late", 5))
    await asyncio.sleep(0.02)
    await put_forward(thing("late"))
    found = await waiting
    assert found is not None and found.id == "late"
    assert await things.wait_for("acme", "never", 0.02) is None


async def test_a_replica_that_was_told_in_part_is_waited_for_until_it_is_told(things: TenantReader[Thing]) -> None:
    await merge_forward(Thing, "acme", "late", "size", 1, {"size": 2})
    waiting = asyncio.create_task(things.wait_for("acme", "late", 5, lambda one: one.color is not None))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    await merge_forward(Thing, "acme", "late", "color", 2, {"color": "red"})
    found = await waiting
    assert found is not None and found.color == "red"
    partly = await things.wait_for("acme", "late", 0.02, lambda one: one.name == "told")
    assert partly is not None and partly.size == 2
