"""Moves tenants' clocks: whatever is due on the way happens in the order in which it is due."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger
from subgraphs.subscription.commands.renew_plan_subscription import renew_plan_subscription
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
                for tenant in await self._services.due.advancing_clocks(BATCH):
                    await self.walk(tenant, stop)
            except* DATABASE_UNREACHABLE as group:
                self._log.warning("the database is unreachable, clocks wait", error=type(group.exceptions[0]).__name__)
            except* Exception:
                self._log.exception("a clock cannot be moved, will be tried again")
                pause = RETRY_SECONDS
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                pass

    async def walk(self, tenant: str, stop: asyncio.Event | None = None) -> int:
        """Move the tenant's clock to its target, or until `stop`; return how many steps were due on the way."""
        services, steps, shown_at = self._services, 0, self._seconds()
        clock = await services.clocks.find(tenant, tenant)
        while clock is not None and clock.target is not None and not (stop is not None and stop.is_set()):
            due = await services.due.next_of(tenant, clock.target, BATCH)
            if not due:
                await self._note(tenant, clock.target, lambda current: current.arrive())
                break
            at = due[0].at
            if not await self._take(tenant, [one.id for one in due if one.at == at], at):
                # Another worker took the step, or a crash kept a document behind, which the relay catches up with.
                await asyncio.sleep(BEHIND_SECONDS)
                clock = await services.clocks.find(tenant, tenant)
                continue
            steps += sum(one.at == at for one in due)
            if self._seconds() - shown_at >= PROGRESS_SECONDS:
                await self._note(tenant, at, lambda current, at=at: current.move(at))  # type: ignore[misc]
                shown_at = self._seconds()
        return steps

    async def _take(self, tenant: str, ids: list[str], at: datetime) -> bool:
        limit = asyncio.Semaphore(CONCURRENCY)

        async def renew(id: str) -> bool:
            async with limit:
                services = self._services
                try:
                    return await renew_plan_subscription(
                        services.subscriptions, services.known, id, at, self._context(tenant, at)
                    )
                except ConcurrentChange:
                    self._log.info("step left to another worker", plan_subscription=id)
                    return False

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(renew(id)) for id in ids]
        return any(task.result() for task in tasks)

    async def _note(self, tenant: str, at: datetime, change: Callable[[TenantClock], None]) -> None:
        await self._services.clocks.update(tenant, self._context(tenant, at), change)

    def _context(self, tenant: str, at: datetime) -> CommandContext:
        context = CommandContext(tenant=tenant, actor=ACTOR, request_id=new_id("req", at), at=at)
        bind_request(context.request_id, tenant=tenant)
        return context
