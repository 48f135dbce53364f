"""Periods that end are renewed by themselves, on real stores."""

import asyncio
from datetime import datetime, timedelta

import pytest

from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.persistence.documents import TenantDocument
from subgraphs.subscription import queries
from subgraphs.subscription.commands.cancel_plan_subscription import WantedCancellation, cancel_plan_subscription
from subgraphs.subscription.documents import PlanSubscriptionDocument
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import CancellationTime, PlanSubscriptionStatus, Terms
from subgraphs.subscription.sagas import renewal
from subgraphs.subscription.sagas.renewal import RenewalTimer
from subgraphs.subscription.services import SubscriptionServices
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import TEAM


async def active(services: SubscriptionServices, id: str, at: datetime = AT, tenant: str = "acme") -> PlanSubscription:
    circumstances = context(tenant=tenant, at=at)
    subscription = PlanSubscription.start(id, "cus_1", Terms(price=TEAM, quantity=1), "UTC", circumstances)
    subscription.period_paid(0, circumstances)
    return await services.subscriptions.create(subscription, circumstances)


async def periods(services: SubscriptionServices, id: str, tenant: str = "acme") -> list[int]:
    codec = PlanSubscription.codec
    found = [
        codec.decode(event.type, event.data)
        for commit in await services.stores.events.load(tenant, PlanSubscription.kind, id)
        for event in commit.events
    ]
    return [event.number for event in found if isinstance(event, events.BillingPeriodOpened)]


async def test_only_what_is_due_is_renewed(services: SubscriptionServices, clock: FixedClock) -> None:
    early = await active(services, "psub_1")
    await active(services, "psub_2", at=AT + timedelta(days=10), tenant="other")
    timer = RenewalTimer(services)
    assert await timer.renew_due() == 0
    clock.at = early.period.end
    assert await timer.renew_due() == 1
    assert await timer.renew_due() == 0
    assert (await periods(services, "psub_1"), await periods(services, "psub_2", "other")) == ([0, 1], [0])


async def test_what_is_not_active_is_not_renewed(services: SubscriptionServices, clock: FixedClock) -> None:
    pending = PlanSubscription.start("psub_1", "cus_1", Terms(price=TEAM, quantity=1), "UTC", context())
    await services.subscriptions.create(pending, context())
    clock.at = pending.period.end
    assert await RenewalTimer(services).renew_due() == 0
    assert await periods(services, "psub_1") == [0]


async def test_a_scheduled_end_ends_it_instead(services: SubscriptionServices, clock: FixedClock) -> None:
    subscription = await active(services, "psub_1")
    wanted = WantedCancellation(when=CancellationTime.PERIOD_END)
    await cancel_plan_subscription(services.subscriptions, services.metered, "psub_1", wanted, context())
    clock.at = subscription.period.end + timedelta(days=1)
    assert await RenewalTimer(services).renew_due() == 1
    document = await services.reader.find("acme", "psub_1")
    assert document is not None
    assert (document.status, document.canceled_at) == (PlanSubscriptionStatus.CANCELED, subscription.period.end)
    assert await periods(services, "psub_1") == [0]


async def test_workers_side_by_side_renew_each_period_once(services: SubscriptionServices, clock: FixedClock) -> None:
    for number in range(5):
        await active(services, f"psub_{number}")
    clock.at = AT + timedelta(days=65)  # two periods later
    for _ in range(4):
        await asyncio.gather(*(RenewalTimer(services).renew_due() for _ in range(3)))
    assert [await periods(services, f"psub_{number}") for number in range(5)] == [[0, 1, 2]] * 5


async def test_workers_take_different_pages_of_what_is_due(services: SubscriptionServices, clock: FixedClock) -> None:
    ids = {(await active(services, f"psub_{number}")).id for number in range(5)}
    now, due = AT + timedelta(days=28), services.due
    first = [found.id for found in await due.take(now, 3, owner="run_1")]
    second = [found.id for found in await due.take(now, 3, owner="run_2")]
    assert (len(first), len(second), {*first, *second}) == (3, 2, ids)
    assert await due.take(now, 3, owner="run_3") == []
    await due.give_back(second, "run_1")  # which does not have them
    await due.give_back(first[:1], "run_1")
    assert [found.id for found in await due.take(now, 3, owner="run_4")] == first[:1]
    assert len(await due.take(now + queries.TAKEN_FOR, 9, owner="run_5")) == 5  # whoever took them has died


async def test_of_what_two_found_each_takes_a_part(services: SubscriptionServices, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        await active(services, f"psub_{number}")
    now, due = AT + timedelta(days=28), services.due
    page = await due.before(now, 4)
    rest = [found.id for found in await due.take(now, 1, owner="run_1")]

    async def found_before(*_: object, **__: object) -> list[queries.DuePlanSubscription]:
        return page

    monkeypatch.setattr(due, "before", found_before)
    taken = [found.id for found in await due.take(now, 4, owner="run_2")]
    assert sorted(taken + rest) == [f"psub_{number}" for number in range(4)]
    assert len(rest) == 1


async def test_a_running_timer_catches_up_with_what_a_long_stop_left(services: SubscriptionServices, clock: FixedClock) -> None:
    await active(services, "psub_1")
    clock.at = AT + timedelta(days=370)
    stop = asyncio.Event()
    running = asyncio.create_task(RenewalTimer(services).run(stop))
    async with asyncio.timeout(20):
        while await periods(services, "psub_1") != list(range(13)):
            await asyncio.sleep(0.02)
    stop.set()
    await running
    commits = await services.stores.events.load("acme", PlanSubscription.kind, "psub_1")
    renewals = commits[1:]
    assert [commit.context.actor for commit in renewals] == ["system:renewal"] * 12
    # Each happens when the period before it ended, counted from the anchor: always the last day of the month.
    assert [f"{commit.context.at:%m-%d}" for commit in renewals[:4]] == ["02-28", "03-31", "04-30", "05-31"]


async def test_one_that_cannot_be_renewed_holds_up_nobody_and_is_tried_again_later(
    services: SubscriptionServices, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "BATCH", 1)
    await active(services, "psub_1")
    # A document without its subscription: as after a restore of half a backup.
    lost: TenantDocument | None = await services.reader.find("acme", "psub_1")
    assert lost is not None
    collection = PlanSubscriptionDocument.get_pymongo_collection()
    await collection.insert_one({**lost.model_dump(exclude={"id", "revision_id"}), "_id": "psub_0", "due_at": AT})
    seconds = [0.0]
    timer = RenewalTimer(services, lambda: seconds[0])
    clock.at = AT + timedelta(days=29)
    assert [await timer.renew_due() for _ in range(3)] == [0, 1, 0]
    assert await periods(services, "psub_1") == [0, 1]

    await collection.delete_one({"_id": "psub_0"})
    await active(services, "psub_0")
    assert await timer.renew_due() == 0
    seconds[0] = renewal.RETRY_SECONDS
    assert await timer.renew_due() == 1


async def test_a_document_that_a_crash_left_behind_does_not_renew_twice(
    services: SubscriptionServices, clock: FixedClock
) -> None:
    subscription = await active(services, "psub_1")
    collection = PlanSubscriptionDocument.get_pymongo_collection()
    stale = await collection.find_one({"_id": "psub_1"})
    assert stale is not None
    clock.at = subscription.period.end
    timer = RenewalTimer(services)
    assert await timer.renew_due() == 1
    await collection.replace_one({"_id": "psub_1"}, stale)  # saved, but the process ended before the document was written
    assert await timer.renew_due() == 0
    assert await periods(services, "psub_1") == [0, 1]
    *_, last = await services.stores.events.load("acme", PlanSubscription.kind, "psub_1")
    await services.subscriptions.catch_up(last)  # as the relay does
    document = await services.reader.find("acme", "psub_1")
    assert document is not None
    assert document.period_number == 1


async def test_what_is_overdue_for_years_is_left_to_people(services: SubscriptionServices, clock: FixedClock) -> None:
    forgotten = await active(services, "psub_1")
    clock.at = forgotten.period.end + renewal.LONGEST_BACK_BILLING
    late = await active(services, "psub_2", at=AT + timedelta(days=1))
    timer = RenewalTimer(services)
    assert late.period.end < clock.at
    assert await timer.renew_due() == 1
    assert (await periods(services, "psub_1"), await periods(services, "psub_2")) == ([0], [0, 1])
    clock.at -= timedelta(milliseconds=1)
    assert await RenewalTimer(services).renew_due() == 2
    assert await periods(services, "psub_1") == [0, 1]
