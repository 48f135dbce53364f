"""Batched reads of the catalogue, within the caller's tenant."""

from collections.abc import Sequence
from functools import partial

from subgraphs.kit.graphql.children import children
from subgraphs.kit.graphql.pagination import PageArguments
from subgraphs.plan.documents import (
    CouponDocument,
    FeatureDocument,
    MeterDocument,
    PlanDocument,
    PriceDocument,
    ProductDocument,
    PromotionCodeDocument,
)
from subgraphs.plan.schema.context import Context

__all__ = [
    "load_coupon",
    "load_feature",
    "load_meter",
    "load_plan",
    "load_price",
    "load_product",
    "load_promotion_code",
    "plans_of_product",
    "prices_of_plan",
]


async def load_product(context: Context, id: str) -> ProductDocument | None:
    """Return the tenant's product; all asked for at the same time are one query."""
    return await context.loader("product", partial(context.deps.product_reader.find_many, context.tenant)).load(id)


async def load_feature(context: Context, id: str) -> FeatureDocument | None:
    """Return the tenant's feature; all asked for at the same time are one query."""
    return await context.loader("feature", partial(context.deps.feature_reader.find_many, context.tenant)).load(id)


async def load_plan(context: Context, id: str) -> PlanDocument | None:
    """Return the tenant's plan; all asked for at the same time are one query."""
    return await context.loader("plan", partial(context.deps.plan_reader.find_many, context.tenant)).load(id)


async def load_coupon(context: Context, id: str) -> CouponDocument | None:
    """Return the tenant's coupon; all asked for at the same time are one query."""
    return await context.loader("coupon", partial(context.deps.coupon_reader.find_many, context.tenant)).load(id)


async def load_meter(context: Context, id: str) -> MeterDocument | None:
    """Return the tenant's meter; all asked for at the same time are one query."""
    return await context.loader("meter", partial(context.deps.meter_reader.find_many, context.tenant)).load(id)


async def load_promotion_code(context: Context, id: str) -> PromotionCodeDocument | None:
    """Return the tenant's promotion code; all asked for at the same time are one query."""
    reader = context.deps.promotion_code_reader
    return await context.loader("promotion_code", partial(reader.find_many, context.tenant)).load(id)


async def load_price(context: Context, id: str) -> PriceDocument | None:
    """Return the tenant's price; all asked for at the same time are one query."""
    return await context.loader("price", partial(context.deps.price_reader.find_many, context.tenant)).load(id)


async def plans_of_product(context: Context, product_id: str, page: PageArguments) -> Sequence[PlanDocument]:
    """Return a page of the product's plans."""
    return await children(context, context.deps.plan_reader, "product_id", product_id, page)


async def prices_of_plan(context: Context, plan_id: str, page: PageArguments) -> Sequence[PriceDocument]:
    """Return a page of the plan's prices."""
    return await children(context, context.deps.price_reader, "plan_id", plan_id, page)
