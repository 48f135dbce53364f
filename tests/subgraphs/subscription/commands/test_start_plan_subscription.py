"""Given what is known, when a subscription is started, then events."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.errors import AlreadyExists, DomainError, InvalidInput, InvalidState, NotFound
from subgraphs.pricing.charge import ChargeDetails, Tier
from subgraphs.subscription.commands.pause_plan_subscription import resume_plan_subscription
from subgraphs.subscription.commands.redeem_coupon import WantedDiscount
from subgraphs.subscription.commands.start_plan_subscription import Trial
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.values import Pause
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import TEAM, InMemorySubscriptions


async def test_a_customer_subscribes_from_now_on_at_the_price_as_it_is() -> None:
    subscriptions = InMemorySubscriptions()
    subscription = await subscriptions.start(quantity=3)
    first, second = await subscriptions.events(subscription.id)
    assert first == events.PlanSubscriptionStarted(customer_id="cus_1", price=TEAM, quantity=3, time_zone="UTC", anchor=AT)
    assert isinstance(second, events.BillingPeriodOpened)
    assert (subscription.version, subscription.id[:5]) == (1, "psub_")


async def test_the_customers_time_zone_counts() -> None:
    subscriptions = InMemorySubscriptions()
    subscriptions.facts.add_customer(time_zone="Asia/Tokyo")
    assert (await subscriptions.start()).started.time_zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        (lambda facts: facts.customers.clear(), NotFound, ("customerId",)),
        (lambda facts: facts.add_customer(currency=None), NotFound, ("customerId",)),
        (lambda facts: facts.add_customer(tenant="other"), NotFound, ("customerId",)),
        (lambda facts: facts.add_customer(archived=True), InvalidState, ("customerId",)),
        (lambda facts: facts.add_customer(currency="USD"), InvalidInput, ("priceId",)),
        (lambda facts: facts.prices.clear(), NotFound, ("priceId",)),
        (lambda facts: facts.add_price(plan_id=None), NotFound, ("priceId",)),
        (lambda facts: facts.add_price(tenant="other"), NotFound, ("priceId",)),
        (lambda facts: facts.add_price(archived=True), InvalidState, ("priceId",)),
        (lambda facts: facts.add_plan(archived=True), InvalidState, ("priceId",)),
    ],
)
async def test_what_cannot_be_subscribed_is_refused(change: object, error: type[DomainError], field: tuple[str, ...]) -> None:
    subscriptions = InMemorySubscriptions()
    change(subscriptions.facts)  # type: ignore[operator]
    with pytest.raises(error) as refused:
        await subscriptions.start()
    assert refused.value.field == field
    assert subscriptions.store.commits == {}


async def test_a_plan_that_has_not_been_told_of_yet_does_not_hold_up_a_start() -> None:
    subscriptions = InMemorySubscriptions()
    subscriptions.facts.plans.clear()
    assert (await subscriptions.start()).started.price.plan_name == "Team"


async def test_a_bad_quantity_saves_nothing() -> None:
    subscriptions = InMemorySubscriptions()
    with pytest.raises(InvalidInput) as refused:
        await subscriptions.start(quantity=0)
    assert refused.value.field == ("quantity",)
    assert subscriptions.store.commits == {}


async def test_a_price_in_tiers_is_subscribed_with_its_tiers() -> None:
    subscriptions = InMemorySubscriptions()
    details = {"tiers": [{"upTo": "5", "unitAmount": "7"}, {"unitAmount": "6.5", "flatAmountMinor": 1000}]}
    subscriptions.facts.add_price(model="GRADUATED", flat_amount_minor=None, details=details)
    subscription = await subscriptions.start(quantity=6)
    assert subscription.started.price.details == ChargeDetails(
        tiers=(
            Tier(up_to=Decimal(5), unit_amount=Decimal(7)),
            Tier(unit_amount=Decimal("6.5"), flat_amount_minor=1000),
        )
    )
    replayed = await subscriptions.repository.get("acme", subscription.id)
    assert replayed.started == subscription.started


@pytest.mark.parametrize("model", ["PERCENTAGE", "GRADUATED_PERCENTAGE"])
async def test_a_price_of_transactions_cannot_be_subscribed_to_by_quantity(model: str) -> None:
    subscriptions = InMemorySubscriptions()
    subscriptions.facts.add_price(model=model, flat_amount_minor=None)
    with pytest.raises(InvalidInput, match="bills transactions") as refused:
        await subscriptions.start()
    assert refused.value.field == ("priceId",)


async def test_a_start_in_the_past_or_later_keeps_its_bounds() -> None:
    subscriptions = InMemorySubscriptions()
    backdated = await subscriptions.start(starts_at=AT - timedelta(days=40), billing_day=1)
    assert (backdated.started_at, backdated.status.value) == (AT - timedelta(days=40), "PENDING")
    assert (await subscriptions.start(starts_at=AT + timedelta(days=40))).status.value == "SCHEDULED"
    for wrong, field in (
        ({"starts_at": AT - timedelta(days=367)}, ("startsAt",)),
        ({"starts_at": AT + timedelta(days=1827)}, ("startsAt",)),
        ({"starts_at": AT + timedelta(days=1), "trial": Trial(14)}, ("trial",)),
        ({"billing_day": 32}, ("billingDay",)),
    ):
        with pytest.raises(InvalidInput) as refused:
            await subscriptions.start(**wrong)
        assert refused.value.field == field


async def test_a_subscription_is_taken_over_with_all_that_it_had() -> None:
    subscriptions = InMemorySubscriptions()
    anchor, through = AT - timedelta(days=2_000), AT + timedelta(days=2)
    taken = await subscriptions.start(
        starts_at=anchor,
        billing_anchor=through,
        paid_through=through,
        cancel_at=through,
        pause=Pause(AT + timedelta(days=1)),
        external_id="sub_1",
    )
    assert [type(event).__name__ for event in await subscriptions.events(taken.id)] == [
        "PlanSubscriptionStarted",
        "BillingPeriodTakenOver",
        "PlanSubscriptionActivated",
        "CancellationScheduled",
        "PlanSubscriptionPaused",
    ]
    assert (taken.started_at, taken.anchor, taken.period.end, taken.started.external_id) == (anchor, through, through, "sub_1")


async def test_what_was_paused_long_ago_is_taken_over_and_billed_from_when_it_goes_on() -> None:
    subscriptions = InMemorySubscriptions()
    began = AT - timedelta(days=800)
    taken = await subscriptions.start(starts_at=began, billing_anchor=began, paid_through=AT - timedelta(days=770), pause=Pause())
    assert (taken.status.value, taken.due_at) == ("PAUSED", None)
    resumed = await resume_plan_subscription(subscriptions.repository, subscriptions.metered, taken.id, context())
    assert (resumed.status.value, resumed.period.start) == ("ACTIVE", AT)


async def test_an_external_id_is_given_once() -> None:
    subscriptions = InMemorySubscriptions()
    subscriptions.facts.add_coupon(max_redemptions=2)
    first = await subscriptions.start(external_id="sub_1", discount=WantedDiscount("cou_1", None))
    with pytest.raises(AlreadyExists, match=first.id) as refused:
        await subscriptions.start(external_id="sub_1", discount=WantedDiscount("cou_1", None))
    assert refused.value.field == ("externalId",)
    # the refused start used up no redemption
    await subscriptions.start(external_id="sub_2", discount=WantedDiscount("cou_1", None))


async def test_an_external_id_that_a_start_left_behind_is_taken_up() -> None:
    subscriptions = InMemorySubscriptions()
    await subscriptions.claims.claim("acme", "external_id", "sub_1", "psub_lost")
    assert (await subscriptions.start(external_id="sub_1")).id == "psub_lost"
    with pytest.raises(AlreadyExists):
        await subscriptions.start(external_id="sub_1")


async def test_a_trial_can_have_an_end() -> None:
    subscriptions = InMemorySubscriptions()
    end = AT + timedelta(days=3, hours=5)
    trial = await subscriptions.start(trial=Trial(ends_at=end), starts_at=AT - timedelta(days=400))
    assert (trial.trial_end, trial.anchor, trial.status.value) == (end, end, "TRIALING")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"trial": Trial(7, ends_at=AT + timedelta(days=7))}, ("trial", "endsAt")),
        ({"trial": Trial(ends_at=AT)}, ("trial", "endsAt")),
        ({"trial": Trial(ends_at=AT + timedelta(days=731))}, ("trial", "endsAt")),
        ({"trial": Trial()}, ("trial", "days")),
        ({"billing_day": 1, "billing_anchor": AT}, ("billingAnchor",)),
        ({"billing_anchor": AT - timedelta(days=36_526)}, ("billingAnchor",)),
        ({"billing_anchor": AT + timedelta(days=1_827)}, ("billingAnchor",)),
        ({"starts_at": AT - timedelta(days=800), "paid_through": AT - timedelta(days=367)}, ("paidThrough",)),
        ({"starts_at": AT - timedelta(days=36_526), "paid_through": AT}, ("startsAt",)),
        ({"starts_at": AT - timedelta(days=367), "trial": Trial(ends_at=AT - timedelta(days=367))}, ("startsAt",)),
    ],
)
async def test_what_is_told_of_another_system_keeps_its_bounds(wrong: dict[str, Any], field: tuple[str, ...]) -> None:
    subscriptions = InMemorySubscriptions()
    with pytest.raises(InvalidInput) as refused:
        await subscriptions.start(**wrong)
    assert (refused.value.field, subscriptions.store.commits, subscriptions.claims.owners) == (field, {}, {})
