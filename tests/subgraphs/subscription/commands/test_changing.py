"""Canceling, settling and renewing: what is saved, and what a repetition does."""

import asyncio
from datetime import timedelta

import pytest

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidState, NotFound
from subgraphs.subscription.commands.cancel_plan_subscription import (
    WantedCancellation,
    cancel_plan_subscription,
    undo_cancellation,
)
from subgraphs.subscription.commands.settle_payment import note_payment_failed, note_period_paid
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import CancellationTime, PlanSubscriptionStatus
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import InMemorySubscriptions

WITH_THE_PERIOD = WantedCancellation(when=CancellationTime.PERIOD_END)


async def cancel(
    subscriptions: InMemorySubscriptions, id: str, wanted: WantedCancellation, context: CommandContext
) -> PlanSubscription:
    return await cancel_plan_subscription(subscriptions.repository, subscriptions.metered, id, wanted, context)


async def activated() -> tuple[InMemorySubscriptions, str]:
    subscriptions = InMemorySubscriptions()
    subscription = await subscriptions.start()
    await note_period_paid(subscriptions.repository, subscription.id, 0, context())
    return subscriptions, subscription.id


async def test_canceling_twice_is_saved_once() -> None:
    subscriptions, id = await activated()
    first = await cancel(subscriptions, id, WantedCancellation(reason="moved"), context())
    again = await cancel(subscriptions, id, WantedCancellation(reason="other"), context(at=AT + timedelta(days=1)))
    assert (first.version, again.version, again.cancellation_reason, again.canceled_at) == (3, 3, "moved", AT)


async def test_a_cancellation_with_the_period_can_be_undone_until_it_ends() -> None:
    subscriptions, id = await activated()
    scheduled = await cancel(subscriptions, id, WITH_THE_PERIOD, context())
    assert (scheduled.status, scheduled.cancel_at) == (PlanSubscriptionStatus.ACTIVE, scheduled.period.end)
    assert (await undo_cancellation(subscriptions.repository, id, context())).cancel_at is None
    await cancel(subscriptions, id, WITH_THE_PERIOD, context())
    await subscriptions.renew(id, scheduled.period.end, context())
    with pytest.raises(InvalidState):
        await undo_cancellation(subscriptions.repository, id, context())


async def test_a_subscription_of_another_tenant_does_not_exist() -> None:
    subscriptions, id = await activated()
    before = dict(subscriptions.store.commits)
    rival = context(tenant="rival")
    for attempt in (
        cancel(subscriptions, id, WantedCancellation(), rival),
        cancel(subscriptions, id, WITH_THE_PERIOD, rival),
        undo_cancellation(subscriptions.repository, id, rival),
        note_period_paid(subscriptions.repository, id, 0, rival),
        note_payment_failed(subscriptions.repository, id, 0, "code", rival),
        subscriptions.renew(id, AT + timedelta(days=99), rival),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert subscriptions.store.commits == before


async def test_a_late_renewal_happens_at_the_end_of_the_period_it_follows() -> None:
    subscriptions, id = await activated()
    end = (await subscriptions.repository.get("acme", id)).period.end
    now = AT + timedelta(days=100)
    assert await subscriptions.renew(id, now, context(at=now))
    *_, last = await subscriptions.store.load("acme", "PlanSubscription", id)
    assert last.context.at == end


async def test_late_renewals_catch_up_in_order_and_then_stop() -> None:
    subscriptions, id = await activated()
    now = AT + timedelta(days=100)  # May 11: the periods from February 28, March 31 and April 30 are due
    done = [await subscriptions.renew(id, now, context(at=now)) for _ in range(5)]
    assert [renewed.period_number if renewed else None for renewed in done] == [1, 2, 3, None, None]
    opened = [event for event in await subscriptions.events(id) if isinstance(event, events.BillingPeriodOpened)]
    assert [(event.number, event.start.date().isoformat()) for event in opened] == [
        (0, "2026-01-31"),
        (1, "2026-02-28"),
        (2, "2026-03-31"),
        (3, "2026-04-30"),
    ]


async def test_many_workers_renew_a_period_once() -> None:
    subscriptions, id = await activated()
    now = (await subscriptions.repository.get("acme", id)).period.end
    await asyncio.gather(*(subscriptions.renew(id, now, context(at=now)) for _ in range(8)))
    opened = [event for event in await subscriptions.events(id) if isinstance(event, events.BillingPeriodOpened)]
    assert [event.number for event in opened] == [0, 1]
