"""Bills usage that reaches a threshold, a moment after it was recorded."""

import asyncio
from collections.abc import Callable
from time import monotonic

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange, NotFound
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.left_alone import LeftAlone
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger
from subgraphs.subscription.commands.reach_thresholds import reach_thresholds
from subgraphs.subscription.domain.values import PlanSubscriptionStatus
from subgraphs.subscription.services import SubscriptionServices
from subgraphs.subscription.watched_usage import WatchedUsage

__all__ = ["ThresholdWatch"]

ACTOR = "system:thresholds"
IDLE_SECONDS = 1.0
BATCH = 200
CONCURRENCY = 16
# One that cannot be looked at is left alone this long.
RETRY_SECONDS = 60.0


class ThresholdWatch:
    """Looks at the subscriptions of which usage was recorded. Any number of processes may: a threshold is billed once.

    A mark is set before usage is stored and stays until longer than that can take, so that no crash lets usage go unseen. What
    is not paid for yet is looked at again until it is.
    """

    def __init__(self, services: SubscriptionServices, seconds: Callable[[], float] = monotonic) -> None:
        self._services = services
        self._left_alone = LeftAlone(RETRY_SECONDS, seconds)
        self._log = get_logger("thresholds")

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                await self.look()
            except* DATABASE_UNREACHABLE as group:
                self._log.warning("the database is unreachable, thresholds wait", error=type(group.exceptions[0]).__name__)
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                pass

    async def look(self) -> int:
        """Look at one batch of what was marked, longest waiting first; return how many thresholds were billed."""
        marked = await self._services.watched.due(BATCH, list(self._left_alone.ids()))
        limit = asyncio.Semaphore(CONCURRENCY)

        async def look(found: WatchedUsage) -> int:
            async with limit:
                return await self._look_at(found)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(look(found)) for found in marked]
        return sum(task.result() for task in tasks)

    async def _look_at(self, found: WatchedUsage) -> int:
        services = self._services
        at = await services.stores.clocks.now(found.tenant)
        context = CommandContext(tenant=found.tenant, actor=ACTOR, request_id=new_id("req", at), at=at)
        bind_request(context.request_id, tenant=context.tenant)
        try:
            before = await services.subscriptions.get(found.tenant, found.plan_subscription_id)
            looked = await reach_thresholds(services.subscriptions, services.metered, before.id, context)
            waits = looked.status in {PlanSubscriptionStatus.PENDING, PlanSubscriptionStatus.INCOMPLETE}
            await services.watched.looked_at(found, waits=waits)
            return looked.bill_count - before.bill_count
        except DATABASE_UNREACHABLE:
            raise
        except NotFound:
            await services.watched.looked_at(found)
        except ConcurrentChange:
            self._log.info("thresholds left to another look", plan_subscription=found.plan_subscription_id)
        except Exception:  # one subscription's trouble must not keep the others waiting
            self._left_alone.add(found.id)
            self._log.exception("thresholds not looked at, will be tried again", plan_subscription=found.plan_subscription_id)
        return 0
