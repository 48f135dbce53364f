"""Renews plan subscriptions when their periods end."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.left_alone import LeftAlone
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger
from subgraphs.subscription.commands.renew_plan_subscription import renew_plan_subscription
from subgraphs.subscription.queries import DuePlanSubscription
from subgraphs.subscription.services import SubscriptionServices

__all__ = ["RenewalTimer"]

ACTOR = "system:renewal"
IDLE_SECONDS = 1.0
BATCH = 200
CONCURRENCY = 16
# One that cannot be renewed is left alone this long, so that it neither fills the log nor holds up the others.
RETRY_SECONDS = 60.0
# What is due for longer is not billed by itself: a restored backup or a wrong clock must not send years of invoices.
LONGEST_BACK_BILLING = timedelta(days=731)
REPORT_SECONDS = 600.0


class RenewalTimer:
    """Looks for ended periods. Any number of processes may share the work: each takes a page of it at a time for itself.

    Where two are at one all the same, as a process was thought dead, whoever saves a renewal second finds it done.

    A period that ended long ago is followed by the next ones in order, each with its own business time. One that ended longer ago
    than LONGEST_BACK_BILLING is left to people.
    """

    def __init__(self, services: SubscriptionServices, seconds: Callable[[], float] = monotonic) -> None:
        self._services, self._seconds = services, seconds
        self._left_alone = LeftAlone(RETRY_SECONDS, seconds)
        self._report_at = 0.0
        self._log = get_logger("renewal")

    async def run(self, stop: asyncio.Event) -> None:
        """Renew until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                if await self.renew_due():
                    continue  # more may be due, and those just renewed may be late by several periods
            except* DATABASE_UNREACHABLE as group:
                self._log.warning("the database is unreachable, renewals wait", error=type(group.exceptions[0]).__name__)
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                pass

    async def renew_due(self) -> int:
        """Renew one batch of what is due by one period each, longest overdue first; return how many were renewed."""
        now = self._services.clock.now()
        await self._report_overdue(now - LONGEST_BACK_BILLING)
        owner, since = new_id("run", now), now - LONGEST_BACK_BILLING
        due = await self._services.due.take(now, BATCH, list(self._left_alone.ids()), since=since, owner=owner)
        limit = asyncio.Semaphore(CONCURRENCY)

        async def renew(found: DuePlanSubscription) -> bool:
            async with limit:
                return await self._renew(found, now)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(renew(found)) for found in due]
        await self._services.due.give_back([found.id for found, task in zip(due, tasks, strict=True) if not task.result()], owner)
        renewed = sum(task.result() for task in tasks)
        if renewed:
            self._log.info("renewed", plan_subscriptions=renewed)
        return renewed

    async def _renew(self, found: DuePlanSubscription, now: datetime) -> bool:
        context = CommandContext(tenant=found.tenant, actor=ACTOR, request_id=new_id("req", now), at=now)
        bind_request(context.request_id, tenant=context.tenant)
        try:
            services = self._services
            renewed = await renew_plan_subscription(
                services.subscriptions, services.known, services.metered, found.id, now, context
            )
            return renewed is not None
        except DATABASE_UNREACHABLE:
            raise
        except ConcurrentChange:
            self._log.info("renewal left to another worker", plan_subscription=found.id)
        except Exception:  # one subscription's trouble must not keep the others waiting
            self._left_alone.add(found.id)
            self._log.exception("not renewed, will be tried again", plan_subscription=found.id)
        return False

    async def _report_overdue(self, since: datetime) -> None:
        seconds = self._seconds()
        if seconds < self._report_at:
            return
        self._report_at = seconds + REPORT_SECONDS
        if overdue := await self._services.due.overdue(since):
            self._log.error("overdue for too long to be billed by itself: look into it", plan_subscriptions=overdue, since=since)
