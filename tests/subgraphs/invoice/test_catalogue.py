"""Prices that lines of invoiceCreate name: what is kept of them from the plan subgraph's events, and which are refused."""

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from subgraphs.invoice.commands.one_off_lines import WantedLine, one_off_lines
from subgraphs.invoice.domain.one_off import CataloguePrice, OneOffLine
from subgraphs.invoice.services import InvoiceServices
from subgraphs.kit.domain.errors import DomainError, InvalidInput
from subgraphs.kit.messaging.consumer import Received
from subgraphs.pricing.charge import Charge, ChargeDetails, PriceModel
from tests.testkit.invoicing import deliver
from tests.testkit.received import received

ROUTER = {
    "priceId": "price_1",
    "planId": "plan_1",
    "planName": "Router",
    "currency": "EUR",
    "model": "PER_UNIT",
    "flatAmountMinor": None,
    "unitAmount": "49.905",
    "version": 1,
    "details": {"freeUnits": 1},
    "externalId": None,
}


def told(type: str, sequence: int, id: str = "price_1", tenant: str = "acme", **data: Any) -> Received:
    return received(type, data, aggregate_id=id, sequence=sequence, tenant=tenant)


CREATED = told("one-time-price-created.v1", 1, **ROUTER)
ARCHIVED = told("price-archived.v1", 2, priceId="price_1")
PLAN_ARCHIVED = told("plan-archived.v1", 2, "plan_1", planId="plan_1")


async def line(services: InvoiceServices, price_id: str = "price_1", tenant: str = "acme") -> OneOffLine:
    [found] = await one_off_lines(services.prices, tenant, [WantedLine(description=None, quantity=2, price_id=price_id)])
    return found


async def refusal(services: InvoiceServices, price_id: str = "price_1", tenant: str = "acme") -> tuple[str, tuple[str, ...]]:
    with pytest.raises(DomainError) as refused:
        await line(services, price_id, tenant)
    return refused.value.code, refused.value.field


async def test_a_one_time_price_is_known_with_its_arithmetic(services: InvoiceServices) -> None:
    await deliver(services, CREATED, CREATED)
    charge = Charge(currency="EUR", model=PriceModel.PER_UNIT, unit_amount=Decimal("49.905"), details=ChargeDetails(free_units=1))
    price = CataloguePrice(id="price_1", plan_id="plan_1", plan_name="Router", charge=charge)
    assert await line(services) == OneOffLine(description=None, quantity=2, price=price)
    assert await refusal(services, tenant="rival") == ("NOT_FOUND", ("lines", "0", "priceId"))


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_price_of_a_renamed_plan_bears_its_last_name(services: InvoiceServices, order: tuple[int, ...]) -> None:
    names = [told("plan-updated.v1", sequence, "plan_1", planId="plan_1", name=f"Router {sequence}") for sequence in (2, 3)]
    events = [CREATED, *names]
    await deliver(services, *(events[number] for number in order), names[0])
    price = (await line(services)).price
    assert price is not None and price.plan_name == "Router 3"


@pytest.mark.parametrize("order", list(permutations([CREATED, ARCHIVED])))
async def test_what_is_archived_is_sold_no_longer_whatever_the_order_of_events(
    services: InvoiceServices, order: tuple[Received, ...]
) -> None:
    await deliver(services, *order)
    assert await refusal(services) == ("INVALID_STATE", ("lines", "0", "priceId"))


async def test_nothing_of_an_archived_plan_is_sold(services: InvoiceServices) -> None:
    await deliver(services, CREATED, PLAN_ARCHIVED)
    assert await refusal(services) == ("INVALID_STATE", ("lines", "0", "priceId"))


async def test_a_price_that_recurs_and_one_that_is_not_known_are_refused(services: InvoiceServices) -> None:
    await deliver(services, told("price-created.v1", 1, "price_2", **ROUTER | {"priceId": "price_2"}))
    assert await refusal(services, "price_2") == ("INVALID_INPUT", ("lines", "0", "priceId"))
    assert await refusal(services, "price_3") == ("NOT_FOUND", ("lines", "0", "priceId"))


async def test_too_many_lines_are_refused_before_any_price_is_looked_up(services: InvoiceServices) -> None:
    with pytest.raises(InvalidInput) as refused:
        await one_off_lines(services.prices, "acme", [WantedLine(description=None, quantity=1, price_id="x")] * 251)
    assert refused.value.field == ("lines",)
