"""Saving and loading aggregates: races, repetition, and documents that a crash left behind."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.errors import ConcurrentChange, NotFound
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import InMemoryEventStore, StreamMoved
from subgraphs.kit.persistence.repository import ATTEMPTS, AggregateRepository
from subgraphs.plan.domain.plan import Plan
from tests.testkit.memory import AT, InMemoryProjection, context, repository


def team() -> Plan:
    return Plan.create("plan_1", "prod_1", "team", "Team", None, context())


class BusyStore(InMemoryEventStore):
    """A store in which somebody else is faster the next `losses` times."""

    def __init__(self) -> None:
        super().__init__()
        self.losses, self.attempts = 0, 0

    async def append(self, commit: Commit) -> None:
        self.attempts += 1
        if self.losses:
            self.losses -= 1
            raise StreamMoved(commit.id)
        await super().append(commit)


async def test_what_was_saved_is_loaded() -> None:
    plans = repository(Plan)
    await plans.create(team(), context())
    found = await plans.get("acme", "plan_1")
    assert (found.created.name, found.version, found.unsaved) == ("Team", 1, ())


async def test_creating_again_returns_what_exists() -> None:
    store = InMemoryEventStore()
    plans = repository(Plan, store)
    first = await plans.create(team(), context())
    again = await plans.create(Plan.create("plan_1", "prod_1", "other", "Other", None, context()), context())
    assert (again.created, len(store.commits)) == (first.created, 1)


async def test_a_change_that_changes_nothing_saves_nothing() -> None:
    store = InMemoryEventStore()
    plans = repository(Plan, store)
    await plans.create(team(), context())
    await plans.update("plan_1", context(), lambda plan: plan.remove_feature("feat_9"))
    assert len(store.commits) == 1


async def test_the_past_is_what_was_known_at_that_instant() -> None:
    plans = repository(Plan)
    await plans.create(team(), context())
    for day in (1, 2):
        later = replace(context(), at=AT + timedelta(days=day))
        await plans.update("plan_1", later, lambda plan, day=day: plan.set_feature(f"feat_{day}", None))

    async def features(at: datetime) -> list[str] | None:
        plan = await plans.as_of("acme", "plan_1", at)
        return list(plan.features) if plan else None

    millisecond = timedelta(milliseconds=1)
    assert await features(AT - millisecond) is None
    assert await features(AT) == []
    assert await features(AT + timedelta(days=1) - millisecond) == []
    assert await features(AT + timedelta(days=1)) == ["feat_1"]
    assert await features(AT + timedelta(days=9)) == ["feat_1", "feat_2"]
    assert await plans.as_of("other", "plan_1", AT) is None


async def test_another_tenants_aggregate_does_not_exist() -> None:
    plans = repository(Plan)
    await plans.create(team(), context())
    assert await plans.find("rival", "plan_1") is None
    with pytest.raises(NotFound) as refused:
        await plans.update("plan_1", context("rival"), lambda plan: plan.archive(context()), field=("planId",))
    assert refused.value.field == ("planId",)


async def test_changes_at_the_same_time_are_all_made() -> None:
    plans = repository(Plan)
    await plans.create(team(), context())
    await asyncio.gather(
        *(
            plans.update("plan_1", context(), lambda plan, number=number: plan.set_feature(f"feat_{number}", number))  # type: ignore[misc]
            for number in range(ATTEMPTS)
        )
    )
    found = await plans.get("acme", "plan_1")
    assert found.features == {f"feat_{number}": number for number in range(ATTEMPTS)}
    assert found.version == 1 + ATTEMPTS


async def test_a_lost_race_is_run_again_from_the_start_and_sustained_contention_is_told() -> None:
    store = BusyStore()
    plans = repository(Plan, store)
    await plans.create(team(), context())
    store.losses, store.attempts = ATTEMPTS - 1, 0
    await plans.update("plan_1", context(), lambda plan: plan.set_feature("feat_1", 1))
    assert store.attempts == ATTEMPTS
    store.losses = ATTEMPTS
    with pytest.raises(ConcurrentChange, match="try again"):
        await plans.update("plan_1", context(), lambda plan: plan.set_feature("feat_2", 2))
    assert (await plans.get("acme", "plan_1")).features == {"feat_1": 1}


async def test_recorded_times_rise_within_a_stream_even_where_the_clock_does_not() -> None:
    store, clock = InMemoryEventStore(), FixedClock(AT)

    async def committed() -> None: ...

    plans = AggregateRepository(Plan, store, InMemoryProjection(), committed, clock)
    await plans.create(team(), context())
    await plans.update("plan_1", context(), lambda plan: plan.set_feature("feat_1", 1))
    clock.at = AT - timedelta(hours=1)
    await plans.update("plan_1", context(), lambda plan: plan.set_feature("feat_2", 2))
    times = [commit.recorded_at for commit in await store.load("acme", "Plan", "plan_1")]
    assert times == [AT, AT + timedelta(milliseconds=1), AT + timedelta(milliseconds=2)]


async def test_a_document_that_a_crash_left_behind_is_caught_up_with() -> None:
    store, projection = InMemoryEventStore(), InMemoryProjection()

    async def committed() -> None: ...

    plans = AggregateRepository(Plan, store, projection, committed, FixedClock(AT))
    await plans.create(team(), context())
    projection.versions.clear()
    [commit] = await store.load("acme", "Plan", "plan_1")
    await plans.catch_up(commit)
    assert projection.versions == {("acme", "plan_1"): 1}


async def test_what_the_caller_has_loaded_is_loaded_again_only_after_a_lost_race() -> None:
    plans = repository(Plan)
    await plans.create(team(), context())
    stale = await plans.get("acme", "plan_1")
    await plans.update("plan_1", context(), lambda plan: plan.set_feature("feat_1", 1))
    changed = await plans.update("plan_1", context(), lambda plan: plan.set_feature("feat_2", 2), loaded=stale)
    assert (changed.features, changed.version) == ({"feat_1": 1, "feat_2": 2}, 3)
