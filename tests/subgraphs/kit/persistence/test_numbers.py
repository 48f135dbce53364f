"""Numbers without gaps: the same promises from the database and from memory."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.persistence.numbers import InMemoryNumbers, MongoNumbers
from subgraphs.kit.settings import Settings

Numbers = MongoNumbers | InMemoryNumbers


@pytest.fixture(params=["mongodb", "memory"])
async def numbers(request: pytest.FixtureRequest) -> AsyncIterator[Numbers]:
    if request.param == "memory":
        yield InMemoryNumbers()
        return
    settings: Settings = request.getfixturevalue("settings")
    async with connect(settings, "numbers") as database:
        made = MongoNumbers(database, "numbers")
        await made.ensure_indexes()
        yield made


async def test_numbers_run_from_one_without_a_gap(numbers: Numbers) -> None:
    assert [await numbers.claim("acme", "INV", f"inv_{n}") for n in range(12)] == list(range(1, 13))


async def test_an_invoice_keeps_its_number(numbers: Numbers) -> None:
    assert [await numbers.claim("acme", "INV", id) for id in ("inv_1", "inv_2", "inv_1", "inv_3")] == [1, 2, 1, 3]


async def test_each_tenant_and_each_series_counts_for_itself(numbers: Numbers) -> None:
    await numbers.claim("acme", "INV", "inv_1")
    assert await numbers.claim("acme2", "INV", "inv_1") == 1
    assert await numbers.claim("acme", "INV2", "inv_2") == 1
    assert await numbers.claim("acme", "CN", "inv_3") == 1
    assert await numbers.claim("acme", "INV", "inv_4") == 2


async def test_many_at_once_get_every_number_once(numbers: Numbers) -> None:
    ids = [f"inv_{n}" for n in range(20)]
    claimed = await asyncio.gather(*(numbers.claim("acme", "INV", id) for id in ids for _ in range(2)))
    assert claimed[::2] == claimed[1::2]
    assert sorted(claimed[::2]) == list(range(1, 21))


async def test_another_process_goes_on_where_the_first_stopped(settings: Settings) -> None:
    async with connect(settings, "numbers") as database:
        first, number = MongoNumbers(database, "others"), 0
        for _ in range(9):
            number += 1
            assert await first.claim("acme", "INV", f"inv_{number}") == number
            number += 1
            assert await MongoNumbers(database, "others").claim("acme", "INV", f"inv_{number}") == number
