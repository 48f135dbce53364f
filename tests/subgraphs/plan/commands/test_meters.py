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
from subgraphs.pricing.charge import NO_DETAILS, ChargeDetails, Tier
from subgraphs.pricing.usage import Aggregation
from tests.testkit.memory import context, repository


class Catalogue:
    def __init__(self) -> None:
        self.store, self.claims = InMemoryEventStore(), InMemoryClaims()
        self.products, self.plans = repository(Product, self.store), repository(Plan, self.store)
        self.prices, self.meters = repository(Price, self.store), repository(Meter, self.store)

    async def meter(self, code: str = "calls", aggregation: Aggregation = Aggregation.SUM) -> Meter:
        return await create_meter(self.meters, self.claims, code, "API calls", aggregation, context())

    async def price(self, meter_id: str, model: PriceModel = PriceModel.PER_UNIT, details: ChargeDetails = NO_DETAILS) -> Price:
        product = await create_product(self.products, self.claims, "Analytics", None, context())
        plan = await create_plan(self.plans, self.products, self.claims, product.id, "team", "Team", None, context())
        per_unit = model is PriceModel.PER_UNIT
        terms = PriceTerms(
            currency="EUR",
            model=model,
            flat_amount_minor=100 if model is PriceModel.FLAT else None,
            unit_amount=Decimal("0.002") if per_unit else None,
            interval=Interval(IntervalUnit.MONTH),
            meter_id=meter_id,
            details=details,
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


SHARE = {
    PriceModel.PERCENTAGE: ChargeDetails(rate_percent=Decimal("1.2"), transaction_fee_minor=10),
    PriceModel.GRADUATED_PERCENTAGE: ChargeDetails(tiers=(Tier(unit_amount=Decimal(2)),)),
}


@pytest.mark.parametrize("aggregation", list(Aggregation))
@pytest.mark.parametrize("model", list(SHARE))
async def test_a_share_of_amounts_needs_a_meter_of_amounts(model: PriceModel, aggregation: Aggregation) -> None:
    catalogue = Catalogue()
    meter = await catalogue.meter(aggregation=aggregation)
    sums = model is PriceModel.GRADUATED_PERCENTAGE and aggregation is Aggregation.SUM
    if aggregation is Aggregation.TRANSACTIONS or sums:
        assert (await catalogue.price(meter.id, model, SHARE[model])).created.terms.meter_id == meter.id
        return
    with pytest.raises(InvalidInput) as refused:
        await catalogue.price(meter.id, model, SHARE[model])
    assert refused.value.field == ("meterId",)
