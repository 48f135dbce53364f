"""Discounts on what a plan subscription is billed with, to the cent, and how long they last."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from subgraphs.pricing.charge import ChargeDetails
from subgraphs.pricing.proration import Share
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.billed import Bill, bill_of
from subgraphs.subscription.domain.discounts import taken_off
from subgraphs.subscription.domain.plan_subscription import MOST_DISCOUNTS, PlanSubscription
from subgraphs.subscription.domain.values import Discount, Item, ProrationBehavior, Terms
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

APRIL, MAY, JUNE = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 5, 6))
HALF = datetime(2026, 4, 16, tzinfo=UTC)


def discount(id: str = "dis_1", percent: str | None = "25", amount: int | None = None, **more: Any) -> Discount:
    fields: dict[str, Any] = {
        "id": id,
        "coupon_id": f"cou_{id}",
        "promotion_code_id": None,
        "name": "Launch",
        "percent_off": None if percent is None or amount else Decimal(percent),
        "amount_off": Money(amount, "EUR") if amount else None,
        "periods": None,
        "plan_ids": (),
        "added_at": APRIL,
    }
    return Discount(**(fields | more))


def item(id: str, minor: int, quantity: int = 1) -> Item:
    return Item(
        price=subscribed_price(price_id=id, plan_id=f"plan_{id}", plan_name=id, flat_amount_minor=minor), quantity=quantity
    )


TEAM, BACKUPS = item("Team", 2000), item("Backups", 1000)
TERMS = Terms(price=TEAM.price, quantity=1, add_ons=(BACKUPS,))


def active(*discounts: Discount, terms: Terms = TERMS) -> PlanSubscription:
    first = discounts[0] if discounts else None
    subscription = PlanSubscription.start("psub_1", "cus_1", terms, "UTC", context(at=APRIL), discount=first)
    for one in discounts[1:]:
        subscription.add_discount(one)
    subscription.period_paid(0, context(at=APRIL))
    return subscription


def bills(subscription: PlanSubscription) -> list[Bill]:
    return [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]


def shown(bill: Bill) -> list[tuple[str, int]]:
    return [(line.description, line.amount.minor_units) for line in bill.lines]


def test_a_percentage_is_off_every_item_and_is_explained() -> None:
    [bill] = bills(active(discount()))
    assert shown(bill) == [("Team", 1500), ("Backups", 750)]
    assert bill.lines[0].explanation == "20.00 EUR flat − 5.00 EUR (Launch, 25 %)"


def test_a_discount_of_one_period_is_off_the_first_period_billed_in_arrears() -> None:
    arrears = replace(TEAM.price, details=ChargeDetails(in_arrears=True))
    subscription = active(discount(periods=1), terms=Terms(price=arrears, quantity=1))
    assert [one.id for one in subscription.active_discounts] == ["dis_1"]
    subscription.renew(MAY)
    subscription.renew(JUNE)
    assert [bill.total.minor_units for bill in bills(subscription)] == [0, 1500, 2000]  # 20.00 − 25 %, and 20.00


def test_an_amount_is_off_all_items_together() -> None:
    [bill] = bills(active(discount(amount=500)))
    # 5.00 in proportion to 20.00 and 10.00: 3.33 and 1.67
    assert shown(bill) == [("Team", 1667), ("Backups", 833)]


def test_one_that_is_limited_to_a_plan_comes_first() -> None:
    subscription = active()
    subscription.add_discount(discount("dis_1", amount=900))
    subscription.add_discount(discount("dis_2", "50", plan_ids=("plan_Backups",)))
    subscription.saved(APRIL)
    subscription.renew(MAY)
    [bill] = bills(subscription)
    # Backups: 10.00 − 5.00; then 9.00 over 20.00 and 5.00: 7.20 and 1.80
    assert shown(bill) == [("Team", 1280), ("Backups", 320)]


@pytest.mark.parametrize(("periods", "amounts"), [(1, [1500, 2000, 2000]), (2, [1500, 1500, 2000]), (None, [1500, 1500, 1500])])
def test_it_lasts_as_many_billing_periods_as_the_coupon_says(periods: int | None, amounts: list[int]) -> None:
    subscription = active(discount(periods=periods), terms=Terms(price=TEAM.price, quantity=1))
    subscription.renew(MAY)
    subscription.renew(JUNE)
    assert [bill.total.minor_units for bill in bills(subscription)] == amounts


def test_a_trial_uses_nothing_up() -> None:
    terms = Terms(price=TEAM.price, quantity=1)
    once = discount(periods=1)
    subscription = PlanSubscription.start("psub_1", "cus_1", terms, "UTC", context(at=APRIL), trial_end=MAY, discount=once)
    assert bills(subscription) == []
    subscription.renew(MAY)
    assert [bill.total.minor_units for bill in bills(subscription)] == [1500]
    assert subscription.active_discounts == ()


def test_a_pause_uses_nothing_up() -> None:
    subscription = active(discount(periods=3), terms=Terms(price=TEAM.price, quantity=1))
    subscription.pause(None, context(at=HALF))
    november, december, january = (
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
    subscription.resume(context(at=datetime(2026, 10, 17, tzinfo=UTC)))
    for later in (november, december, january):
        subscription.renew(later)
    # 20.00 − 25 % for April, the same of 20.00 × 15/31 (9.68 − 2.42) and for November, the third; then 20.00
    assert [bill.total.minor_units for bill in bills(subscription)] == [1500, 726, 1500, 2000, 2000]


def test_a_change_credits_and_charges_with_the_discount_of_the_period() -> None:
    subscription = active(discount(periods=1), terms=Terms(price=TEAM.price, quantity=1))
    subscription.saved(APRIL)
    bigger = Terms(price=subscribed_price(price_id="Big", plan_name="Big", flat_amount_minor=4000), quantity=1)
    subscription.change(bigger, ProrationBehavior.INVOICE_NOW, context(at=HALF))
    [bill] = bills(subscription)
    # half of 15.00 back, half of 40.00 − 25 % on
    assert shown(bill) == [("Unused time of Team", -750), ("Remaining time of Big", 1500)]


def test_what_stays_but_bears_another_part_of_an_amount_is_billed_anew() -> None:
    subscription = active(discount(amount=300))
    subscription.saved(APRIL)
    subscription.change(Terms(price=TEAM.price, quantity=1), ProrationBehavior.INVOICE_NOW, context(at=HALF))
    # before: 20.00 − 2.00 and 10.00 − 1.00; after: 20.00 − 3.00, each for half a month: −9.00, −4.50, +8.50
    assert bills(subscription) == []
    assert [adjustment.amount_minor for adjustment in subscription.pending] == [-900, -450, 850]


def test_one_that_is_added_or_removed_counts_from_the_next_period_on() -> None:
    subscription = active(terms=Terms(price=TEAM.price, quantity=1))
    subscription.add_discount(discount())
    subscription.renew(MAY)
    subscription.remove_discount("dis_1")
    subscription.remove_discount("dis_1")
    subscription.renew(JUNE)
    assert [bill.total.minor_units for bill in bills(subscription)] == [2000, 1500, 2000]
    assert sum(isinstance(event, events.DiscountRemoved) for event in subscription.unsaved) == 1


def test_what_cannot_be_added_or_removed_is_refused() -> None:
    subscription = active(discount())
    subscription.add_discount(discount())  # the very same: nothing happens
    with pytest.raises(InvalidState, match="has a discount of coupon 'cou_dis_1' already"):
        subscription.add_discount(discount("dis_2", coupon_id="cou_dis_1"))
    with pytest.raises(NotFound):
        subscription.remove_discount("dis_9")
    for number in range(MOST_DISCOUNTS - 1):
        subscription.add_discount(discount(f"dis_more_{number}"))
    with pytest.raises(InvalidState, match="20 discounts"):
        subscription.add_discount(discount("dis_too_many"))
    subscription.cancel(None, context(at=HALF))
    with pytest.raises(InvalidState, match="CANCELED"):
        subscription.remove_discount("dis_1")


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=5),
    st.lists(st.one_of(st.integers(1, 10**6), st.decimals("0.01", 100, places=2)), max_size=4),
    st.integers(1, 31),
)
def test_nothing_is_billed_below_zero_whatever_the_share(minors: list[int], offs: list[int | Decimal], days: int) -> None:
    items, share = [item(str(number), minor) for number, minor in enumerate(minors)], Share(days, 31)
    amounts = [share.of(one.amount) for one in items]
    given = [
        discount(str(number), amount=off) if isinstance(off, int) else discount(str(number), str(off))
        for number, off in enumerate(offs)
    ]
    taken = taken_off(items, amounts, [share] * len(items), given)
    for amount, parts in zip(amounts, taken, strict=True):
        assert all(part.amount.minor_units > 0 for part in parts)
        assert sum(part.amount.minor_units for part in parts) <= amount.minor_units


def test_it_is_restored_from_its_events() -> None:
    subscription = active(discount(periods=2), discount("dis_2", amount=100))
    subscription.renew(MAY)
    encoded = [PlanSubscription.codec.encode(event) for event in subscription.unsaved]
    replayed = PlanSubscription.replay("psub_1", "acme", [(MAY, [PlanSubscription.codec.decode(*one) for one in encoded])])
    assert replayed.discounts == subscription.discounts
    assert replayed.discount_uses == {"dis_1": 2, "dis_2": 1}
    assert [replayed.times_given(id) for id in ("cou_dis_1", "cou_dis_2", "cou_dis_3")] == [1, 1, 0]
    assert replace(replayed.billed_discounts[0]) == discount(periods=2)
