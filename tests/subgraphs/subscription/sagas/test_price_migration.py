"""Subscribers of one price are moved to another: each once, whatever crashes, and those that refuse are told why."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.subscription.commands.migrate_price import WantedMigration, cancel_price_migration, start_price_migration
from subgraphs.subscription.documents import PlanReplica, PlanSubscriptionDocument, PriceReplica
from subgraphs.subscription.domain.plan_subscription import PlanSubscription, RenewalDue
from subgraphs.subscription.domain.price_migration import MigrationStatus, PriceMigration, Refusal
from subgraphs.subscription.domain.schedule import Phase, ScheduleEnding
from subgraphs.subscription.domain.values import ChangeTime, Item, ProrationBehavior, Terms
from subgraphs.subscription.queries import RunningMigration, subscriber_filter
from subgraphs.subscription.sagas import price_migration
from subgraphs.subscription.sagas.price_migration import PriceMigrationWalk
from subgraphs.subscription.services import SubscriptionServices
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import TEAM, subscribed_price

TO = "price_2"
LATER = AT + timedelta(days=14)


@pytest.fixture(autouse=True)
async def prices(services: SubscriptionServices) -> None:
    """19.00 EUR a month, archived, and 25.00 EUR, which is sold."""
    await PlanReplica(id="plan_1", tenant="acme", version=1, name="Team").insert()
    for id, minor, archived in (("price_1", 1900, True), (TO, 2500, False)):
        price = PriceReplica(
            id=id,
            tenant="acme",
            version=1,
            plan_id="plan_1",
            plan_name="Team",
            currency="EUR",
            model="FLAT",
            flat_amount_minor=minor,
            interval_unit=IntervalUnit.MONTH,
            interval_count=1,
            archived=archived,
        )
        await price.insert()


async def active(services: SubscriptionServices, id: str, terms: Terms | None = None, tenant: str = "acme") -> None:
    circumstances = context(tenant)
    subscription = PlanSubscription.start(id, "cus_1", terms or Terms(price=TEAM, quantity=1), "UTC", circumstances)
    subscription.period_paid(0, circumstances)
    await services.subscriptions.create(subscription, circumstances)


async def started(services: SubscriptionServices, **more: object) -> PriceMigration:
    wanted = WantedMigration(from_price_id="price_1", to_price_id=TO, **more)  # type: ignore[arg-type]
    return await start_price_migration(services.migrations, services.known, wanted, context(at=LATER))


async def walked(services: SubscriptionServices, migration: PriceMigration) -> PriceMigration:
    [found] = await services.subscribers.running_migrations(10)
    assert found == RunningMigration("acme", migration.id)
    await PriceMigrationWalk(services).walk(found)
    assert await services.subscribers.running_migrations(10) == []
    return await services.migrations.get("acme", migration.id)


async def test_everybody_pays_the_other_price_from_the_end_of_the_period_on(services: SubscriptionServices) -> None:
    for number in range(3):
        await active(services, f"psub_{number}")
    await active(services, "psub_else", Terms(price=subscribed_price(price_id="price_9"), quantity=1))
    await active(services, "psub_rival", tenant="rival")
    done = await walked(services, await started(services))
    assert (done.status, done.moved, done.refused, done.refusals) == (MigrationStatus.COMPLETED, 3, 0, ())
    for number in range(3):
        moved = await services.subscriptions.get("acme", f"psub_{number}")
        assert moved.scheduled is not None
        assert (moved.scheduled.terms.price.price_id, moved.scheduled.change_at) == (TO, moved.period.end)
    for tenant, id in (("acme", "psub_else"), ("rival", "psub_rival")):
        assert (await services.subscriptions.get(tenant, id)).schedule == ()


async def test_now_with_the_difference_and_in_add_ons_too(services: SubscriptionServices) -> None:
    await active(services, "psub_1")
    other = subscribed_price(price_id="price_9", flat_amount_minor=500)
    await active(services, "psub_2", Terms(price=other, quantity=1, add_ons=(Item(price=TEAM, quantity=2),)))
    migration = await started(services, when=ChangeTime.NOW, proration=ProrationBehavior.CREATE)
    done = await walked(services, migration)
    assert (done.moved, done.refused) == (2, 0)
    for id in ("psub_1", "psub_2"):
        moved = await services.subscriptions.get("acme", id)
        # the 31st of January at noon to the 28th of February is 28 days by the calendar, now is the first instant of it
        assert [one.amount_minor for one in moved.pending] == [-1900, 2500]
        assert TO in [item.price.price_id for item in moved.terms.items]
    moved = await services.subscriptions.get("acme", "psub_2")
    assert [(item.price.price_id, item.quantity) for item in moved.terms.items] == [("price_9", 1), (TO, 2)]


async def test_those_that_refuse_are_told_why_and_the_others_are_moved(services: SubscriptionServices) -> None:
    for id in ("psub_1", "psub_2", "psub_3", "psub_4", "psub_5"):
        await active(services, id)
    await services.subscriptions.update("psub_1", context(), lambda one: one.pause(None, context()))
    yearly = Terms(price=subscribed_price(price_id="price_9", interval=Interval(IntervalUnit.YEAR)), quantity=2)
    twice = Terms(price=TEAM, quantity=1, add_ons=(Item(price=subscribed_price(price_id=TO), quantity=1),))
    await services.subscriptions.update("psub_2", context(), lambda one: one.schedule_change(twice, context()))
    await services.subscriptions.update("psub_5", context(), lambda one: one.schedule_change(yearly, context()))
    await services.subscriptions.update("psub_3", context(), lambda one: one.schedule_cancellation(None, context()))
    await services.subscriptions.update("psub_4", context(), lambda one: one.cancel(None, context()))
    done = await walked(services, await started(services))
    assert (done.moved, done.refused) == (1, 3)
    assert [(one.plan_subscription_id, one.code) for one in done.refusals] == [
        ("psub_1", "INVALID_STATE"),
        ("psub_2", "INVALID_INPUT"),
        ("psub_3", "INVALID_STATE"),
    ]
    assert "PAUSED" in done.refusals[0].message
    assert "twice" in done.refusals[1].message
    # what had a change scheduled still has it
    assert [change.terms for change in (await services.subscriptions.get("acme", "psub_2")).schedule] == [twice]
    assert [change.terms for change in (await services.subscriptions.get("acme", "psub_5")).schedule] == [yearly]


OTHER = Terms(price=subscribed_price(price_id="price_9"), quantity=1)


async def scheduled(services: SubscriptionServices, id: str, subscribed: Terms, *phases: Terms) -> None:
    """Let it have one of the phases a month after the other, from the end of its period."""
    await active(services, id, subscribed)
    plan = [Phase(terms=terms, periods=1) for terms in phases[:-1]] + [Phase(terms=phases[-1])]
    await services.subscriptions.update(
        id, context(), lambda one: one.schedule_phases(plan, None, ScheduleEnding.RELEASE, context())
    )


async def shown(services: SubscriptionServices, id: str) -> list[tuple[str, list[str]]]:
    """Return the prices of its scheduled changes and their add-ons."""
    document = await services.reader.find("acme", id)
    assert document is not None
    return [(phase.price_id, [item.price_id for item in phase.add_ons]) for phase in document.phases]


@pytest.mark.parametrize("when", [ChangeTime.NOW, ChangeTime.PERIOD_END])
async def test_whoever_is_scheduled_to_come_to_the_old_price_comes_to_the_other(
    services: SubscriptionServices, when: ChangeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_migration, "BATCH", 2)
    team, added = Terms(price=TEAM, quantity=3), replace(OTHER, add_ons=(Item(price=TEAM, quantity=1),))
    await scheduled(services, "psub_1", OTHER, team)
    await scheduled(services, "psub_2", OTHER, replace(OTHER, quantity=2), added)
    await scheduled(services, "psub_3", team, OTHER, replace(team, quantity=9))
    await scheduled(services, "psub_4", OTHER, replace(OTHER, quantity=2))
    await scheduled(services, "psub_5", replace(team, quantity=1), team)
    done = await walked(services, await started(services, when=when))
    assert (done.moved, done.refused) == (4, 0)
    assert await shown(services, "psub_1") == [(TO, [])]
    assert await shown(services, "psub_2") == [("price_9", []), ("price_9", [TO])]
    assert await shown(services, "psub_3") == [("price_9", []), (TO, [])]
    assert await shown(services, "psub_4") == [("price_9", [])]
    assert await shown(services, "psub_5") == [(TO, [])]
    versions = [(await services.subscriptions.get("acme", f"psub_{number}")).version for number in range(1, 6)]
    assert versions == [3, 3, 3, 2, 3]  # one commit each
    assert (await walked(services, await started(services, when=when))).refused == 0


async def test_an_index_gives_each_kind_of_subscriber_in_the_order_of_ids(services: SubscriptionServices) -> None:
    indexes = await PlanSubscriptionDocument.get_pymongo_collection().index_information()
    found = [[name for name, _ in index["key"]] for index in indexes.values()]
    for alternative in subscriber_filter("acme", "price_1")["$or"]:
        same = [name for name, value in alternative.items() if isinstance(value, str)]
        assert [*same, "_id"] in found
    await scheduled(services, "psub_1", OTHER, Terms(price=TEAM, quantity=3))
    await active(services, "psub_2")
    await active(services, "psub_3", OTHER)
    await active(services, "psub_rival", tenant="rival")
    of_price = services.subscribers.of_price
    assert await of_price("acme", "price_1", 5, None) == ["psub_1", "psub_2"]
    assert await of_price("acme", "price_1", 5, "psub_1") == ["psub_2"]


@pytest.mark.parametrize("renewed", [True, False])
async def test_what_is_about_to_be_renewed_is_waited_for(
    services: SubscriptionServices, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, renewed: bool
) -> None:
    clock.at = AT + timedelta(days=28)  # the end of the period, January 31 to February 28
    await active(services, "psub_1")
    move = price_migration.move_subscriber

    async def renewed_after_the_first_attempt(*given: Any) -> Refusal | None:
        try:
            return await move(*given)
        except RenewalDue:
            if renewed:
                circumstances = context(at=clock.at)
                await services.subscriptions.update("psub_1", circumstances, lambda one: one.renew(clock.at))
            raise

    monkeypatch.setattr(price_migration, "move_subscriber", renewed_after_the_first_attempt)
    monkeypatch.setattr(price_migration, "RETRY_SECONDS", 0)
    done = await walked(services, await started(services))
    assert (done.moved, [one.code for one in done.refusals]) == ((1, []) if renewed else (0, ["INVALID_STATE"]))


async def test_another_interval_with_an_add_on_is_refused_one_by_one(services: SubscriptionServices) -> None:
    await active(services, "psub_1", Terms(price=TEAM, quantity=1, add_ons=(Item(price=_monthly("price_9"), quantity=1),)))
    await PriceReplica.find_one({"_id": TO}).update({"$set": {"interval_unit": "YEAR"}})
    done = await walked(services, await started(services))
    assert [(one.code, done.moved) for one in done.refusals] == [("INVALID_INPUT", 0)]


def _monthly(id: str) -> object:
    return subscribed_price(price_id=id, interval=Interval(IntervalUnit.MONTH))


async def test_each_is_counted_once_whatever_crashes(services: SubscriptionServices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_migration, "BATCH", 2)
    for number in range(5):
        await active(services, f"psub_{number}")
    migration = await started(services, when=ChangeTime.NOW)
    [found] = await services.subscribers.running_migrations(10)
    real, calls = price_migration.move_subscriber, 0

    async def crashing(*args: object) -> Refusal | None:
        nonlocal calls
        calls += 1
        outcome = await real(*args)  # type: ignore[arg-type]
        if calls % 3 == 0:  # it was moved, and nobody knows
            raise RuntimeError("the process dies")
        return outcome

    monkeypatch.setattr(price_migration, "move_subscriber", crashing)
    for _ in range(20):
        try:
            await PriceMigrationWalk(services).walk(found)
            break
        except ExceptionGroup as group:
            assert group.subgroup(RuntimeError) is not None
    done = await services.migrations.get("acme", migration.id)
    assert (done.status, done.moved, done.refused) == (MigrationStatus.COMPLETED, 5, 0)
    changed = [await services.subscriptions.get("acme", f"psub_{number}") for number in range(5)]
    assert {(one.terms.price.price_id, one.version) for one in changed} == {(TO, 2)}  # one change each


async def test_two_workers_at_once_move_each_once(services: SubscriptionServices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_migration, "BATCH", 3)
    for number in range(8):
        await active(services, f"psub_{number}")
    migration = await started(services)
    [found] = await services.subscribers.running_migrations(10)
    await asyncio.gather(*(PriceMigrationWalk(services).walk(found) for _ in range(2)))
    done = await services.migrations.get("acme", migration.id)
    assert (done.status, done.moved) == (MigrationStatus.COMPLETED, 8)
    assert {(await services.subscriptions.get("acme", f"psub_{number}")).version for number in range(8)} == {2}


async def test_the_worker_finds_it_and_stops_when_it_is_canceled(services: SubscriptionServices) -> None:
    await active(services, "psub_1")
    canceled = await started(services)
    await cancel_price_migration(services.migrations, canceled.id, context())
    await active(services, "psub_2")
    migration, stop = await started(services), asyncio.Event()
    running = asyncio.create_task(PriceMigrationWalk(services).run(stop))
    async with asyncio.timeout(10):
        while (await services.migrations.get("acme", migration.id)).status is MigrationStatus.RUNNING:
            await asyncio.sleep(0.02)
    stop.set()
    await running
    done = await services.migrations.get("acme", canceled.id)
    assert (done.status, done.moved) == (MigrationStatus.CANCELED, 0)
    again = await cancel_price_migration(services.migrations, canceled.id, context())
    assert again.version == done.version


async def test_what_cannot_be_a_migration_is_refused(services: SubscriptionServices) -> None:
    await PriceReplica.find_one({"_id": TO}).update({"$set": {"archived": True}})
    with pytest.raises(InvalidState) as archived:
        await started(services)
    assert archived.value.field == ("toPriceId",)
    await PriceReplica.find_one({"_id": TO}).update({"$set": {"archived": False, "currency": "USD"}})
    with pytest.raises(InvalidInput, match="USD"):
        await started(services)
    wanted = WantedMigration(from_price_id=TO, to_price_id=TO)
    with pytest.raises(InvalidInput, match="same"):
        await start_price_migration(services.migrations, services.known, wanted, context())
    wanted = WantedMigration(from_price_id="price_0", to_price_id=TO)
    with pytest.raises(NotFound) as unknown:
        await start_price_migration(services.migrations, services.known, wanted, context())
    assert unknown.value.field == ("fromPriceId",)
    assert await services.subscribers.running_migrations(10) == []


async def test_a_migration_that_cannot_go_on_does_not_hold_up_the_others(
    services: SubscriptionServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    await active(services, "psub_1")
    fine = await started(services)
    [found] = await services.subscribers.running_migrations(10)
    gone = RunningMigration(tenant="acme", id="mig_none")

    async def running(limit: int) -> list[RunningMigration]:
        return [gone, found]

    monkeypatch.setattr(services.subscribers, "running_migrations", running)
    await PriceMigrationWalk(services).walk_all()
    assert (await services.migrations.get("acme", fine.id)).status is MigrationStatus.COMPLETED
