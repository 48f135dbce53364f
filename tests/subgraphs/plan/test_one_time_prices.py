"""Prices that are billed once: created, listed, estimated, told, refused."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.event import EventCodec
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.kit.persistence.claims import InMemoryClaims
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.kit.settings import Settings
from subgraphs.plan.app import create_app
from subgraphs.plan.commands.create_plan import create_plan
from subgraphs.plan.commands.create_price import create_price
from subgraphs.plan.commands.create_product import create_product
from subgraphs.plan.domain.events import PriceCreated
from subgraphs.plan.domain.meter import Meter
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.product import Product
from subgraphs.plan.domain.values import PriceModel, PriceTerms
from subgraphs.plan.published import publish
from tests.testkit.memory import AT, context, repository
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

BOTH = "plans:read plans:write"
CREATE = """
mutation($input: PriceCreateInput!) { priceCreate(input: $input) {
  price { id version type interval { unit count } billed flatAmount { amount } } userErrors { field code message } } }"""
ESTIMATE = (
    "query($id: ID!, $quantity: BigInt) { price(id: $id) { estimate(quantity: $quantity) { amount { amount } explanation } } }"
)


def euros(minor_units: int, currency: str = "EUR") -> dict[str, Any]:
    return {"minorUnits": minor_units, "currencyCode": currency}


class Catalogue:
    def __init__(self, running: RunningSubgraph) -> None:
        self.running, self.plan_id = running, ""

    async def create(self, **more: Any) -> dict[str, Any]:
        input = {"planId": self.plan_id, "model": "FLAT", "currencyCode": "EUR", "type": "ONE_TIME", **more}
        payload: dict[str, Any] = (await self.running.data(CREATE, {"input": input}, scopes=BOTH))["priceCreate"]
        return payload

    async def price(self, **more: Any) -> dict[str, Any]:
        payload = await self.create(**more)
        assert payload["userErrors"] == []
        price: dict[str, Any] = payload["price"]
        return price


@pytest.fixture
async def catalogue(settings: Settings) -> AsyncIterator[Catalogue]:
    async with run_subgraph(create_app, settings) as running:
        made = Catalogue(running)
        product = await running.data('mutation { productCreate(input: {name: "X"}) { product { id } } }', scopes=BOTH)
        input = {"productId": product["productCreate"]["product"]["id"], "code": "set-up", "name": "Set-up"}
        plan = await running.data(
            "mutation($input: PlanCreateInput!) { planCreate(input: $input) { plan { id } } }", {"input": input}, scopes=BOTH
        )
        made.plan_id = plan["planCreate"]["plan"]["id"]
        yield made


TIERS = [{"upTo": "5", "unitAmount": "7"}, {"unitAmount": "6.5", "flatAmount": euros(1000)}]
STAIRS = [{"upTo": "1000", "flatAmount": euros(5000)}, {"flatAmount": euros(20000)}]


@pytest.mark.parametrize(
    ("model", "input", "quantity", "amount", "explanation"),
    [
        ("FLAT", {"flatAmount": euros(9900)}, 3, "99.00", "99.00 EUR flat"),
        ("PER_UNIT", {"unitAmount": "49.90", "free": {"units": 1}}, 3, "99.80", "2 × 49.90 EUR (1 of 3 free)"),
        (
            "PACKAGE",
            {"unitAmount": "5", "packageSize": 100, "maximum": euros(900)},
            201,
            "9.00",
            "3 × 5.00 EUR per 100, limited to the maximum of 9.00 EUR",
        ),
        ("GRADUATED", {"tiers": TIERS}, 6, "51.50", "5 × 7.00 EUR + 1 × 6.50 EUR + 10.00 EUR flat"),
        ("VOLUME", {"tiers": TIERS, "minimum": euros(6000)}, 6, "60.00", None),  # 6 × 6.50 + 10.00 = 49.00
        ("STAIRSTEP", {"tiers": STAIRS}, 1500, "200.00", None),
    ],
)
async def test_every_model_of_a_quantity_can_be_billed_once(
    catalogue: Catalogue, model: str, input: dict[str, Any], quantity: int, amount: str, explanation: str | None
) -> None:
    price = await catalogue.price(model=model, **input)
    assert (price["type"], price["interval"]) == ("ONE_TIME", None)
    data = await catalogue.running.data(ESTIMATE, {"id": price["id"], "quantity": quantity}, scopes=BOTH)
    assert data["price"]["estimate"]["amount"] == {"amount": amount}
    assert explanation is None or data["price"]["estimate"]["explanation"] == explanation


@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({"interval": {"unit": "MONTH"}}, "interval"),
        ({"type": "RECURRING"}, "interval"),
        ({"billed": "IN_ARREARS"}, "billed"),
        ({"proratedBy": "SECOND"}, "proratedBy"),
        ({"usageThresholds": {"amounts": [euros(100)]}}, "usageThresholds"),
        ({"minimumCommitment": {"amount": euros(100)}}, "minimumCommitment"),
        ({"meterId": "mtr_1"}, "meterId"),
        ({"model": "PERCENTAGE", "flatAmount": None, "transactions": {"ratePercent": "1"}}, "model"),
        ({"model": "GRADUATED_PERCENTAGE", "flatAmount": None, "tiers": [{"ratePercent": "1"}]}, "model"),
    ],
)
async def test_what_only_billing_periods_have_is_refused(catalogue: Catalogue, input: dict[str, Any], field: str) -> None:
    payload = await catalogue.create(**({"flatAmount": euros(9900)} | input))
    assert payload["price"] is None
    [error] = payload["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["input", field])


async def test_prices_are_listed_by_whether_they_recur_and_versions_count_apart(catalogue: Catalogue) -> None:
    monthly = {"type": "RECURRING", "interval": {"unit": "MONTH"}}
    made = [
        await catalogue.price(flatAmount=euros(amount), **more)
        for amount, more in ((9900, {}), (1900, monthly), (8900, {}), (2900, monthly))
    ]
    assert [price["version"] for price in made] == [1, 1, 2, 2]
    query = "query($type: PriceType) { prices(where: {type: $type}) { nodes { type version interval { unit } } } }"
    for type, interval in (("ONE_TIME", None), ("RECURRING", {"unit": "MONTH"})):
        data = await catalogue.running.data(query, {"type": type}, scopes=BOTH)
        assert data["prices"]["nodes"] == [{"type": type, "version": number, "interval": interval} for number in (2, 1)]
    assert len((await catalogue.running.data(query, scopes=BOTH))["prices"]["nodes"]) == 4


async def test_it_is_told_as_an_event_of_its_own() -> None:
    store, claims = InMemoryEventStore(), InMemoryClaims()
    products, plans, prices = (repository(Product, store), repository(Plan, store), repository(Price, store))
    product = await create_product(products, claims, "Hardware", None, context())
    plan = await create_plan(plans, products, claims, product.id, "router", "Router", None, context())
    terms = PriceTerms(
        currency="EUR", model=PriceModel.PER_UNIT, flat_amount_minor=None, unit_amount=Decimal("49.90"), interval=None
    )
    price = await create_price(prices, plans, repository(Meter, store), claims, plan.id, terms, context(), external_id="r-1")
    told = [event for commit in store.commits.values() for event in publish(commit)]
    assert (told[-1].type, told[-1].data) == (
        "one-time-price-created.v1",
        {
            "priceId": price.id,
            "planId": plan.id,
            "planName": "Router",
            "currency": "EUR",
            "model": "PER_UNIT",
            "flatAmountMinor": None,
            "unitAmount": "49.90",
            "version": 1,
            "details": None,
            "externalId": "r-1",
        },
    )


def test_a_price_that_was_stored_before_there_were_any_recurs() -> None:
    stored = {
        "plan_id": "plan_1",
        "plan_name": "Team",
        "terms": {
            "currency": "EUR",
            "model": "FLAT",
            "flat_amount_minor": 1900,
            "unit_amount": None,
            "interval": {"unit": "MONTH", "count": 1},
        },
        "version": 1,
        "created_at": AT,
    }
    read = EventCodec(PriceCreated).decode("PriceCreated", stored)
    assert isinstance(read, PriceCreated)
    assert read.terms.interval == Interval(IntervalUnit.MONTH) and not read.terms.is_one_time
