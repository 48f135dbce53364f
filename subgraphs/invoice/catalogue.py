"""What is known here of the catalogue, from the plan subgraph's events."""

from subgraphs.invoice.documents import PlanReplica, PriceReplica
from subgraphs.kit.persistence.documents import TenantReader

__all__ = ["ReplicatedPrices"]


class ReplicatedPrices:
    """Prices from the replicas that this subgraph keeps."""

    def __init__(self, wait_seconds: float) -> None:
        self._prices, self._plans, self._wait = TenantReader(PriceReplica), TenantReader(PlanReplica), wait_seconds

    async def price(self, tenant: str, id: str) -> PriceReplica | None:
        """Return the price version, waiting a moment for one that may just have been created."""
        return await self._prices.wait_for(tenant, id, self._wait, lambda one: one.recurs or one.terms is not None)

    async def plan(self, tenant: str, id: str) -> PlanReplica | None:
        """Return the plan, None unless something is known of it."""
        return await self._plans.find(tenant, id)
