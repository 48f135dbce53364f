"""Meters, and prices that bill what they count."""

from decimal import Decimal

import pytest

from subgraphs.kit.domain.errors import AlreadyExists, InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.kit.persistence.claims import InMemoryClaims
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.plan.commands.archive_meter import archive_meter
from subgraphs.plan.commands.create_meter import create_meter
from subgraphs.plan.commands.create_plan import create_plan
from subgraphs.plan.commands.create_price import create_price
from subgraphs.plan.commands.create_product import create_product
from subgraphs.plan.domain.meter import Meter
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.product import Product
from subgraphs.plan.domain.values import PriceModel, PriceTerms, State
from subgraphs.plan.published import publish
from subgraphs.pricing.usage import Aggregation
from tests.testkit.memory import context, repository


class Catalogue:
    def __init__(self) -> None:
        self.store, self.claims = InMemoryEventStore(), InMemoryClaims()
        self.products, self.plans = repository(Product, self.store), repository(Plan, self.store)
        self.prices, self.meters = repository(Price, self.store), repository(Meter, self.store)

    async def meter(self, code: str = "calls") -> Meter:
        return await create_meter(self.meters, self.claims, code, "API calls", Aggregation.SUM, context())

    async def price(self, meter_id: str, model: PriceModel = PriceModel.PER_UNIT) -> Price:
        product = await create_product(self.products, self.claims, "Analytics", None, context())
        plan = await create_plan(self.plans, self.products, self.claims, product.id, "team", "Team", None, context())
        per_unit = model is PriceModel.PER_UNIT
        terms = PriceTerms(
            currency="EUR",
            model=model,
            flat_amount_minor=None if per_unit else 100,
            unit_amount=Decimal("0.002") if per_unit else None,
            interval=Interval(IntervalUnit.MONTH),
            meter_id=meter_id,
        )
        return await create_price(self.prices, self.plans, self.meters, self.claims, plan.id, terms, context())


async def test_a_meter_and_its_price_are_told() -> None:
    catalogue = Catalogue()
    meter = await catalogue.meter()
    price = await catalogue.price(meter.id)
    told = {event.type: event.data for commit in catalogue.store.commits.values() for event in publish(commit)}
    assert told["meter-created.v1"] == {"meterId": meter.id, "code": "calls", "name": "API calls", "aggregation": "SUM"}
    assert (told["price-created.v1"]["priceId"], told["price-created.v1"]["meterId"]) == (price.id, meter.id)


async def test_codes_are_unique() -> None:
    catalogue = Catalogue()
    await catalogue.meter()
    with pytest.raises(AlreadyExists):
        await catalogue.meter()
    with pytest.raises(InvalidInput):
        await catalogue.meter("No Code")


async def test_nothing_new_is_sold_by_an_archived_meter_or_one_that_does_not_exist() -> None:
    catalogue = Catalogue()
    meter = await catalogue.meter()
    for _ in range(2):
        assert (await archive_meter(catalogue.meters, meter.id, context())).state is State.ARCHIVED
    with pytest.raises(InvalidState):
        await catalogue.price(meter.id)
    with pytest.raises(NotFound) as refused:
        await Catalogue().price("mtr_9")
    assert refused.value.field == ("meterId",)


async def test_a_flat_price_takes_no_meter() -> None:
    catalogue = Catalogue()
    meter = await catalogue.meter()
    with pytest.raises(InvalidInput) as refused:
        await catalogue.price(meter.id, PriceModel.FLAT)
    assert refused.value.field == ("meterId",)
