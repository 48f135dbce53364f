"""Puts a tenant's catalogue on sale."""

from collections.abc import Mapping
from datetime import datetime

from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.plan.commands.change_plan_features import set_plan_feature
from subgraphs.plan.commands.create_feature import create_feature
from subgraphs.plan.commands.create_plan import create_plan
from subgraphs.plan.commands.create_price import create_price
from subgraphs.plan.commands.create_product import create_product
from subgraphs.plan.domain.values import PriceModel, PriceTerms
from tributary.seed.catalogue import DemoPlan, DemoPrice, DemoTenant
from tributary.seed.installation import NewTenant

__all__ = ["PriceIds", "create_catalogue"]

PriceIds = Mapping[tuple[str, str], str]
"""Price ids by plan code and interval unit."""


async def create_catalogue(shop: NewTenant, tenant: DemoTenant, at: datetime) -> PriceIds:
    """Create the tenant's features, products, plans and prices, and return the prices' ids."""
    services, context = shop.plan, shop.context(at)
    features = {
        one.code: (await create_feature(services.features, services.claims, one.code, one.name, None, context)).id
        for one in tenant.features
    }
    prices: dict[tuple[str, str], str] = {}
    for product in tenant.products:
        created = await create_product(services.products, services.claims, product.name, product.description, context)
        for plan in product.plans:
            plan_id = await _create_plan(shop, created.id, plan, features, at)
            for price in plan.prices:
                terms = _terms(price, tenant.currency)
                version = await create_price(
                    services.prices, services.plans, services.meters, services.claims, plan_id, terms, context
                )
                prices[plan.code, price.unit] = version.id
    await shop.tell()
    return prices


async def _create_plan(shop: NewTenant, product_id: str, plan: DemoPlan, features: Mapping[str, str], at: datetime) -> str:
    services, context = shop.plan, shop.context(at)
    created = await create_plan(
        services.plans, services.products, services.claims, product_id, plan.code, plan.name, None, context
    )
    for code, limit in plan.limits.items():
        await set_plan_feature(services.plans, services.features, created.id, features[code], limit, context)
    return created.id


def _terms(price: DemoPrice, currency: str) -> PriceTerms:
    return PriceTerms(
        currency=currency,
        model=PriceModel.FLAT if price.unit_amount is None else PriceModel.PER_UNIT,
        flat_amount_minor=price.flat_minor,
        unit_amount=price.unit_amount,
        interval=Interval(IntervalUnit(price.unit)),
    )
