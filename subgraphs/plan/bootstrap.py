"""Builds the plan subgraph's adapters; nothing else does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.settings import Settings
from subgraphs.kit.stores import open_stores
from subgraphs.plan.documents import (
    CouponDocument,
    FeatureDocument,
    MeterDocument,
    PlanDocument,
    PriceDocument,
    ProductDocument,
    PromotionCodeDocument,
)
from subgraphs.plan.domain.coupon import Coupon
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.meter import Meter
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.product import Product
from subgraphs.plan.domain.promotion_code import PromotionCode
from subgraphs.plan.projections import (
    coupon_projection,
    feature_projection,
    meter_projection,
    plan_projection,
    price_projection,
    product_projection,
    promotion_code_projection,
)
from subgraphs.plan.services import PlanServices

__all__ = ["open_services"]


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[PlanServices]:
    """Open the stores and return what commands, queries and the worker use."""
    documents = [
        ProductDocument,
        FeatureDocument,
        PlanDocument,
        PriceDocument,
        CouponDocument,
        PromotionCodeDocument,
        MeterDocument,
    ]
    async with open_stores(settings, "plan", documents, clock) as stores:
        yield PlanServices(
            stores=stores,
            products=stores.repository(Product, product_projection()),
            features=stores.repository(Feature, feature_projection()),
            plans=stores.repository(Plan, plan_projection()),
            prices=stores.repository(Price, price_projection()),
            coupons=stores.repository(Coupon, coupon_projection()),
            promotion_codes=stores.repository(PromotionCode, promotion_code_projection()),
            meters=stores.repository(Meter, meter_projection()),
            claims=stores.claims,
            product_reader=TenantReader(ProductDocument),
            feature_reader=TenantReader(FeatureDocument),
            plan_reader=TenantReader(PlanDocument),
            price_reader=TenantReader(PriceDocument),
            meter_reader=TenantReader(MeterDocument),
            coupon_reader=TenantReader(CouponDocument),
            promotion_code_reader=TenantReader(PromotionCodeDocument),
            clock=stores.clock,
        )
