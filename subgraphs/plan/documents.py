"""What is read about the catalogue."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING, IndexModel

from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.kit.persistence.documents import TenantDocument
from subgraphs.plan.domain.values import PriceModel, State
from subgraphs.pricing.discount import DiscountDuration
from subgraphs.pricing.usage import Aggregation

__all__ = [
    "CouponDocument",
    "FeatureDocument",
    "MeterDocument",
    "PlanDocument",
    "PlanFeatureValue",
    "PriceDocument",
    "ProductDocument",
    "PromotionCodeDocument",
]


class ProductDocument(TenantDocument):
    """One product."""

    name: str
    description: str | None
    created_at: datetime
    external_id: str | None = None
    state: State = State.ACTIVE

    class Settings:
        name = "products"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("external_id", ASCENDING)], name="by_external_id"),
        ]


class FeatureDocument(TenantDocument):
    """One feature."""

    code: str
    name: str
    description: str | None
    created_at: datetime
    state: State = State.ACTIVE

    class Settings:
        name = "features"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("code", ASCENDING)], name="by_code"),
        ]


class PlanFeatureValue(BaseModel):
    feature_id: str
    limit: int | None
    meter_id: str | None = None
    soft: bool = False


class PlanDocument(TenantDocument):
    """One plan with the features it includes."""

    product_id: str
    code: str
    name: str
    description: str | None
    state: State
    features: list[PlanFeatureValue]
    tax_category: str | None = None
    created_at: datetime

    class Settings:
        name = "plans"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("code", ASCENDING)], name="by_code"),
            IndexModel([("tenant", ASCENDING), ("product_id", ASCENDING), ("_id", DESCENDING)], name="by_product"),
        ]


class PriceDocument(TenantDocument):
    """One price version. `unit_amount` is decimal text in major units, exact; `details` is a `ChargeDetails` as plain values.

    A one-time price has no interval.
    """

    plan_id: str
    currency: str
    model: PriceModel
    flat_amount_minor: int | None
    unit_amount: str | None
    details: dict[str, Any] | None = None
    meter_id: str | None = None
    interval_unit: IntervalUnit | None
    interval_count: int | None
    price_version: int
    state: State
    created_at: datetime
    external_id: str | None = None

    class Settings:
        name = "prices"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("external_id", ASCENDING)], name="by_external_id"),
            IndexModel([("tenant", ASCENDING), ("plan_id", ASCENDING), ("_id", DESCENDING)], name="by_plan"),
        ]


class CouponDocument(TenantDocument):
    """One coupon. `percent_off` is decimal text, 25 for 25 %; `amount_off_minor` is in minor units of `currency`."""

    name: str
    percent_off: str | None
    amount_off_minor: int | None
    currency: str | None
    duration: DiscountDuration
    periods: int | None
    plan_ids: list[str]
    max_redemptions: int | None
    once_per_customer: bool
    redeem_by: datetime | None
    state: State
    created_at: datetime

    class Settings:
        name = "coupons"
        indexes = [IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age")]


class PromotionCodeDocument(TenantDocument):
    """One promotion code."""

    coupon_id: str
    code: str
    max_redemptions: int | None
    expires_at: datetime | None
    active: bool
    created_at: datetime

    class Settings:
        name = "promotion_codes"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("code", ASCENDING)], name="by_code"),
            IndexModel([("tenant", ASCENDING), ("coupon_id", ASCENDING), ("_id", DESCENDING)], name="by_coupon"),
        ]


class MeterDocument(TenantDocument):
    """One meter."""

    code: str
    name: str
    aggregation: Aggregation
    state: State
    created_at: datetime

    class Settings:
        name = "meters"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("code", ASCENDING)], name="by_code"),
        ]
