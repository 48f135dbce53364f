"""Places that are taken and given back: the same promises from the database and from memory."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.persistence.numbers import MongoNumbers
from subgraphs.kit.persistence.places import InMemoryPlaces, MongoPlaces
from subgraphs.kit.settings import Settings

Places = MongoPlaces | InMemoryPlaces


@pytest.fixture(params=["mongodb", "memory"])
async def places(request: pytest.FixtureRequest) -> AsyncIterator[Places]:
    if request.param == "memory":
        yield InMemoryPlaces()
        return
    settings: Settings = request.getfixturevalue("settings")
    async with connect(settings, "places") as database:
        made = MongoPlaces(database, "places")
        for _ in range(2):
            await made.ensure_indexes()
        yield made


async def take(places: Places, owner: str, series: str = "cou_1") -> int:
    return (await places.take("acme", series, owner)).number


async def test_an_owner_keeps_the_place_it_has(places: Places) -> None:
    assert [await take(places, owner) for owner in ("a", "b", "a", "c")] == [1, 2, 1, 3]
    assert (await places.take("acme2", "cou_1", "a")).number == await take(places, "d", "cou_2") == 1


async def test_a_place_that_is_given_back_is_the_next_to_be_taken(places: Places) -> None:
    taken = [await places.take("acme", "cou_1", owner) for owner in ("a", "b", "c", "d")]
    for place in (taken[2], taken[1]):
        await places.give_back("acme", place)
        await places.give_back("acme", place)
    assert [await take(places, owner) for owner in ("e", "d", "b", "f")] == [2, 4, 3, 5]
    await places.give_back("acme", taken[1])  # it is another one's by now
    assert await take(places, "g") == 6


async def test_only_who_took_it_first_gives_it_back_and_not_when_another_took_it_too(places: Places) -> None:
    first = await places.take("acme", "cou_1", "a")
    second = await places.take("acme", "cou_1", "a")
    assert (second.number, second.token) == (1, None)
    for place in (second, first):
        await places.give_back("acme", place)
    assert await take(places, "b") == 2


async def test_many_at_once_have_a_place_each(places: Places) -> None:
    gone = [await places.take("acme", "cou_1", f"gone_{n}") for n in range(5)]
    await asyncio.gather(*(places.give_back("acme", place) for place in gone))
    taken = await asyncio.gather(*(take(places, f"owner_{n}") for n in range(20) for _ in range(2)))
    assert taken[::2] == taken[1::2]
    assert sorted(taken[::2]) == list(range(1, 21))


async def test_what_was_numbered_before_has_its_place_and_another_process_goes_on(settings: Settings) -> None:
    async with connect(settings, "places") as database:
        before = MongoNumbers(database, "before")
        await before.ensure_indexes()
        assert [await before.claim("acme", "cou_1", owner) for owner in ("a", "b")] == [1, 2]
        first, second = MongoPlaces(database, "before"), MongoPlaces(database, "before")
        await first.ensure_indexes()
        assert (await first.take("acme", "cou_1", "b")).number == 2
        third = await first.take("acme", "cou_1", "c")
        assert (await second.take("acme", "cou_1", "d")).number == 4
        await second.give_back("acme", third)
        assert [(await one.take("acme", "cou_1", owner)).number for one, owner in ((first, "e"), (first, "f"))] == [3, 5]
