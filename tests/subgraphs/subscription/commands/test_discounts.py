"""Coupons and promotion codes: who is given a discount, how often, and why not."""

from datetime import timedelta
from typing import Any

import pytest

from subgraphs.kit.domain.errors import DomainError, InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from subgraphs.subscription.commands.change_discounts import add_discount, remove_discount
from subgraphs.subscription.commands.redeem_coupon import WantedDiscount
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


async def add(subscriptions: InMemorySubscriptions, id: str, wanted: WantedDiscount) -> PlanSubscription:
    facts, redemptions = subscriptions.facts, subscriptions.redemptions
    return await add_discount(subscriptions.repository, facts, redemptions, id, wanted, context())


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


async def test_terms_of_a_coupon_are_kept_as_they_were(subscriptions: InMemorySubscriptions) -> None:
    subscriptions.facts.add_coupon(percent_off=None, amount_off_minor=500, currency="EUR", periods=3, plan_ids=["plan_1"])
    [discount] = (await subscriptions.start(discount=COUPON)).discounts
    assert (discount.amount_off, discount.periods, discount.plan_ids) == (Money(500, "EUR"), 3, ("plan_1",))
    assert discount.added_at - AT == timedelta(0)
