"""A tenant's clock is walked, and what is due on the way happens in its order, on real stores."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.errors import InvalidState, NotFound
from subgraphs.kit.messaging.rest import Mark
from subgraphs.subscription.clock_answers import Answer
from subgraphs.subscription.commands.move_tenant_clock import advance_tenant_clock, freeze_tenant_clock
from subgraphs.subscription.commands.renew_plan_subscription import renew_plan_subscription
from subgraphs.subscription.documents import PlanSubscriptionDocument
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.tenant_clock import TenantClock
from subgraphs.subscription.domain.values import Terms
from subgraphs.subscription.sagas import clock_walk
from subgraphs.subscription.sagas.clock_walk import ClockWalk
from subgraphs.subscription.sagas.renewal import RenewalTimer
from subgraphs.subscription.services import SubscriptionServices
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import TEAM

THEN = datetime(2019, 1, 31, 12, tzinfo=UTC)


class NobodyBusy:
    """Nothing is ever on its way."""

    async def mark(self) -> Mark:
        return {}

    async def reached(self, tenant: str, mark: Mark) -> bool:
        return True

    async def sent_since(self, tenant: str, commit_id: str, kinds: Collection[str]) -> str | None:
        return None

    async def sent(self) -> str:
        return "0-0"


class OwnCommits(NobodyBusy):
    """Nothing is on its way but what was done here since the clock asked."""

    def __init__(self, services: SubscriptionServices) -> None:
        self._commits = services.stores.database["commits"]

    async def sent_since(self, tenant: str, commit_id: str, kinds: Collection[str]) -> str | None:
        asked = await self._commits.find_one({"_id": commit_id})
        assert asked is not None
        later = self._commits.find({"tenant": tenant, "recorded_at": {"$gte": asked["recorded_at"]}})
        return "1-0" if [one async for one in later if one["kind"] not in kinds] else None


def alone(services: SubscriptionServices) -> ClockWalk:
    """Return a walk that nobody follows."""
    return ClockWalk(services, NobodyBusy(), followers=())


async def freeze(services: SubscriptionServices, tenant: str = "acme", now: datetime = THEN) -> None:
    await freeze_tenant_clock(services.clocks, services.due, now, context(tenant))


async def advance(services: SubscriptionServices, to: datetime, tenant: str = "acme") -> None:
    await advance_tenant_clock(services.clocks, to, context(tenant))


async def active(services: SubscriptionServices, id: str, at: datetime = THEN, tenant: str = "acme", *, own: bool = True) -> None:
    circumstances = context(tenant, at)
    subscription = PlanSubscription.start(id, "cus_1", Terms(price=TEAM, quantity=1), "UTC", circumstances, on_test_clock=own)
    subscription.period_paid(0, circumstances)
    await services.subscriptions.create(subscription, circumstances)


async def number(services: SubscriptionServices, id: str, tenant: str = "acme") -> int:
    return (await services.subscriptions.get(tenant, id)).period_number


async def test_time_stands_for_its_tenant_alone(services: SubscriptionServices, clock: FixedClock) -> None:
    await freeze(services)
    assert await services.stores.clocks.now("acme") == THEN
    assert await services.stores.clocks.now("rival") == AT
    assert await services.known.on_test_clock("acme")
    assert not await services.known.on_test_clock("rival")


async def test_what_is_due_happens_in_its_order_each_at_its_own_time(services: SubscriptionServices) -> None:
    await freeze(services)
    await active(services, "psub_1")
    await active(services, "psub_2", THEN + timedelta(days=10))
    await advance(services, THEN + timedelta(days=100))  # May 11
    assert await alone(services).walk("acme") == 6
    assert [await number(services, id) for id in ("psub_1", "psub_2")] == [3, 3]
    commits = [
        commit
        for id in ("psub_1", "psub_2")
        for commit in (await services.stores.events.load("acme", PlanSubscription.kind, id))[1:]
    ]
    in_order = sorted(commits, key=lambda commit: commit.recorded_at)
    assert all(before.context.at <= after.context.at for before, after in pairwise(in_order))
    assert {commit.context.actor for commit in commits} == {"system:test-clock"}
    assert [f"{commit.context.at:%m-%d}" for commit in in_order] == ["02-28", "03-10", "03-31", "04-10", "04-30", "05-10"]
    assert await services.stores.clocks.now("acme") == THEN + timedelta(days=100)


async def test_real_time_does_not_touch_it_and_it_does_not_touch_others(
    services: SubscriptionServices, clock: FixedClock
) -> None:
    await freeze(services)
    await active(services, "psub_1")
    await active(services, "psub_2", THEN, "rival", own=False)
    clock.at = THEN + timedelta(days=40)
    assert await RenewalTimer(services).renew_due() == 1
    assert (await number(services, "psub_1"), await number(services, "psub_2", "rival")) == (0, 1)
    await advance(services, THEN + timedelta(days=400))
    await alone(services).walk("acme")
    assert (await number(services, "psub_1"), await number(services, "psub_2", "rival")) == (13, 1)


async def test_day_by_day_equals_one_jump(services: SubscriptionServices) -> None:
    for tenant in ("acme", "rival"):
        await freeze(services, tenant)
        await active(services, f"psub_{tenant}", tenant=tenant)
    walk = alone(services)
    for day in range(1, 61):
        await advance(services, THEN + timedelta(days=day))
        await walk.walk("acme")
    await advance(services, THEN + timedelta(days=60), "rival")
    await walk.walk("rival")
    seen = []
    for tenant in ("acme", "rival"):
        commits = await services.stores.events.load(tenant, PlanSubscription.kind, f"psub_{tenant}")
        seen.append([(commit.context.at, commit.events) for commit in commits])
    assert seen[0] == seen[1]


async def test_progress_is_shown_and_workers_share_the_way(services: SubscriptionServices) -> None:
    await freeze(services)
    for count in range(6):
        await active(services, f"psub_{count}", THEN + timedelta(days=count))
    await advance(services, THEN + timedelta(days=365))
    stop = asyncio.Event()
    running = [asyncio.create_task(alone(services).run(stop)) for _ in range(2)]
    seen = set()
    async with asyncio.timeout(60):
        while (clock := await services.clocks.get("acme", "acme")).target is not None:
            seen.add(clock.now)
            await asyncio.sleep(0.01)
    stop.set()
    await asyncio.gather(*running)
    assert len(seen) > 2
    assert {await number(services, f"psub_{count}") for count in range(6)} == {12, 11}
    documents = await PlanSubscriptionDocument.find({"tenant": "acme"}).to_list()
    assert all(document.clock_due_at and document.clock_due_at > THEN + timedelta(days=365) for document in documents)


async def test_a_clock_needs_a_tenant_that_never_had_a_subscription(services: SubscriptionServices) -> None:
    await active(services, "psub_1", AT, own=False)
    with pytest.raises(InvalidState, match="had none"):
        await freeze(services)
    with pytest.raises(NotFound):
        await advance(services, AT)
    await freeze(services, "rival")
    await freeze(services, "rival")
    with pytest.raises(InvalidState, match="advance it"):
        await freeze(services, "rival", THEN + timedelta(days=1))
    await active(services, "psub_2", tenant="rival")
    await freeze(services, "rival")  # a repeated request is answered as before


async def test_a_document_that_a_crash_left_behind_holds_the_clock_until_it_is_caught_up_with(
    services: SubscriptionServices,
) -> None:
    await freeze(services)
    await active(services, "psub_1")
    collection = PlanSubscriptionDocument.get_pymongo_collection()
    stale = await collection.find_one({"_id": "psub_1"})
    assert stale is not None
    await advance(services, THEN + timedelta(days=30))
    await alone(services).walk("acme")
    await collection.replace_one({"_id": "psub_1"}, stale)
    await advance(services, THEN + timedelta(days=65))
    walking = asyncio.create_task(alone(services).walk("acme"))
    await asyncio.sleep(0.2)
    assert not walking.done()
    *_, last = await services.stores.events.load("acme", PlanSubscription.kind, "psub_1")
    await services.subscriptions.catch_up(last)  # as the relay does
    async with asyncio.timeout(10):
        await walking
    assert await number(services, "psub_1") == 2


async def test_more_than_one_batch_is_walked_in_order(services: SubscriptionServices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_walk, "BATCH", 3)
    await freeze(services)
    for count in range(7):
        await active(services, f"psub_{count}", THEN + timedelta(days=3 * (count // 2)))
    await advance(services, THEN + timedelta(days=62))
    assert await alone(services).walk("acme") == 11  # by April 3: two of each from January 31 and February 3, else one
    commits = [
        commit
        for count in range(7)
        for commit in (await services.stores.events.load("acme", PlanSubscription.kind, f"psub_{count}"))[1:]
    ]
    in_order = sorted(commits, key=lambda commit: commit.recorded_at)
    assert all(before.context.at <= after.context.at for before, after in pairwise(in_order))


async def test_a_clock_that_cannot_be_moved_does_not_hold_up_the_others(
    services: SubscriptionServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tenant in ("acme", "rival"):
        await freeze(services, tenant)
        await active(services, f"psub_{tenant}", tenant=tenant)
        await advance(services, THEN + timedelta(days=40), tenant)
    broken = {(await services.due.advancing_clocks(10))[0]}
    [other] = {"acme", "rival"} - broken

    async def renew(*arguments: Any) -> PlanSubscription | None:
        if arguments[-1].tenant in broken:
            raise ValueError("broken")
        return await renew_plan_subscription(*arguments)

    monkeypatch.setattr(clock_walk, "renew_plan_subscription", renew)
    assert not await alone(services).walk_all()
    assert await number(services, f"psub_{other}", other) == 1
    broken.clear()
    assert await alone(services).walk_all()
    assert [await number(services, f"psub_{tenant}", tenant) for tenant in ("acme", "rival")] == [1, 1]


async def answer(
    services: SubscriptionServices, round: int, *due: datetime, sent: str = "0-0", handled: dict[str, str] | None = None
) -> None:
    listed = tuple(("cus_1", at) for at in due)
    until = due[0] + timedelta(days=1) if due else None
    told = Answer(round=round, sent=sent, handled=handled or {}, due=listed, due_until=until)
    await services.followers.note("acme", "invoice", told)


async def asked(services: SubscriptionServices, round: int) -> TenantClock:
    """Wait until the clock asks this round."""
    async with asyncio.timeout(20):
        while (clock := await services.clocks.get("acme", "acme")).round < round:
            await asyncio.sleep(0.01)
    assert clock.round == round
    return clock


async def test_it_does_not_go_on_before_who_follows_has_answered(services: SubscriptionServices) -> None:
    await freeze(services)
    await active(services, "psub_1")
    await advance(services, THEN + timedelta(days=40))
    walking = asyncio.create_task(ClockWalk(services, NobodyBusy(), followers=("invoice",)).walk("acme"))
    await asked(services, 1)
    await asyncio.sleep(0.3)
    assert await number(services, "psub_1") == 0
    await answer(services, 1)
    renewed = await asked(services, 2)
    assert (renewed.now, await number(services, "psub_1")) == (datetime(2019, 2, 28, 12, tzinfo=UTC), 1)
    await answer(services, 2)
    there = await asked(services, 3)  # nothing more is due: everybody is to know the time
    assert (there.now, there.target) == (THEN + timedelta(days=40), THEN + timedelta(days=40))
    await answer(services, 3)
    async with asyncio.timeout(20):
        assert await walking == 1
    assert (await services.clocks.get("acme", "acme")).target is None


async def test_a_retry_that_is_due_before_a_renewal_is_asked_for_first_and_may_end_the_subscription(
    services: SubscriptionServices,
) -> None:
    await freeze(services)
    await active(services, "psub_1")
    await advance(services, THEN + timedelta(days=40))
    walking = asyncio.create_task(ClockWalk(services, NobodyBusy(), followers=("invoice",)).walk("acme"))
    retry_at = THEN + timedelta(days=7)
    await asked(services, 1)
    await answer(services, 1, retry_at)
    at_retry = await asked(services, 2)
    assert (at_retry.now, await number(services, "psub_1")) == (retry_at, 0)
    at = context(at=retry_at)
    await services.subscriptions.update("psub_1", at, lambda it: it.cancel("Not paid.", at, used={}))
    for round in (2, 3):
        await answer(services, round)
        await asked(services, 3)
    async with asyncio.timeout(20):
        assert await walking == 0
    assert await number(services, "psub_1") == 0


async def test_what_is_still_between_two_who_follow_is_asked_for_again(services: SubscriptionServices) -> None:
    await freeze(services)
    await advance(services, THEN + timedelta(days=1))
    walking = asyncio.create_task(ClockWalk(services, NobodyBusy(), followers=("customer", "invoice")).walk("acme"))
    await asked(services, 1)
    behind = Answer(round=1, sent="5-0", handled={"invoice": "8-9"})
    await services.followers.note("acme", "customer", behind)
    await answer(services, 1, sent="9-0", handled={"customer": "5-0"})
    again = await asked(services, 2)
    assert again.now == THEN
    for round in (2, 3):
        await services.followers.note("acme", "customer", Answer(round=round, sent="5-0", handled={"invoice": "9-0"}))
        await answer(services, round, sent="9-0", handled={"customer": "5-0"})
        await asked(services, 3)
    async with asyncio.timeout(20):
        await walking


async def test_two_workers_ask_each_round_once_and_take_each_step_once(services: SubscriptionServices) -> None:
    await freeze(services)
    for count in range(3):
        await active(services, f"psub_{count}", THEN + timedelta(days=count))
    await advance(services, THEN + timedelta(days=70))
    walks = [ClockWalk(services, OwnCommits(services), followers=("invoice",)) for _ in range(2)]
    walking = [asyncio.create_task(walk.walk("acme")) for walk in walks]
    last = 0
    async with asyncio.timeout(60):
        while (clock := await services.clocks.get("acme", "acme")).target is not None:
            if clock.round > last:
                last = clock.round
                await answer(services, last)
            await asyncio.sleep(0.005)
        await asyncio.gather(*walking)
    assert [await number(services, f"psub_{count}") for count in range(3)] == [2, 2, 2]
    # The first look, six renewals on days of their own, and the end: no worker goes on to another's next day unasked.
    assert last >= 8
