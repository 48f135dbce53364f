"""Given a catalogue, when a command, then events."""

import asyncio
from decimal import Decimal

import pytest

from subgraphs.kit.domain.errors import AlreadyExists, InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.kit.persistence.claims import InMemoryClaims
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.plan.commands.archive_plan import archive_plan
from subgraphs.plan.commands.archive_price import archive_price
from subgraphs.plan.commands.change_plan_features import remove_plan_feature, set_plan_feature
from subgraphs.plan.commands.create_feature import create_feature
from subgraphs.plan.commands.create_plan import create_plan
from subgraphs.plan.commands.create_price import create_price
from subgraphs.plan.commands.create_product import create_product
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.meter import Meter
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.product import Product
from subgraphs.plan.domain.values import PriceModel, PriceTerms, State
from tests.testkit.memory import context, repository

MONTH = Interval(IntervalUnit.MONTH)


def flat(currency: str = "EUR", interval: Interval = MONTH, amount: int = 1900) -> PriceTerms:
    return PriceTerms(currency=currency, model=PriceModel.FLAT, flat_amount_minor=amount, unit_amount=None, interval=interval)


class Catalogue:
    def __init__(self) -> None:
        self.store, self.claims = InMemoryEventStore(), InMemoryClaims()
        self.products = repository(Product, self.store)
        self.plans = repository(Plan, self.store)
        self.features = repository(Feature, self.store)
        self.prices, self.meters = repository(Price, self.store), repository(Meter, self.store)

    async def plan(self, code: str = "team", tenant: str = "acme") -> Plan:
        product = await create_product(self.products, self.claims, "Analytics", None, context(tenant))
        return await create_plan(self.plans, self.products, self.claims, product.id, code, "Team", None, context(tenant))

    async def price(self, plan_id: str, terms: PriceTerms, tenant: str = "acme") -> Price:
        return await create_price(self.prices, self.plans, self.meters, self.claims, plan_id, terms, context(tenant))


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue()


async def test_codes_are_unique_among_a_tenants_plans_and_among_its_features(catalogue: Catalogue) -> None:
    plan = await catalogue.plan()
    with pytest.raises(AlreadyExists, match=plan.id) as refused:
        await catalogue.plan()
    assert refused.value.field == ("code",)
    assert (await catalogue.plan(tenant="rival")).id != plan.id
    feature = await create_feature(catalogue.features, catalogue.claims, "team", "Team", None, context())
    assert feature.created.code == "team"


async def test_a_plan_needs_a_product_of_the_tenant(catalogue: Catalogue) -> None:
    product = await create_product(catalogue.products, catalogue.claims, "Analytics", None, context("rival"))
    with pytest.raises(NotFound) as refused:
        await create_plan(catalogue.plans, catalogue.products, catalogue.claims, product.id, "team", "Team", None, context())
    assert refused.value.field == ("productId",)


async def test_price_versions_count_per_plan_currency_and_interval(catalogue: Catalogue) -> None:
    plan = await catalogue.plan()
    quarter = Interval(IntervalUnit.MONTH, 3)
    terms = [flat(), flat(amount=2900), flat("USD"), flat(interval=quarter), flat()]
    assert [(await catalogue.price(plan.id, one)).created.version for one in terms] == [1, 2, 1, 1, 3]


async def test_prices_created_at_the_same_time_get_versions_of_their_own(catalogue: Catalogue) -> None:
    plan = await catalogue.plan()
    made = await asyncio.gather(*(catalogue.price(plan.id, flat(amount=amount)) for amount in range(5)))
    assert sorted(price.created.version for price in made) == [1, 2, 3, 4, 5]


async def test_a_bad_price_takes_no_version(catalogue: Catalogue) -> None:
    plan = await catalogue.plan()
    with pytest.raises(InvalidInput):
        await catalogue.price(plan.id, flat(amount=-1))
    with pytest.raises(InvalidInput, match="ISO 4217"):
        await catalogue.price(plan.id, flat("XXX"))
    assert (await catalogue.price(plan.id, flat())).created.version == 1


async def test_an_archived_plan_takes_no_price_and_an_archived_price_stays_what_it_was(catalogue: Catalogue) -> None:
    plan = await catalogue.plan()
    price = await catalogue.price(plan.id, flat())
    await archive_plan(catalogue.plans, plan.id, context())
    with pytest.raises(InvalidState):
        await catalogue.price(plan.id, flat())
    for _ in range(2):
        archived = await archive_price(catalogue.prices, price.id, context())
    assert (archived.state, archived.version, archived.created) == (State.ARCHIVED, 2, price.created)


async def test_features_of_other_tenants_cannot_be_included(catalogue: Catalogue) -> None:
    plan = await catalogue.plan()
    foreign = await create_feature(catalogue.features, catalogue.claims, "sso", "SSO", None, context("rival"))
    with pytest.raises(NotFound) as refused:
        await set_plan_feature(catalogue.plans, catalogue.features, plan.id, foreign.id, None, context())
    assert refused.value.field == ("featureId",)
    own = await create_feature(catalogue.features, catalogue.claims, "sso", "SSO", None, context())
    included = await set_plan_feature(catalogue.plans, catalogue.features, plan.id, own.id, 5, context())
    assert included.features == {own.id: 5}
    assert (await remove_plan_feature(catalogue.plans, plan.id, own.id, context())).features == {}


async def test_a_price_is_replayed_exactly(catalogue: Catalogue) -> None:
    plan = await catalogue.plan()
    terms = PriceTerms(
        currency="EUR",
        model=PriceModel.PER_UNIT,
        flat_amount_minor=None,
        unit_amount=Decimal("0.000000000001"),
        interval=MONTH,
    )
    price = await catalogue.price(plan.id, terms)
    assert (await catalogue.prices.get("acme", price.id)).created.terms == terms


async def test_a_products_external_id_is_unique_among_a_tenants_products(catalogue: Catalogue) -> None:
    async def create(tenant: str = "acme") -> Product:
        return await create_product(
            catalogue.products, catalogue.claims, "Analytics", None, context(tenant), external_id="prod_1"
        )

    product = await create()
    assert product.created.external_id == "prod_1"
    with pytest.raises(AlreadyExists, match=product.id) as refused:
        await create()
    assert refused.value.field == ("externalId",)
    assert (await create("rival")).id != product.id


async def test_a_prices_external_id_is_unique_and_a_refused_one_uses_up_no_version(catalogue: Catalogue) -> None:
    plan = await catalogue.plan()

    async def create(external_id: str | None = None) -> Price:
        return await create_price(
            catalogue.prices,
            catalogue.plans,
            catalogue.meters,
            catalogue.claims,
            plan.id,
            flat(),
            context(),
            external_id=external_id,
        )

    price = await create("price_1")
    with pytest.raises(AlreadyExists, match=price.id) as refused:
        await create("price_1")
    assert refused.value.field == ("externalId",)
    assert ((await create()).created.version, price.created.version) == (2, 1)


async def test_an_external_id_that_a_crash_left_behind_is_taken_up(catalogue: Catalogue) -> None:
    plan = await catalogue.plan()
    await catalogue.claims.claim("acme", "price_external_id", "price_1", "price_lost")
    price = await create_price(
        catalogue.prices,
        catalogue.plans,
        catalogue.meters,
        catalogue.claims,
        plan.id,
        flat(),
        context(),
        external_id="price_1",
    )
    assert price.id == "price_lost"


@pytest.mark.parametrize("wrong", ["", "x" * 201])
async def test_a_malformed_external_id_claims_nothing(catalogue: Catalogue, wrong: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_product(catalogue.products, catalogue.claims, "Analytics", None, context(), external_id=wrong)
    assert (refused.value.field, catalogue.claims.owners) == (("externalId",), {})
