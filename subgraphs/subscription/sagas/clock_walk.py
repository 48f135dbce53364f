"""Moves tenants' clocks: whatever is due on the way happens in the order in which it is due."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from time import monotonic

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger
from subgraphs.subscription.commands.renew_plan_subscription import renew_plan_subscription
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.tenant_clock import TenantClock
from subgraphs.subscription.services import SubscriptionServices

__all__ = ["ClockWalk"]

ACTOR = "system:test-clock"
IDLE_SECONDS = 0.5
BATCH = 200
CONCURRENCY = 16
# How often the clock shows how far it got: each time is a commit.
PROGRESS_SECONDS = 0.5
# One that cannot be renewed holds its tenant's clock: the walk is tried again from there.
RETRY_SECONDS = 5.0
BEHIND_SECONDS = 0.05


class ClockWalk:
    """Walks every clock that is on its way. Any number of processes may: a step that another one took is found done."""

    def __init__(self, services: SubscriptionServices, seconds: Callable[[], float] = monotonic) -> None:
        self._services, self._seconds = services, seconds
        self._log = get_logger("clock")

    async def run(self, stop: asyncio.Event) -> None:
        """Walk until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            pause = IDLE_SECONDS
            try:
                if not await self.walk_all(stop):
                    pause = RETRY_SECONDS
            except* DATABASE_UNREACHABLE as group:
                self._log.warning("the database is unreachable, clocks wait", error=type(group.exceptions[0]).__name__)
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                pass

    async def walk_all(self, stop: asyncio.Event | None = None) -> bool:
        """Walk every clock that is on its way; return whether all could. One that cannot does not hold up the others."""
        moved = True
        for tenant in await self._services.due.advancing_clocks(BATCH):
            try:
                await self.walk(tenant, stop)
            except* DATABASE_UNREACHABLE:
                raise
            except* Exception:
                self._log.exception("a clock cannot be moved, will be tried again", tenant=tenant)
                moved = False
        return moved

    async def walk(self, tenant: str, stop: asyncio.Event | None = None) -> int:
        """Move the tenant's clock to its target, or until `stop`; return how many steps were taken on the way."""
        services, steps = self._services, 0
        while not (stop is not None and stop.is_set()):
            clock = await services.clocks.find(tenant, tenant)
            if clock is None or clock.target is None:
                break
            due = await services.due.next_of(tenant, clock.target, BATCH)
            if not due:
                await self._note(tenant, clock.target, lambda current: current.arrive())
                break
            known_until = due[-1].at if len(due) == BATCH else clock.target
            taken = await self._walk_batch(tenant, [(step.at, step.id) for step in due], known_until, stop)
            if not taken:
                # Another worker took the step, or a crash kept a document behind, which the relay catches up with.
                await asyncio.sleep(BEHIND_SECONDS)
            steps += taken
        return steps

    async def _walk_batch(
        self, tenant: str, due: list[tuple[datetime, str]], known_until: datetime, stop: asyncio.Event | None
    ) -> int:
        """Take the steps in their order, and those that follow from them up to `known_until`; return how many there were.

        `due` is everything due until then, sorted, which makes it a heap.
        """
        steps, shown_at = 0, self._seconds()
        while due and not (stop is not None and stop.is_set()):
            at, ids = due[0][0], []
            while due and due[0][0] == at:
                ids.append(heappop(due)[1])
            renewed = await self._take(tenant, ids, at)
            if not renewed:
                break
            steps += len(renewed)
            for subscription in renewed:
                if subscription.due_at is not None and subscription.due_at <= known_until:
                    heappush(due, (subscription.due_at, subscription.id))
            if self._seconds() - shown_at >= PROGRESS_SECONDS:
                await self._note(tenant, at, lambda current, at=at: current.move(at))  # type: ignore[misc]
                shown_at = self._seconds()
        return steps

    async def _take(self, tenant: str, ids: list[str], at: datetime) -> list[PlanSubscription]:
        limit = asyncio.Semaphore(CONCURRENCY)

        async def renew(id: str) -> PlanSubscription | None:
            async with limit:
                services = self._services
                try:
                    return await renew_plan_subscription(
                        services.subscriptions, services.known, services.metered, id, at, self._context(tenant, at)
                    )
                except ConcurrentChange:
                    self._log.info("step left to another worker", plan_subscription=id)
                    return None

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(renew(id)) for id in ids]
        return [renewed for task in tasks if (renewed := task.result()) is not None]

    async def _note(self, tenant: str, at: datetime, change: Callable[[TenantClock], None]) -> None:
        await self._services.clocks.update(tenant, self._context(tenant, at), change)

    def _context(self, tenant: str, at: datetime) -> CommandContext:
        context = CommandContext(tenant=tenant, actor=ACTOR, request_id=new_id("req", at), at=at)
        bind_request(context.request_id, tenant=tenant)
        return context
