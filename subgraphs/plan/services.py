"""What the plan subgraph's entry points work with, once built."""

from dataclasses import dataclass

from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.stores import Stores
from subgraphs.plan.documents import FeatureDocument, PlanDocument, PriceDocument, ProductDocument
from subgraphs.plan.repository import FeatureRepository, PlanRepository, PriceRepository, ProductRepository

__all__ = ["PlanServices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanServices:
    """Handed to every resolver as the request context's `deps`."""

    stores: Stores
    products: ProductRepository
    features: FeatureRepository
    plans: PlanRepository
    prices: PriceRepository
    claims: ClaimStore
    product_reader: TenantReader[ProductDocument]
    feature_reader: TenantReader[FeatureDocument]
    plan_reader: TenantReader[PlanDocument]
    price_reader: TenantReader[PriceDocument]
    clock: Clock
