"""Where the catalogue is kept."""

from subgraphs.kit.persistence.repository import AggregateRepository
from subgraphs.plan.domain.feature import Feature
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.product import Product

__all__ = ["FeatureRepository", "PlanRepository", "PriceRepository", "ProductRepository"]

ProductRepository = AggregateRepository[Product]
PlanRepository = AggregateRepository[Plan]
FeatureRepository = AggregateRepository[Feature]
PriceRepository = AggregateRepository[Price]
