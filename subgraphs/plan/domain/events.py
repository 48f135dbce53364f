"""What happens to the catalogue."""

from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.domain.event import Event
from subgraphs.plan.domain.values import FeatureMeter, PriceTerms

__all__ = [
    "FeatureArchived",
    "FeatureCreated",
    "FeatureUpdated",
    "PlanArchived",
    "PlanCreated",
    "PlanFeatureRemoved",
    "PlanFeatureSet",
    "PlanTaxCategorySet",
    "PlanUpdated",
    "PriceArchived",
    "PriceCreated",
    "ProductArchived",
    "ProductCreated",
    "ProductUpdated",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated(Event):
    """`external_id` is the tenant's own id of it."""

    name: str
    description: str | None
    created_at: datetime
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUpdated(Event):
    """What it is called from now on."""

    name: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductArchived(Event):
    archived_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCreated(Event):
    code: str
    name: str
    description: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureUpdated(Event):
    """What it is called from now on."""

    name: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureArchived(Event):
    archived_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCreated(Event):
    product_id: str
    code: str
    name: str
    description: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUpdated(Event):
    """What it is called from now on."""

    name: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFeatureSet(Event):
    """The plan includes the feature, up to `limit`; None is without limit. With `metered` it is of what is used in a period."""

    feature_id: str
    limit: int | None
    metered: FeatureMeter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFeatureRemoved(Event):
    feature_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTaxCategorySet(Event):
    """What the plan sells is taxed by the rates of this category, None: by those without one."""

    tax_category: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanArchived(Event):
    archived_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCreated(Event):
    """`external_id` is the tenant's own id of it."""

    plan_id: str
    plan_name: str
    terms: PriceTerms
    version: int
    created_at: datetime
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceArchived(Event):
    archived_at: datetime
