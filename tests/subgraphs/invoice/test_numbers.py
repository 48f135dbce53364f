"""Invoice numbers: the same promises from the database and from memory."""

import asyncio

import pytest

from subgraphs.invoice.domain.numbering import InvoiceNumbers
from subgraphs.invoice.numbers import InMemoryInvoiceNumbers, MongoInvoiceNumbers
from subgraphs.invoice.services import InvoiceServices


@pytest.fixture(params=["mongodb", "memory"])
def numbers(request: pytest.FixtureRequest) -> InvoiceNumbers:
    if request.param == "memory":
        return InMemoryInvoiceNumbers()
    services: InvoiceServices = request.getfixturevalue("services")
    return services.numbers


async def test_numbers_run_from_one_without_a_gap(numbers: InvoiceNumbers) -> None:
    assert [await numbers.claim("acme", "INV", f"inv_{n}") for n in range(12)] == list(range(1, 13))


async def test_an_invoice_keeps_its_number(numbers: InvoiceNumbers) -> None:
    assert [await numbers.claim("acme", "INV", id) for id in ("inv_1", "inv_2", "inv_1", "inv_3")] == [1, 2, 1, 3]


async def test_each_tenant_and_each_series_counts_for_itself(numbers: InvoiceNumbers) -> None:
    await numbers.claim("acme", "INV", "inv_1")
    assert await numbers.claim("acme2", "INV", "inv_1") == 1
    assert await numbers.claim("acme", "INV2", "inv_2") == 1
    assert await numbers.claim("acme", "CN", "inv_3") == 1
    assert await numbers.claim("acme", "INV", "inv_4") == 2


async def test_many_at_once_get_every_number_once(numbers: InvoiceNumbers) -> None:
    ids = [f"inv_{n}" for n in range(20)]
    claimed = await asyncio.gather(*(numbers.claim("acme", "INV", id) for id in ids for _ in range(2)))
    assert claimed[::2] == claimed[1::2]
    assert sorted(claimed[::2]) == list(range(1, 21))


async def test_another_process_goes_on_where_the_first_stopped(services: InvoiceServices) -> None:
    first, number = services.numbers, 0
    for _ in range(9):
        number += 1
        assert await first.claim("acme", "INV", f"inv_{number}") == number
        number += 1
        assert await MongoInvoiceNumbers(services.stores.database).claim("acme", "INV", f"inv_{number}") == number
