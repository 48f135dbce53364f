"""Moves tenants' clocks: whatever is due on the way happens in the order in which it is due, with all that follows from it.

    ask everybody → all at rest → plan the next day, customers at the same time → take the steps of plan subscriptions → ask
    everybody to do theirs → all at rest → plan … → nothing more is due → there

At rest means that nothing is on its way between subgraphs: what was billed is charged, or waits for a retry, and what follows
from that has arrived here. See `subgraphs.kit.clock_following` for how that is known.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from time import monotonic

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.messaging.redis import STORE_UNREACHABLE
from subgraphs.kit.messaging.rest import Rest
from subgraphs.kit.persistence.commit import commit_id, stream_name
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.telemetry import bind_request, get_logger
from subgraphs.kit.tenant_tasks import TenantTasks
from subgraphs.subscription.clock_answers import FOLLOWERS, Answer, nothing_between
from subgraphs.subscription.commands.renew_plan_subscription import renew_plan_subscription
from subgraphs.subscription.domain.clock_plan import ClockPlan, DueElsewhere, SubscriptionStep, plan_next
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.tenant_clock import CustomerHeld, TenantClock
from subgraphs.subscription.queries import ClockStep
from subgraphs.subscription.services import SubscriptionServices

__all__ = ["ClockWalk"]

ACTOR = "system:test-clock"
IDLE_SECONDS = 0.25
BATCH = 200
CONCURRENCY = 16
# What cannot be done holds its tenant's clock: the walk is tried again from there.
RETRY_SECONDS = 5.0
BEHIND_SECONDS = 0.05
# How often it is looked whether all are at rest; less often the longer it takes.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.004, 0.25
# Who waits for longer than this is told of in the log.
WAITING_LONG_SECONDS = 30.0
INSTANT = timedelta(milliseconds=1)


@dataclass
class _Way:
    """A clock that is walked, as it was last loaded or changed."""

    clock: TenantClock
    due: Sequence[ClockStep] = ()
    """The plan subscriptions that are due next, earliest first, as of when everybody was at rest."""

    @property
    def target(self) -> datetime:
        return self.clock.target or self.clock.now


class ClockWalk:
    """Walks every clock that is on its way. Any number of processes may: a step that another one took is found done.

    `followers` must answer before a clock goes on.
    """

    def __init__(
        self,
        services: SubscriptionServices,
        rest: Rest,
        seconds: Callable[[], float] = monotonic,
        *,
        followers: Sequence[str] = FOLLOWERS,
    ) -> None:
        self._services, self._rest, self._seconds, self._followers = services, rest, seconds, followers
        self._log = get_logger("clock")

    async def run(self, stop: asyncio.Event) -> None:
        """Walk until `stop` is set; a database that is away is waited for."""
        tasks = TenantTasks()
        while not stop.is_set():
            try:
                tasks.start(await self._services.due.advancing_clocks(BATCH), lambda tenant: self._walk_on(tenant, stop))
            except DATABASE_UNREACHABLE as error:
                self._log.warning("the database is unreachable, clocks wait", error=type(error).__name__)
            await _wait(IDLE_SECONDS, stop)
        await tasks.finish()

    async def walk_all(self, stop: asyncio.Event | None = None) -> bool:
        """Walk every clock that is on its way; return whether all could. One that cannot does not hold up the others."""
        tenants = await self._services.due.advancing_clocks(BATCH)
        return all(await asyncio.gather(*(self._walk_safely(tenant, stop) for tenant in tenants)))

    async def _walk_on(self, tenant: str, stop: asyncio.Event) -> None:
        if not await self._walk_safely(tenant, stop):
            await _wait(RETRY_SECONDS, stop)

    async def _walk_safely(self, tenant: str, stop: asyncio.Event | None) -> bool:
        try:
            await self.walk(tenant, stop)
            return True
        except STORE_UNREACHABLE as error:
            self._log.warning("a store is unreachable, clocks wait", error=type(error).__name__)
        except Exception:
            self._log.exception("a clock cannot be moved, will be tried again", tenant=tenant)
        return False

    async def walk(self, tenant: str, stop: asyncio.Event | None = None) -> int:
        """Move the tenant's clock to its target, or until `stop`; return how many steps were taken on the way.

        It waits for those who follow for as long as it takes: it never goes on out of order.
        """
        clock = await self._services.clocks.find(tenant, tenant)
        if clock is None:
            return 0
        way, steps = _Way(clock), 0
        before: object = None
        while not _is_set(stop) and (target := way.clock.target) is not None:
            answers = await self._settled(way, stop)
            if answers is None:
                continue
            plan = self._plan(way.due, target, answers)
            if plan is None and way.clock.now < target:
                await self._ask(way, target)  # everybody is to know what time it is when it is there
                continue
            if plan is None:
                await self._change(way, target, lambda current: current.arrive())
                break
            now_due = plan, [answer.due for answer in answers.values()]
            if now_due == before:  # what is due could not be done
                await _wait(RETRY_SECONDS, stop)
            taken = await self._take_all(tenant, plan.steps)
            steps += taken
            if plan.steps and not taken:
                # Another worker took them, or a crash kept a document behind, which the relay catches up with.
                await _wait(BEHIND_SECONDS, stop)
                continue
            await self._ask(way, plan.now, plan.until, plan.held)
            before = now_due
        return steps

    async def _settled(self, way: _Way, stop: asyncio.Event | None) -> Mapping[str, Answer] | None:
        """Wait until everybody is at rest and return what they answered; None when another worker has gone on, or at `stop`."""
        if way.clock.asked_version is None:
            await self._ask(way, way.clock.now)
            return None
        tenant, asked = way.clock.tenant, commit_id(_stream(way.clock), way.clock.asked_version)
        pause, mark, since, told = FIRST_PAUSE_SECONDS, None, self._seconds(), False
        while not _is_set(stop):
            answers = await self._services.followers.of(tenant)
            rounds = {name: answers[name].round if name in answers else 0 for name in self._followers}
            if any(round > way.clock.round for round in rounds.values()):
                way.clock = await self._services.clocks.get(tenant, tenant)
                return None
            awaited = [name for name, round in rounds.items() if round < way.clock.round]
            if not awaited:
                mark = mark or await self._rest.mark()
                if await self._rest.reached(tenant, mark):
                    # Before it is looked whether anything was done since: another worker may be at the same plan, and when
                    # it has taken a step of that, what is due next is of a plan that nobody has asked for yet.
                    way.due = await self._services.due.next_of(tenant, way.target, BATCH)
                    if await self._rest.reached(tenant, {}):
                        sent = await self._rest.sent_since(tenant, asked, {TenantClock.kind})
                        if sent is None and nothing_between(answers):
                            return answers
                        await self._ask(way, way.clock.now)
                        return None
            if not told and self._seconds() - since > WAITING_LONG_SECONDS:
                told = True
                self._log.warning("a clock waits", tenant=tenant, awaited=awaited or ["subscription"], now=way.clock.now)
            await _wait(pause, stop)
            pause = min(pause * 1.3, LONGEST_PAUSE_SECONDS)
        return None

    def _plan(self, found: Sequence[ClockStep], target: datetime, answers: Mapping[str, Answer]) -> ClockPlan | None:
        steps = [SubscriptionStep(step.at, step.id, step.customer_id) for step in found]
        until = max(steps[-1].at, steps[0].at + INSTANT) if len(steps) == BATCH else None
        elsewhere = {name: DueElsewhere(due=answers[name].due, until=answers[name].due_until) for name in self._followers}
        return plan_next(steps, until, elsewhere, target)

    async def _take_all(self, tenant: str, steps: Sequence[SubscriptionStep]) -> int:
        """Take the steps, those of one instant at the same time; return how many there were."""
        taken = 0
        for at, of_instant in groupby(steps, key=lambda step: step.at):
            taken += len(await self._take(tenant, [step.id for step in of_instant], at))
        return taken

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

    async def _ask(self, way: _Way, now: datetime, until: datetime | None = None, held: tuple[CustomerHeld, ...] = ()) -> None:
        after = way.clock.round
        await self._change(way, now, lambda current: current.ask(after, now, until, held))

    async def _change(self, way: _Way, at: datetime, change: Callable[[TenantClock], None]) -> None:
        context = self._context(way.clock.tenant, at)
        way.clock = await self._services.clocks.update(way.clock.id, context, change, loaded=way.clock)

    def _context(self, tenant: str, at: datetime) -> CommandContext:
        context = CommandContext(tenant=tenant, actor=ACTOR, request_id=new_id("req", at), at=at)
        bind_request(context.request_id, tenant=context.tenant)
        return context


def _stream(clock: TenantClock) -> str:
    return stream_name(clock.tenant, TenantClock.kind, clock.id)


def _is_set(stop: asyncio.Event | None) -> bool:
    return stop is not None and stop.is_set()


async def _wait(seconds: float, stop: asyncio.Event | None) -> None:
    if stop is None:
        await asyncio.sleep(seconds)
        return
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
