"""Follows tenants' own clocks: does what is due when a clock asks for it, and tells it when all is at rest again.

    test-clock-moved.v1, round 7 → what was sent before it is handled → what is due before `until` is done → what follows from
    that is sent → …-clock-answered.v1, round 7

An answer says how far it had handled what the others sent when it was at rest, and where its own last event was then. When each
of them had handled what the others had sent, nothing is on its way between any of them. Suppose one of them did something after
that, and it was the first of all: then it did so for an event that another one had sent before that was at rest; but such events
it had handled. A clock that finds otherwise asks the next round. Those who follow answer one after another, each having handled
what the one before has sent, so that one round is enough where nothing comes back.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from redis.asyncio import Redis

from subgraphs.kit.domain.clock_answer import ClockAnswer, ClockAnswered, DueForCustomer
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.domain.period import end_of_day
from subgraphs.kit.messaging.clock_contracts import AskedByClock
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.messaging.redis import STORE_UNREACHABLE
from subgraphs.kit.messaging.relay import Publish
from subgraphs.kit.messaging.rest import Mark, RedisRest, Rest, is_up_to
from subgraphs.kit.persistence.clock_rounds import AskedRound, ClockRounds, MongoClockRounds
from subgraphs.kit.persistence.commit import commit_id, stream_name
from subgraphs.kit.persistence.lease import Lease
from subgraphs.kit.persistence.mongo import DATABASE_UNREACHABLE
from subgraphs.kit.persistence.repository import AggregateRepository
from subgraphs.kit.stores import Stores, process_name
from subgraphs.kit.telemetry import bind_request, get_logger
from subgraphs.kit.tenant_tasks import TenantTasks

__all__ = ["Agenda", "ClockAnswers", "ClockFollower", "NoDocuments", "open_follower"]

ACTOR = "system:clock-follower"
BATCH = 200
# What is told of what is due next: that of one day, and no more than this.
LISTED = 200
# How long a question may be overlooked that another process was told of.
IDLE_SECONDS = 0.25
# How often it is looked whether all is at rest; less often the longer it takes.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.004, 0.1
# A question that nobody can answer for this long is given back, and taken up again.
PATIENCE_SECONDS = 5.0


ClockAnswers = AggregateRepository[ClockAnswer]


class _OfRound(msgspec.Struct, frozen=True):
    round: int


class Agenda(Protocol):
    """What waits in a subgraph for tenants' clocks."""

    async def upcoming(self, tenant: str, limit: int) -> Sequence[DueForCustomer]:
        """Return what is due next, earliest first, up to `limit`, however far ahead."""
        ...

    async def do(self, tenant: str, until: datetime, held: Collection[str]) -> None:
        """Do what is due before `until`, each at its own time, but of each customer only what comes at the first instant, and
        nothing of those who are `held`."""
        ...

    async def half_done(self, tenant: str) -> bool:
        """Tell whether something is under way that no event will tell of, such as a request to a payment provider."""
        ...


class NoDocuments:
    """Brings nothing up to date: answers have no documents."""

    async def project(self, aggregate: ClockAnswer) -> None: ...

    async def shown(self, aggregate_ids: Collection[str]) -> dict[tuple[str, str], int]:
        return {}

    async def catch_up(self, *commits: object) -> None: ...


class ClockFollower:
    """One per worker. Processes share what was asked; with the lease, one of them at a time works on it.

    `after_another`: it answers a round when it was told that another follower has.
    """

    def __init__(
        self,
        name: str,
        rounds: ClockRounds,
        answers: ClockAnswers,
        agenda: Agenda,
        rest: Rest,
        lease: Lease | None = None,
        *,
        after_another: bool = False,
    ) -> None:
        self._after_another = after_another
        self._name, self._rounds, self._answers, self._agenda, self._rest = name, rounds, answers, agenda, rest
        self._lease = lease
        self._marks: dict[str, Mark] = {}
        self._told = asyncio.Event()
        self._log = get_logger("clock-follower")

    async def asked(self, received: Received) -> None:
        """Take a question: the handler of test-clock-moved.v1."""
        told = msgspec.convert(received.event.data, AskedByClock)
        if told.round is not None:
            held = frozenset(one.customer_id for one in told.held if one.goes != self._name)
            question = AskedRound(tenant=received.tenant, round=told.round, now=told.now, until=told.until, held=held)
            await self._rounds.ask(question)
            self._told.set()

    async def other_answered(self, received: Received) -> None:
        """Take another follower's answer, after which this one answers: the handler of its event."""
        await self._rounds.hear(received.tenant, msgspec.convert(received.event.data, _OfRound).round)
        self._told.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop` is set; stores that are away are waited for."""
        tasks = TenantTasks()
        while not stop.is_set():
            try:
                self._told.clear()
                if self._lease is None or await self._lease.hold():
                    waiting = {asked.tenant: asked for asked in await self._rounds.waiting(BATCH)}
                    tasks.start(waiting, lambda tenant, waiting=waiting: self._answer(waiting[tenant], stop))  # type: ignore[misc]
            except STORE_UNREACHABLE as error:
                self._log.warning("a store is unreachable, clocks wait", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), IDLE_SECONDS)
        await tasks.finish()
        if self._lease is not None:
            with suppress(*DATABASE_UNREACHABLE):
                await self._lease.release()

    async def look(self) -> bool:
        """Try once to answer what waits; return whether anything was done or answered."""
        moved = False
        for asked in await self._rounds.waiting(BATCH):
            moved = await self._step(asked) is not None or moved
        return moved

    async def _answer(self, asked: AskedRound, stop: asyncio.Event) -> None:
        if self._waits_for_another(asked):
            return  # begun again when that is told
        pause, waited = FIRST_PAUSE_SECONDS, 0.0
        try:
            while not stop.is_set() and waited < PATIENCE_SECONDS:
                if await self._step(asked):
                    return
                await asyncio.sleep(pause)
                waited, pause = waited + pause, min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        except STORE_UNREACHABLE as error:
            self._log.warning("a store is unreachable, clocks wait", error=type(error).__name__)
            await asyncio.sleep(IDLE_SECONDS)
        except Exception:  # one tenant's trouble must not keep the others' clocks waiting
            self._log.exception("a clock cannot be answered, will be tried again", tenant=asked.tenant)
            await asyncio.sleep(PATIENCE_SECONDS)

    async def _step(self, asked: AskedRound) -> bool | None:
        """Go as far as it goes now: True when the round is answered, False when something was done, else None."""
        tenant = asked.tenant
        if self._waits_for_another(asked):
            return None
        mark = self._marks.get(tenant) or await self._rest.mark()
        self._marks[tenant] = mark  # until it is reached: else there would always be another one while others are busy
        if not await self._rest.reached(tenant, mark):
            return None
        del self._marks[tenant]
        if await self._agenda.half_done(tenant):
            return None
        if asked.until is not None and await self._rounds.begin(asked):
            await self._agenda.do(tenant, asked.until, asked.held)
            return False
        sent = await self._sent(asked)
        if self._name in mark and not is_up_to(mark[self._name], sent):
            return None
        due = await self._agenda.upcoming(tenant, LISTED)
        listed, until = _of_one_day(due)
        context = CommandContext(tenant=tenant, actor=ACTOR, request_id=new_id("req", asked.now), at=asked.now)
        bind_request(context.request_id, tenant=tenant)
        answered = ClockAnswered(round=asked.round, sent=sent, handled=dict(mark), due=listed, due_until=until)
        await self._answers.create(ClockAnswer.give(self._name, answered, context), context)
        await self._rounds.answer(asked, sent)
        return True

    def _waits_for_another(self, asked: AskedRound) -> bool:
        return self._after_another and asked.heard < asked.round

    async def _sent(self, asked: AskedRound) -> str:
        """Return where the tenant's last event is, for all that is known: what was answered before, or what was sent since."""
        if asked.answered is None or asked.sent is None:
            return await self._rest.sent()
        id = ClockAnswer.id_of(self._name, asked.tenant, asked.answered)
        answer = commit_id(stream_name(asked.tenant, ClockAnswer.kind, id), 1)
        return await self._rest.sent_since(asked.tenant, answer, {ClockAnswer.kind}) or asked.sent


async def open_follower(
    stores: Stores,
    redis: Redis,
    sources: Iterable[str],
    agenda: Agenda,
    *,
    publish: Publish | None = None,
    after_another: bool = False,
) -> ClockFollower:
    """Return the follower of a subgraph's worker that reads `sources`; see RedisRest about `publish`."""
    database = stores.database
    rounds = MongoClockRounds(database)
    await rounds.ensure_indexes()
    answers = AggregateRepository(ClockAnswer, stores.events, NoDocuments(), stores.committed)
    rest = RedisRest(stores.subgraph, redis, database, sources, publish)
    lease = Lease(database, "clock-follower", process_name())
    return ClockFollower(stores.subgraph, rounds, answers, agenda, rest, lease, after_another=after_another)


def _of_one_day(due: Sequence[DueForCustomer]) -> tuple[tuple[DueForCustomer, ...], datetime | None]:
    """Return what is due on the day of the first one, and until when that is all there is."""
    if not due:
        return (), None
    until = end_of_day(due[0].at)
    if len(due) == LISTED and due[-1].at < until:  # there may be more
        until = max(due[-1].at, due[0].at + timedelta(milliseconds=1))
    return tuple(one for one in due if one.at < until), until
