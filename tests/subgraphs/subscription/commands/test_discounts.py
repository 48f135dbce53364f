"""Coupons and promotion codes: who is given a discount, how often, and why not."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from subgraphs.kit.domain.errors import DomainError, InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.places import Place
from subgraphs.subscription.commands.change_discounts import add_discount, remove_discount
from subgraphs.subscription.commands.redeem_coupon import WantedDiscount
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import InMemorySubscriptions

COUPON, CODE = WantedDiscount(coupon_id="cou_1"), WantedDiscount(promotion_code="save")


@pytest.fixture
def subscriptions() -> InMemorySubscriptions:
    made = InMemorySubscriptions()
    made.facts.add_coupon()
    made.facts.add_promotion_code()
    return made


async def add(
    subscriptions: InMemorySubscriptions, id: str, wanted: WantedDiscount, at: datetime = AT, write: str | None = None
) -> PlanSubscription:
    facts, redemptions = subscriptions.facts, subscriptions.redemptions
    return await add_discount(subscriptions.repository, facts, redemptions, id, wanted, replace(context(at=at), write=write))


async def renewed(subscriptions: InMemorySubscriptions, id: str) -> datetime:
    """Pay the period and renew the subscription when it ends; return when that is."""
    subscription = await subscriptions.repository.get("acme", id)
    at = subscription.period.end
    await subscriptions.repository.update(
        id, context(), lambda current: current.period_paid(current.period_number, context(at=current.period.start))
    )
    await subscriptions.renew(id, at, context(at=at))
    return at


async def billed(subscriptions: InMemorySubscriptions, id: str) -> list[int]:
    return [bill.total.minor_units for event in await subscriptions.events(id) if (bill := bill_of(event)) is not None]


@pytest.mark.parametrize(("wanted", "code"), [(COUPON, None), (CODE, "promo_SAVE")])
async def test_a_start_is_given_the_discount_of_a_coupon_or_code(
    subscriptions: InMemorySubscriptions, wanted: WantedDiscount, code: str | None
) -> None:
    subscription = await subscriptions.start(discount=wanted)
    [discount] = subscription.discounts
    assert (discount.name, str(discount.reduction), discount.promotion_code_id) == ("Launch", "25 %", code)
    assert subscription.discount_uses == {discount.id: 1}


async def test_it_is_added_and_removed_later(subscriptions: InMemorySubscriptions) -> None:
    id = (await subscriptions.start()).id
    [discount] = (await add(subscriptions, id, CODE)).active_discounts
    assert (await remove_discount(subscriptions.repository, id, discount.id, context())).active_discounts == ()


@pytest.mark.parametrize(
    ("wanted", "change", "error", "field", "message"),
    [
        (WantedDiscount(), {}, InvalidInput, "couponId", "name either a coupon or a promotion code"),
        (WantedDiscount("cou_1", "SAVE"), {}, InvalidInput, "couponId", "name either a coupon or a promotion code"),
        (WantedDiscount("cou_9"), {}, NotFound, "couponId", "cou_9"),
        (WantedDiscount(promotion_code="nope"), {}, NotFound, "promotionCode", "nope"),
        (COUPON, {"archived": True}, InvalidState, "couponId", "is archived and not given any more"),
        (CODE, {"archived": True}, InvalidState, "promotionCode", "is archived and not given any more"),
        (COUPON, {"redeem_by": AT}, InvalidState, "couponId", "was given until 2026-01-31"),
        (
            COUPON,
            {"percent_off": None, "amount_off_minor": 500, "currency": "USD"},
            InvalidInput,
            "couponId",
            "takes off 5.00 USD, the subscription is in EUR",
        ),
    ],
)
async def test_what_cannot_be_redeemed_is_refused(
    subscriptions: InMemorySubscriptions,
    wanted: WantedDiscount,
    change: dict[str, Any],
    error: type[DomainError],
    field: str,
    message: str,
) -> None:
    subscriptions.facts.add_coupon(**change)
    with pytest.raises(error, match=message) as refused:
        await subscriptions.start(discount=wanted)
    assert refused.value.field == (field,)
    assert subscriptions.store.commits == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [({"deactivated": True}, "'SAVE' is not accepted any more"), ({"expires_at": AT}, "'SAVE' expired on 2026-01-31")],
)
async def test_a_code_that_is_not_accepted_any_more(
    subscriptions: InMemorySubscriptions, change: dict[str, Any], message: str
) -> None:
    subscriptions.facts.add_promotion_code(**change)
    with pytest.raises(InvalidState, match=message):
        await subscriptions.start(discount=CODE)


async def test_the_first_ones_get_it_as_often_as_it_is_given_and_a_refused_start_uses_nothing_up(
    subscriptions: InMemorySubscriptions,
) -> None:
    subscriptions.facts.add_coupon(max_redemptions=2)
    with pytest.raises(InvalidInput):
        await subscriptions.start(discount=COUPON, quantity=0)
    for _ in range(2):
        await subscriptions.start(discount=COUPON)
    with pytest.raises(InvalidState, match="redeemed 2 times, as often as it can be"):
        await subscriptions.start(discount=COUPON)


async def test_a_code_has_a_limit_of_its_own(subscriptions: InMemorySubscriptions) -> None:
    subscriptions.facts.add_promotion_code(max_redemptions=1)
    await subscriptions.start(discount=CODE)
    with pytest.raises(InvalidState, match="the promotion code was redeemed 1 times"):
        await subscriptions.start(discount=CODE)
    await subscriptions.start(discount=COUPON)


async def test_a_customer_gets_it_once_where_it_says_so(subscriptions: InMemorySubscriptions) -> None:
    subscriptions.facts.add_coupon(once_per_customer=True)
    await subscriptions.start(discount=COUPON)
    with pytest.raises(InvalidState, match="customer 'cus_1' was given coupon 'cou_1' before"):
        await subscriptions.start(discount=COUPON)


async def test_a_subscription_is_given_once_what_a_customer_gets_once(subscriptions: InMemorySubscriptions) -> None:
    subscriptions.facts.add_coupon(percent_off="100", periods=1, once_per_customer=True, max_redemptions=1)
    id = (await subscriptions.start(discount=COUPON)).id
    for _ in range(3):
        at = await renewed(subscriptions, id)
        with pytest.raises(
            InvalidState, match="customer 'cus_1' was given coupon 'cou_1' before, and it is given once"
        ) as refused:
            await add(subscriptions, id, COUPON, at)
        assert refused.value.field == ("couponId",)
    # 19.00 − 19.00 (100 %), then 19.00 each month
    assert await billed(subscriptions, id) == [0, 1900, 1900, 1900]


async def test_removing_a_discount_does_not_make_the_coupon_new_to_the_customer(subscriptions: InMemorySubscriptions) -> None:
    subscriptions.facts.add_coupon(once_per_customer=True)
    subscription = await subscriptions.start(discount=COUPON)
    await remove_discount(subscriptions.repository, subscription.id, subscription.discounts[0].id, context())
    with pytest.raises(InvalidState, match="once per customer"):
        await add(subscriptions, subscription.id, CODE)


async def test_a_coupon_that_is_given_again_is_redeemed_again(subscriptions: InMemorySubscriptions) -> None:
    subscriptions.facts.add_coupon(percent_off="100", periods=1, max_redemptions=2)
    id = (await subscriptions.start(discount=COUPON)).id
    await add(subscriptions, id, COUPON, await renewed(subscriptions, id))
    at = await renewed(subscriptions, id)
    with pytest.raises(InvalidState, match="the coupon was redeemed 2 times, as often as it can be"):
        await add(subscriptions, id, COUPON, at)
    await renewed(subscriptions, id)
    # free by the first redemption, 19.00, free by the second, 19.00
    assert await billed(subscriptions, id) == [0, 1900, 0, 1900]


async def test_a_request_that_is_repeated_redeems_once(subscriptions: InMemorySubscriptions) -> None:
    subscriptions.facts.add_coupon(once_per_customer=True, max_redemptions=1)
    id = (await subscriptions.start()).id
    for _ in range(2):
        given = await add(subscriptions, id, COUPON, write="planSubscriptionDiscountAdd/once")
    assert len(given.discounts) == 1 and given.times_given("cou_1") == 1


async def test_what_is_refused_uses_up_neither_coupon_nor_code(subscriptions: InMemorySubscriptions) -> None:
    facts, taken = subscriptions.facts, subscriptions.redemptions.taken
    facts.add_coupon(max_redemptions=3)
    facts.add_promotion_code("ONE", max_redemptions=1)
    facts.add_promotion_code("MORE", max_redemptions=5)
    await subscriptions.start(discount=WantedDiscount(promotion_code="ONE"))
    for _ in range(5):
        with pytest.raises(InvalidState, match="the promotion code was redeemed 1 times"):
            await subscriptions.start(discount=WantedDiscount(promotion_code="ONE"))
    assert (taken("acme", "cou_1"), taken("acme", "promo_ONE")) == ([1], [1])
    for _ in range(2):  # 3 − 1 are left of the coupon
        await subscriptions.start(discount=WantedDiscount(promotion_code="MORE"))
    for _ in range(5):
        with pytest.raises(InvalidState, match="the coupon was redeemed 3 times"):
            await subscriptions.start(discount=WantedDiscount(promotion_code="MORE"))
    assert (taken("acme", "cou_1"), taken("acme", "promo_MORE")) == ([1, 2, 3], [1, 2])


async def test_what_is_refused_does_not_count_as_given_to_the_customer(subscriptions: InMemorySubscriptions) -> None:
    facts = subscriptions.facts
    facts.add_coupon(once_per_customer=True)
    facts.add_promotion_code("ONE", max_redemptions=1)
    facts.add_customer("cus_2")
    other = (await subscriptions.start(customer_id="cus_2", discount=WantedDiscount(promotion_code="ONE"))).customer_id
    with pytest.raises(InvalidState, match="the promotion code was redeemed 1 times"):
        await subscriptions.start(discount=WantedDiscount(promotion_code="ONE"))
    assert (await subscriptions.start(discount=COUPON)).times_given("cou_1") == 1
    assert other == "cus_2"


async def test_one_that_ends_meanwhile_uses_nothing_up(subscriptions: InMemorySubscriptions) -> None:
    subscriptions.facts.add_coupon(max_redemptions=1, once_per_customer=True)
    id = (await subscriptions.start()).id
    take = subscriptions.redemptions.take

    async def take_late(tenant: str, series: str, owner: str) -> Place:
        await subscriptions.repository.update(id, context(), lambda current: current.cancel(None, context()))
        return await take(tenant, series, owner)

    subscriptions.redemptions.take = take_late  # type: ignore[method-assign]
    with pytest.raises(InvalidState, match="CANCELED, which is final"):
        await add(subscriptions, id, COUPON)
    subscriptions.redemptions.take = take  # type: ignore[method-assign]
    assert (await subscriptions.start(discount=COUPON)).times_given("cou_1") == 1


async def test_what_was_redeemed_before_a_crash_is_redeemed_by_the_next_request(subscriptions: InMemorySubscriptions) -> None:
    subscriptions.facts.add_coupon(max_redemptions=1)
    id = (await subscriptions.start()).id
    await subscriptions.redemptions.take("acme", "cou_1", f"cou_1:{id}")  # and then the process ends
    with pytest.raises(InvalidState, match="redeemed 1 times"):
        await subscriptions.start(discount=COUPON)
    assert (await add(subscriptions, id, COUPON)).times_given("cou_1") == 1


async def test_two_requests_at_once_redeem_once(subscriptions: InMemorySubscriptions) -> None:
    subscriptions.facts.add_coupon(max_redemptions=2)
    id = (await subscriptions.start()).id
    found = await asyncio.gather(*(add(subscriptions, id, wanted) for wanted in (COUPON, CODE)), return_exceptions=True)
    assert sum(isinstance(one, InvalidState) for one in found) == 1
    assert subscriptions.redemptions.taken("acme", "cou_1") == [1]


async def test_terms_of_a_coupon_are_kept_as_they_were(subscriptions: InMemorySubscriptions) -> None:
    subscriptions.facts.add_coupon(percent_off=None, amount_off_minor=500, currency="EUR", periods=3, plan_ids=["plan_1"])
    [discount] = (await subscriptions.start(discount=COUPON)).discounts
    assert (discount.amount_off, discount.periods, discount.plan_ids) == (Money(500, "EUR"), 3, ("plan_1",))
    assert discount.added_at - AT == timedelta(0)
