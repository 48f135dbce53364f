"""What is read about the catalogue."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING, IndexModel

from subgraphs.kit.domain.period import IntervalUnit
from subgraphs.kit.persistence.documents import TenantDocument
from subgraphs.plan.domain.values import PriceModel, State

__all__ = ["FeatureDocument", "PlanDocument", "PlanFeatureValue", "PriceDocument", "ProductDocument"]


class ProductDocument(TenantDocument):
    """One product."""

    name: str
    description: str | None
    created_at: datetime

    class Settings:
        name = "products"
        indexes = [IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age")]


class FeatureDocument(TenantDocument):
    """One feature."""

    code: str
    name: str
    description: str | None
    created_at: datetime

    class Settings:
        name = "features"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("code", ASCENDING)], name="by_code"),
        ]


class PlanFeatureValue(BaseModel):
    feature_id: str
    limit: int | None


class PlanDocument(TenantDocument):
    """One plan with the features it includes."""

    product_id: str
    code: str
    name: str
    description: str | None
    state: State
    features: list[PlanFeatureValue]
    created_at: datetime

    class Settings:
        name = "plans"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("code", ASCENDING)], name="by_code"),
            IndexModel([("tenant", ASCENDING), ("product_id", ASCENDING), ("_id", DESCENDING)], name="by_product"),
        ]


class PriceDocument(TenantDocument):
    """One price version. `unit_amount` is decimal text in major units, exact; `details` is a `ChargeDetails` as plain values."""

    plan_id: str
    currency: str
    model: PriceModel
    flat_amount_minor: int | None
    unit_amount: str | None
    details: dict[str, Any] | None = None
    interval_unit: IntervalUnit
    interval_count: int
    price_version: int
    state: State
    created_at: datetime

    class Settings:
        name = "prices"
        indexes = [
            IndexModel([("tenant", ASCENDING), ("_id", ASCENDING)], name="by_age"),
            IndexModel([("tenant", ASCENDING), ("plan_id", ASCENDING), ("_id", DESCENDING)], name="by_plan"),
        ]
