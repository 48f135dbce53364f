"""Reads replicas of other subgraphs' facts, waiting a moment for what may just have been created."""

from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.persistence.tenant_clocks import TenantClocks
from subgraphs.subscription.documents import CustomerReplica, PlanReplica, PriceReplica

__all__ = ["ReplicatedFacts"]


class ReplicatedFacts:
    """Facts from the replicas that this subgraph keeps."""

    def __init__(self, clocks: TenantClocks, wait_seconds: float) -> None:
        self._clocks, self._wait = clocks, wait_seconds
        self._customers, self._prices = TenantReader(CustomerReplica), TenantReader(PriceReplica)
        self._plans = TenantReader(PlanReplica)

    async def customer(self, tenant: str, id: str) -> CustomerReplica | None:
        """Return the customer."""
        return await self._customers.wait_for(tenant, id, self._wait)

    async def price(self, tenant: str, id: str) -> PriceReplica | None:
        """Return the price version."""
        return await self._prices.wait_for(tenant, id, self._wait)

    async def plan(self, tenant: str, id: str) -> PlanReplica | None:
        """Return the plan."""
        return await self._plans.find(tenant, id)

    async def on_test_clock(self, tenant: str) -> bool:
        """Tell whether the tenant lives by a clock of its own."""
        return await self._clocks.frozen_at(tenant) is not None
