"""Starting with a trial, and what its end does as the customer can pay or not."""

from datetime import timedelta

import pytest

from subgraphs.kit.domain.errors import InvalidInput, NotFound
from subgraphs.subscription.commands.pause_plan_subscription import pause_plan_subscription, resume_plan_subscription
from subgraphs.subscription.commands.set_trial_end import set_trial_end
from subgraphs.subscription.commands.start_plan_subscription import Trial, WantedStart, start_plan_subscription
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, TrialEnding
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import InMemorySubscriptions


async def trialing(
    subscriptions: InMemorySubscriptions, days: int = 14, ending: TrialEnding = TrialEnding.CANCEL
) -> PlanSubscription:
    return await start_plan_subscription(
        subscriptions.repository,
        subscriptions.facts,
        WantedStart(customer_id="cus_1", price_id="price_1", trial=Trial(days, ending)),
        context(),
        coupons=subscriptions.facts,
        redemptions=subscriptions.redemptions,
        claims=subscriptions.claims,
    )


@pytest.mark.parametrize("days", [0, -1, 731])
async def test_a_trial_out_of_range_is_refused(days: int) -> None:
    subscriptions = InMemorySubscriptions()
    with pytest.raises(InvalidInput) as refused:
        await trialing(subscriptions, days)
    assert refused.value.field == ("trial", "days")
    assert subscriptions.store.commits == {}


async def test_days_are_those_of_the_customers_calendar() -> None:
    subscriptions = InMemorySubscriptions()
    subscriptions.facts.add_customer(time_zone="Europe/Berlin")
    subscription = await trialing(subscriptions, 60)  # over the beginning of summer time: an hour earlier in UTC
    assert subscription.trial_end == AT + timedelta(days=60, hours=-1)


@pytest.mark.parametrize(
    ("payment_method_id", "status"),
    [("pm_1", PlanSubscriptionStatus.ACTIVE), (None, PlanSubscriptionStatus.CANCELED)],
)
async def test_its_end_depends_on_whether_the_customer_can_pay(
    payment_method_id: str | None, status: PlanSubscriptionStatus
) -> None:
    subscriptions = InMemorySubscriptions()
    subscription = await trialing(subscriptions)
    subscriptions.facts.add_customer(payment_method_id=payment_method_id)
    end = AT + timedelta(days=14)
    repository = subscriptions.repository
    assert not await subscriptions.renew(subscription.id, end - timedelta(seconds=1), context(at=end))
    assert await subscriptions.renew(subscription.id, end + timedelta(days=3), context(at=end))
    assert (await repository.get("acme", subscription.id)).status is status
    *_, last = await subscriptions.store.load("acme", "PlanSubscription", subscription.id)
    assert last.context.at == end


@pytest.mark.parametrize(
    ("payment_method_id", "status"),
    [("pm_1", PlanSubscriptionStatus.ACTIVE), (None, PlanSubscriptionStatus.CANCELED)],
)
async def test_it_ends_now_as_the_customer_can_pay(payment_method_id: str | None, status: PlanSubscriptionStatus) -> None:
    subscriptions = InMemorySubscriptions()
    id, at = (await trialing(subscriptions)).id, AT + timedelta(days=3)
    subscriptions.facts.add_customer(payment_method_id=payment_method_id)
    ended = await set_trial_end(subscriptions.repository, subscriptions.facts, id, None, context(at=at))
    assert (ended.status, ended.trial_end) == (status, at)
    assert len(await subscriptions.store.load("acme", "PlanSubscription", id)) == 2
    with pytest.raises(NotFound):
        await set_trial_end(subscriptions.repository, subscriptions.facts, "psub_9", None, context(at=at))


async def test_a_pause_is_ended_by_time_or_by_command() -> None:
    subscriptions = InMemorySubscriptions()
    subscription = await trialing(subscriptions)
    repository = subscriptions.repository
    until = AT + timedelta(days=3)
    await pause_plan_subscription(repository, subscription.id, until, context())
    assert await subscriptions.renew(subscription.id, until, context(at=until))
    assert (await repository.get("acme", subscription.id)).status is PlanSubscriptionStatus.TRIALING
    await pause_plan_subscription(repository, subscription.id, None, context(at=until))
    assert not await subscriptions.renew(subscription.id, AT + timedelta(days=99), context())
    resumed = await resume_plan_subscription(
        repository, subscriptions.metered, subscription.id, context(at=until + timedelta(days=1))
    )
    assert resumed.status is PlanSubscriptionStatus.TRIALING
