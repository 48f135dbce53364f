"""Reads replicas of other subgraphs' facts, waiting a moment for what may just have been created."""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.persistence.tenant_clocks import TenantClocks
from subgraphs.subscription.documents import (
    CouponReplica,
    CustomerReplica,
    MeterReplica,
    PlanReplica,
    PriceReplica,
    PromotionCodeReplica,
)

__all__ = ["ReplicatedFacts"]

LONGEST_PAUSE_SECONDS = 0.2

Named = TypeVar("Named", PromotionCodeReplica, MeterReplica)


class ReplicatedFacts:
    """Facts from the replicas that this subgraph keeps."""

    def __init__(self, clocks: TenantClocks, wait_seconds: float) -> None:
        self._clocks, self._wait = clocks, wait_seconds
        self._customers, self._prices = TenantReader(CustomerReplica), TenantReader(PriceReplica)
        self._plans = TenantReader(PlanReplica)
        self._meters = TenantReader(MeterReplica)
        self._coupons, self._codes = TenantReader(CouponReplica), TenantReader(PromotionCodeReplica)

    async def customer(self, tenant: str, id: str) -> CustomerReplica | None:
        """Return the customer."""
        return await self._customers.wait_for(
            tenant, id, self._wait, lambda one: one.currency is not None and one.time_zone is not None
        )

    async def price(self, tenant: str, id: str) -> PriceReplica | None:
        """Return the price version."""
        return await self._prices.wait_for(tenant, id, self._wait, lambda one: one.plan_id is not None)

    async def plan(self, tenant: str, id: str) -> PlanReplica | None:
        """Return the plan."""
        return await self._plans.find(tenant, id)

    async def plan_names(self, tenant: str, ids: Sequence[str]) -> dict[str, str]:
        """Return what the plans are called, of those that are known."""
        found = await self._plans.find_many(tenant, ids)
        return {plan.id: plan.name for plan in found if plan is not None and plan.name is not None}

    async def coupon(self, tenant: str, id: str) -> CouponReplica | None:
        """Return the coupon."""
        return await self._coupons.wait_for(tenant, id, self._wait, lambda one: one.name is not None)

    async def promotion_code(self, tenant: str, code: str) -> PromotionCodeReplica | None:
        """Return the promotion code with this text, whatever its case."""
        return await self._named(self._codes, tenant, code.strip().upper())

    async def meter(self, tenant: str, id: str) -> MeterReplica | None:
        """Return the meter."""
        return await self._meters.wait_for(tenant, id, self._wait, lambda one: one.code is not None)

    async def meter_coded(self, tenant: str, code: str) -> MeterReplica | None:
        """Return the meter with this code."""
        return await self._named(self._meters, tenant, code)

    async def _named(self, reader: TenantReader[Named], tenant: str, code: str) -> Named | None:
        deadline = asyncio.get_running_loop().time() + self._wait
        pause = 0.01
        while True:
            found = await reader.page(tenant, {"code": code}, limit=1)
            if found or asyncio.get_running_loop().time() >= deadline:
                return found[0] if found else None
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def on_test_clock(self, tenant: str) -> bool:
        """Tell whether the tenant lives by a clock of its own."""
        return await self._clocks.frozen_at(tenant) is not None
