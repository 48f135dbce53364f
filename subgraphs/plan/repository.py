"""Where the catalogue is kept."""

from subgraphs.kit.persistence.repository import AggregateRepository
from subgraphs.plan.domain.coupon import Coupon
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.meter import Meter
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.product import Product
from subgraphs.plan.domain.promotion_code import PromotionCode

__all__ = [
    "CouponRepository",
    "FeatureRepository",
    "MeterRepository",
    "PlanRepository",
    "PriceRepository",
    "ProductRepository",
    "PromotionCodeRepository",
]

ProductRepository = AggregateRepository[Product]
PlanRepository = AggregateRepository[Plan]
FeatureRepository = AggregateRepository[Feature]
PriceRepository = AggregateRepository[Price]
CouponRepository = AggregateRepository[Coupon]
PromotionCodeRepository = AggregateRepository[PromotionCode]
MeterRepository = AggregateRepository[Meter]
