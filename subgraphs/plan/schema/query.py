"""Reading the catalogue."""

from typing import Annotated, Any

import strawberry

from subgraphs.kit.graphql.pagination import After, Before, First, Last, PageArguments, connection
from subgraphs.plan.queries import plan_filter, price_filter, product_filter
from subgraphs.plan.schema.context import Info
from subgraphs.plan.schema.coupon_query import CouponQuery
from subgraphs.plan.schema.enums import PriceType, State
from subgraphs.plan.schema.loaders import load_feature, load_plan, load_price, load_product
from subgraphs.plan.schema.meters import MeterQuery
from subgraphs.plan.schema.types import (
    READ,
    Feature,
    FeatureConnection,
    FeatureEdge,
    Plan,
    PlanConnection,
    PlanEdge,
    Price,
    PriceConnection,
    PriceEdge,
    Product,
    ProductConnection,
    ProductEdge,
)

__all__ = ["PlanWhereInput", "PriceWhereInput", "ProductWhereInput", "Query"]


@strawberry.input(description="Which plans to list; every given condition must hold.")
class PlanWhereInput:
    """Conditions on plans."""

    status: State | None = strawberry.field(default=None, description="Plans in this status.")
    code: str | None = strawberry.field(default=None, description="The plan with this code.")
    product_id: strawberry.ID | None = strawberry.field(default=None, description="Plans of this product.")


@strawberry.input(description="Which products to list.")
class ProductWhereInput:
    """Conditions on products."""

    external_id: str | None = strawberry.field(default=None, description="The product with this id of yours.")


@strawberry.input(description="Which prices to list; every given condition must hold.")
class PriceWhereInput:
    """Conditions on prices."""

    status: State | None = strawberry.field(default=None, description="Prices in this status.")
    plan_id: strawberry.ID | None = strawberry.field(default=None, description="Prices of this plan.")
    external_id: str | None = strawberry.field(default=None, description="The price with this id of yours.")
    type: PriceType | None = strawberry.field(default=None, description="Prices that recur, or those that are billed once.")


@strawberry.type
class Query(CouponQuery, MeterQuery):
    """Root fields."""

    @strawberry.federation.field(requires_scopes=READ, description="One product, null when there is none with this id.")
    async def product(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The product's id, `prod_…`.")]
    ) -> Product | None:
        document = await load_product(info.context, id)
        return Product.of(document) if document else None

    @strawberry.federation.field(requires_scopes=READ, description="Products, newest first.")
    async def products(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Annotated[ProductWhereInput | None, strawberry.argument(description="Which products to list.")] = None,
    ) -> ProductConnection | None:
        page = PageArguments.parse(first, after, last, before)
        conditions = product_filter(where.external_id) if where else {}
        rows = await info.context.deps.product_reader.page(info.context.tenant, conditions, **page.reading())
        return connection(ProductConnection, ProductEdge, page, rows, Product.of)

    @strawberry.federation.field(requires_scopes=READ, description="One plan, null when there is none with this id.")
    async def plan(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The plan's id, `plan_…`.")]
    ) -> Plan | None:
        document = await load_plan(info.context, id)
        return Plan.of(document) if document else None

    @strawberry.federation.field(requires_scopes=READ, description="Plans, newest first.")
    async def plans(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Annotated[PlanWhereInput | None, strawberry.argument(description="Which plans to list.")] = None,
    ) -> PlanConnection | None:
        page = PageArguments.parse(first, after, last, before)
        conditions = plan_filter(where.status, where.code, where.product_id) if where else {}
        rows = await info.context.deps.plan_reader.page(info.context.tenant, conditions, **page.reading())
        return connection(PlanConnection, PlanEdge, page, rows, Plan.of)

    @strawberry.federation.field(requires_scopes=READ, description="One price, null when there is none with this id.")
    async def price(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The price's id, `price_…`.")]
    ) -> Price | None:
        document = await load_price(info.context, id)
        return Price.of(document) if document else None

    @strawberry.federation.field(requires_scopes=READ, description="Prices of all plans, newest first.")
    async def prices(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Annotated[PriceWhereInput | None, strawberry.argument(description="Which prices to list.")] = None,
    ) -> PriceConnection | None:
        page = PageArguments.parse(first, after, last, before)
        conditions = _price_conditions(where) if where else {}
        rows = await info.context.deps.price_reader.page(info.context.tenant, conditions, **page.reading())
        return connection(PriceConnection, PriceEdge, page, rows, Price.of)

    @strawberry.federation.field(requires_scopes=READ, description="One feature, null when there is none with this id.")
    async def feature(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The feature's id, `feat_…`.")]
    ) -> Feature | None:
        document = await load_feature(info.context, id)
        return Feature.of(document) if document else None

    @strawberry.federation.field(requires_scopes=READ, description="Features, newest first.")
    async def features(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> FeatureConnection | None:
        page = PageArguments.parse(first, after, last, before)
        rows = await info.context.deps.feature_reader.page(info.context.tenant, {}, **page.reading())
        return connection(FeatureConnection, FeatureEdge, page, rows, Feature.of)


def _price_conditions(where: PriceWhereInput) -> dict[str, Any]:
    one_time = None if where.type is None else where.type is PriceType.ONE_TIME
    return price_filter(where.status, where.plan_id, where.external_id, one_time)
