"""A follower of clocks answers when it is at rest, after it has done what is due, once per round."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.kit.clock_following import ClockFollower, NoDocuments
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.clock_answer import ClockAnswer, ClockAnswered, DueForCustomer
from subgraphs.kit.domain.period import end_of_day
from subgraphs.kit.messaging.rest import Mark
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.kit.persistence.repository import AggregateRepository
from tests.testkit.memory import AT
from tests.testkit.memory_clock import MemoryRounds
from tests.testkit.received import received

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Subgraph:
    """What a follower looks at, and an agenda, as the test says."""

    def __init__(self, *, after_another: bool = False) -> None:
        self.still, self.under_way, self.position = True, False, 7
        self.due: list[DueForCustomer] = []
        self.done: list[tuple[datetime, Collection[str]]] = []
        self.store = InMemoryEventStore()
        self.follower = self.another(after_another=after_another)

    def another(self, rounds: MemoryRounds | None = None, *, after_another: bool = False) -> ClockFollower:
        """Return the follower of one more worker."""
        self.rounds = rounds or MemoryRounds()

        async def committed() -> None: ...

        answers = AggregateRepository(ClockAnswer, self.store, NoDocuments(), committed, FixedClock(AT))
        return ClockFollower("invoice", self.rounds, answers, self, self, after_another=after_another)

    async def ask(self, round: int, until: datetime | None = None, held: Sequence[tuple[str, str]] = ()) -> None:
        data = {"now": NOW.isoformat(), "round": round, "until": until.isoformat() if until else None}
        data |= {"held": [{"customerId": customer, "goes": goes} for customer, goes in held]}
        await self.follower.asked(received("test-clock-moved.v1", data, aggregate_id="acme", sequence=round))

    async def answers(self) -> list[ClockAnswered]:
        commits = sorted(self.store.commits.values(), key=lambda commit: commit.aggregate_id)
        events = [event for commit in commits for event in commit.events]
        return [event for one in events if isinstance(event := ClockAnswer.codec.decode(one.type, one.data), ClockAnswered)]

    async def mark(self) -> Mark:
        return {"subscription": f"{self.position}-0"}

    async def reached(self, tenant: str, mark: Mark) -> bool:
        return self.still

    async def sent_since(self, tenant: str, commit_id: str, kinds: Collection[str]) -> str | None:
        assert commit_id in self.store.commits
        return None

    async def sent(self) -> str:
        return "3-0"

    async def upcoming(self, tenant: str, limit: int) -> Sequence[DueForCustomer]:
        return self.due[:limit]

    async def do(self, tenant: str, until: datetime, held: Collection[str]) -> None:
        self.done.append((until, held))

    async def half_done(self, tenant: str) -> bool:
        return self.under_way


async def test_it_answers_once_when_it_is_at_rest() -> None:
    subgraph = Subgraph()
    await subgraph.ask(1)
    subgraph.still = False
    assert not await subgraph.follower.look()
    subgraph.still, subgraph.under_way = True, True
    assert not await subgraph.follower.look()
    subgraph.under_way = False
    assert [await subgraph.follower.look(), await subgraph.follower.look()] == [True, False]
    assert await subgraph.answers() == [ClockAnswered(round=1, sent="3-0", handled={"subscription": "7-0"})]
    await subgraph.ask(1)
    assert not await subgraph.follower.look()


async def test_it_does_what_is_due_once_and_answers_when_what_follows_is_sent() -> None:
    subgraph, until = Subgraph(), NOW + timedelta(hours=5)
    await subgraph.ask(1, until, [("cus_1", "invoice"), ("cus_2", "subscription")])
    assert await subgraph.follower.look()
    assert (subgraph.done, await subgraph.answers()) == ([(until, frozenset({"cus_2"}))], [])
    subgraph.still = False
    assert not await subgraph.follower.look()
    subgraph.still, subgraph.position = True, 9
    assert await subgraph.another(subgraph.rounds).look()  # the first worker is gone
    assert [(one.round, one.handled) for one in await subgraph.answers()] == [(1, {"subscription": "9-0"})]
    assert len(subgraph.done) == 1
    await subgraph.ask(2)
    assert await subgraph.follower.look()
    assert [(one.round, one.sent) for one in await subgraph.answers()] == [(1, "3-0"), (2, "3-0")]


async def test_it_tells_what_is_due_on_the_next_day_that_something_is() -> None:
    subgraph = Subgraph()
    subgraph.due = [DueForCustomer(customer_id=f"cus_{hour}", at=NOW + timedelta(hours=hour)) for hour in (50, 60, 71, 72)]
    await subgraph.ask(1)
    await subgraph.follower.look()
    [answer] = await subgraph.answers()
    assert (answer.due, answer.due_until) == (tuple(subgraph.due[:3]), NOW + timedelta(days=3))


async def test_of_very_many_it_tells_up_to_an_instant_of_which_all_are_told() -> None:
    subgraph = Subgraph()
    subgraph.due = [DueForCustomer(customer_id=f"cus_{minute}", at=NOW + timedelta(minutes=minute)) for minute in range(300)]
    await subgraph.ask(1)
    await subgraph.follower.look()
    [answer] = await subgraph.answers()
    assert (len(answer.due), answer.due_until) == (199, NOW + timedelta(minutes=199))


async def test_one_that_comes_after_another_waits_for_its_answer() -> None:
    subgraph = Subgraph(after_another=True)
    await subgraph.ask(4)
    assert not await subgraph.follower.look()
    for round in (4, 3):
        told = received("customer-clock-answered.v1", {"round": round, "sent": "0-0"}, aggregate_id="acme")
        await subgraph.follower.other_answered(told)
    assert await subgraph.follower.look()


async def test_a_clock_that_only_tells_the_time_asks_nothing() -> None:
    subgraph = Subgraph()
    await subgraph.follower.asked(received("test-clock-moved.v1", {"now": NOW.isoformat()}, aggregate_id="acme"))
    assert not await subgraph.follower.look()


async def test_it_runs_until_it_is_stopped_and_survives_what_it_cannot_do(monkeypatch: pytest.MonkeyPatch) -> None:
    subgraph, stop = Subgraph(), asyncio.Event()
    running = asyncio.create_task(subgraph.follower.run(stop))
    await subgraph.ask(1)
    async with asyncio.timeout(10):
        while not await subgraph.answers():
            await asyncio.sleep(0.01)
    stop.set()
    async with asyncio.timeout(10):
        await running


def test_a_day_ends_at_the_next_midnight() -> None:
    assert end_of_day(NOW) == end_of_day(NOW + timedelta(hours=23, minutes=59)) == NOW + timedelta(days=1)
