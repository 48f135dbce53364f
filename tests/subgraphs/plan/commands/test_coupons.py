"""Given a catalogue, when coupons and codes are made, then they are as asked or refused with the field at fault."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.errors import AlreadyExists, InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from subgraphs.kit.persistence.claims import InMemoryClaims
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.plan.commands.archive_coupon import archive_coupon
from subgraphs.plan.commands.create_coupon import create_coupon
from subgraphs.plan.commands.create_plan import create_plan
from subgraphs.plan.commands.create_product import create_product
from subgraphs.plan.commands.create_promotion_code import create_promotion_code
from subgraphs.plan.commands.deactivate_promotion_code import deactivate_promotion_code
from subgraphs.plan.domain.coupon import Coupon, CouponTerms
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.domain.product import Product
from subgraphs.plan.domain.promotion_code import PromotionCode
from subgraphs.plan.domain.values import State
from subgraphs.plan.published import publish
from subgraphs.pricing.discount import DiscountDuration
from tests.testkit.memory import AT, context, repository

QUARTER = CouponTerms(percent_off=Decimal(25), amount_off=None, duration=DiscountDuration.FOREVER)


class Catalogue:
    def __init__(self) -> None:
        self.store, self.claims = InMemoryEventStore(), InMemoryClaims()
        self.products, self.plans = repository(Product, self.store), repository(Plan, self.store)
        self.coupons, self.codes = repository(Coupon, self.store), repository(PromotionCode, self.store)

    async def coupon(self, terms: CouponTerms = QUARTER) -> Coupon:
        return await create_coupon(self.coupons, self.plans, "Launch", terms, context())

    async def code(self, coupon_id: str, code: str = "save-25", **more: Any) -> PromotionCode:
        limits = {"max_redemptions": None, "expires_at": None} | more
        return await create_promotion_code(self.codes, self.coupons, self.claims, coupon_id, code, context=context(), **limits)

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        commits: list[Commit] = list(self.store.commits.values())
        return [(event.type, event.data) for commit in commits for event in publish(commit)]


async def test_a_coupon_is_told_with_all_that_others_need() -> None:
    catalogue = Catalogue()
    coupon = await catalogue.coupon()
    terms = {"percentOff": "25", "amountOffMinor": None, "currency": None, "duration": "FOREVER", "periods": None, "planIds": ()}
    limits = {"maxRedemptions": None, "oncePerCustomer": False, "redeemBy": None}
    assert catalogue.told() == [("coupon-created.v1", {"couponId": coupon.id, "name": "Launch", **terms, **limits})]
    assert (await archive_coupon(catalogue.coupons, coupon.id, context())).state is State.ARCHIVED
    await archive_coupon(catalogue.coupons, coupon.id, context())
    assert catalogue.told()[1:] == [("coupon-archived.v1", {"couponId": coupon.id})]


async def test_once_is_one_billing_period_to_others() -> None:
    catalogue = Catalogue()
    await catalogue.coupon(replace(QUARTER, duration=DiscountDuration.ONCE))
    assert catalogue.told()[0][1]["periods"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"percent_off": None}, "percentOff"),
        ({"amount_off": Money(1, "EUR")}, "percentOff"),
        ({"percent_off": Decimal(0)}, "percentOff"),
        ({"percent_off": Decimal("100.01")}, "percentOff"),
        ({"percent_off": Decimal("NaN")}, "percentOff"),
        ({"percent_off": Decimal("1.00001")}, "percentOff"),
        ({"percent_off": None, "amount_off": Money(0, "EUR")}, "amountOff"),
        ({"periods": 3}, "periods"),
        ({"duration": DiscountDuration.REPEATING}, "periods"),
        ({"duration": DiscountDuration.REPEATING, "periods": 0}, "periods"),
        ({"plan_ids": ("plan_1", "plan_1")}, "planIds"),
        ({"max_redemptions": 0}, "maxRedemptions"),
        ({"redeem_by": AT}, "redeemBy"),
    ],
)
async def test_terms_out_of_range_are_refused(change: dict[str, Any], field: str) -> None:
    catalogue = Catalogue()
    with pytest.raises(InvalidInput) as refused:
        await catalogue.coupon(replace(QUARTER, **change))
    assert refused.value.field == (field,)
    assert catalogue.store.commits == {}


async def test_it_is_limited_to_plans_that_exist() -> None:
    catalogue = Catalogue()
    product = await create_product(catalogue.products, catalogue.claims, "Analytics", None, context())
    plan = await create_plan(catalogue.plans, catalogue.products, catalogue.claims, product.id, "team", "Team", None, context())
    assert (await catalogue.coupon(replace(QUARTER, plan_ids=(plan.id,)))).created.terms.plan_ids == (plan.id,)
    with pytest.raises(NotFound) as refused:
        await catalogue.coupon(replace(QUARTER, plan_ids=(plan.id, "plan_9")))
    assert refused.value.field == ("planIds", "1")


async def test_a_code_is_unique_whatever_its_case() -> None:
    catalogue = Catalogue()
    coupon = await catalogue.coupon()
    code = await catalogue.code(coupon.id, " Save-25 ")
    assert code.created.code == "SAVE-25"
    with pytest.raises(AlreadyExists) as refused:
        await catalogue.code(coupon.id, "SAVE-25")
    assert refused.value.field == ("code",)
    await deactivate_promotion_code(catalogue.codes, code.id, context())
    again = await deactivate_promotion_code(catalogue.codes, code.id, context())
    assert again.active is False
    limits = {"maxRedemptions": None, "expiresAt": None}
    assert catalogue.told()[1:] == [
        ("promotion-code-created.v1", {"promotionCodeId": code.id, "couponId": coupon.id, "code": "SAVE-25", **limits}),
        ("promotion-code-deactivated.v1", {"promotionCodeId": code.id}),
    ]


@pytest.mark.parametrize("code", ["", "-A", "A-", "A B", "ÄRGER", "x" * 51])
async def test_a_malformed_code_is_refused(code: str) -> None:
    catalogue = Catalogue()
    coupon = await catalogue.coupon()
    with pytest.raises(InvalidInput) as refused:
        await catalogue.code(coupon.id, code)
    assert refused.value.field == ("code",)


async def test_limits_of_a_code_and_the_state_of_its_coupon_are_checked() -> None:
    catalogue = Catalogue()
    coupon = await catalogue.coupon()
    for limits, field in (({"max_redemptions": 0}, "maxRedemptions"), ({"expires_at": AT - timedelta(1)}, "expiresAt")):
        with pytest.raises(InvalidInput) as refused:
            await catalogue.code(coupon.id, **limits)
        assert refused.value.field == (field,)
    with pytest.raises(NotFound):
        await catalogue.code("cou_9")
    await archive_coupon(catalogue.coupons, coupon.id, context())
    with pytest.raises(InvalidState):
        await catalogue.code(coupon.id)
