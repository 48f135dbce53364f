"""Renews plan subscriptions when their periods end."""

import asyncio
from collections import defaultdict
from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.telemetry import get_logger
from subgraphs.subscription.commands.renew_plan_subscription import renew_plan_subscription
from subgraphs.subscription.queries import DuePlanSubscription
from subgraphs.subscription.services import SubscriptionServices

__all__ = ["RenewalTimer"]

ACTOR = "system:renewal"
IDLE_SECONDS = 1.0
BATCH = 200
CONCURRENCY = 16


class RenewalTimer:
    """Looks for ended periods. Any number of processes may: whoever saves a renewal second finds it done.

    A period that ended long ago is followed by the next ones in order, each with its own business time.
    """

    def __init__(self, services: SubscriptionServices) -> None:
        self._services = services
        self._log = get_logger("renewal")

    async def run(self, stop: asyncio.Event) -> None:
        """Renew until `stop` is set."""
        while not stop.is_set():
            if await self.renew_due() < BATCH:
                try:
                    await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
                except TimeoutError:
                    continue

    async def renew_due(self) -> int:
        """Renew one batch of what is due, longest overdue first; return how many there were."""
        now = self._services.clock.now()
        due = await self._services.due.before(now, BATCH)
        limit = asyncio.Semaphore(CONCURRENCY)
        by_tenant: dict[str, int] = defaultdict(int)

        async def renew(found: DuePlanSubscription) -> None:
            async with limit:
                await self._renew(found, now)
                by_tenant[found.tenant] += 1

        async with asyncio.TaskGroup() as group:
            for found in due:
                group.create_task(renew(found))
        if due:
            self._log.info("renewed", plan_subscriptions=len(due), tenants=len(by_tenant))
        return len(due)

    async def _renew(self, found: DuePlanSubscription, now: datetime) -> None:
        context = CommandContext(tenant=found.tenant, actor=ACTOR, request_id=new_id("req", now), at=now)
        try:
            await renew_plan_subscription(self._services.subscriptions, found.id, now, context)
        except ConcurrentChange:
            self._log.info("renewal left to another worker", plan_subscription=found.id)
