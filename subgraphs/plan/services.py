"""What the plan subgraph's entry points work with, once built."""

from dataclasses import dataclass

from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.stores import Stores
from subgraphs.plan.documents import (
    CouponDocument,
    FeatureDocument,
    MeterDocument,
    PlanDocument,
    PriceDocument,
    ProductDocument,
    PromotionCodeDocument,
)
from subgraphs.plan.repository import (
    CouponRepository,
    FeatureRepository,
    MeterRepository,
    PlanRepository,
    PriceRepository,
    ProductRepository,
    PromotionCodeRepository,
)

__all__ = ["PlanServices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanServices:
    """Handed to every resolver as the request context's `deps`."""

    stores: Stores
    products: ProductRepository
    features: FeatureRepository
    plans: PlanRepository
    prices: PriceRepository
    coupons: CouponRepository
    promotion_codes: PromotionCodeRepository
    meters: MeterRepository
    claims: ClaimStore
    product_reader: TenantReader[ProductDocument]
    feature_reader: TenantReader[FeatureDocument]
    plan_reader: TenantReader[PlanDocument]
    price_reader: TenantReader[PriceDocument]
    meter_reader: TenantReader[MeterDocument]
    coupon_reader: TenantReader[CouponDocument]
    promotion_code_reader: TenantReader[PromotionCodeDocument]
    clock: Clock
