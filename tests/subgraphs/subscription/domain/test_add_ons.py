"""A plan and what is added on to it: billed together, changed item by item, to the cent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.subscription.domain.billed import Bill, bill_of
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import LONGEST_LIST, Item, ProrationBehavior, Terms
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

APRIL, MAY = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
HALF = datetime(2026, 4, 16, tzinfo=UTC)


def item(id: str, minor: int = 500, quantity: int = 1, **more: Any) -> Item:
    return Item(price=subscribed_price(price_id=id, plan_name=id, flat_amount_minor=minor, **more), quantity=quantity)


BACKUPS = item("Backups", 700)
SEATS = item("Seats", quantity=3, model="PER_UNIT", unit_amount=Decimal("2.50"))
SEATS = replace(SEATS, price=replace(SEATS.price, flat_amount_minor=None))
TEAM = Terms(price=subscribed_price(), quantity=1, add_ons=(BACKUPS, SEATS))


def active(terms: Terms = TEAM) -> PlanSubscription:
    subscription = PlanSubscription.start("psub_1", "cus_1", terms, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    return subscription


def bills(subscription: PlanSubscription) -> list[Bill]:
    return [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]


def shown(bill: Bill) -> list[tuple[str, int, int]]:
    return [(line.description, line.quantity, line.amount.minor_units) for line in bill.lines]


def test_every_item_is_a_line_of_the_same_invoice() -> None:
    [bill] = bills(active())
    assert shown(bill) == [("Team", 1, 1900), ("Backups", 1, 700), ("Seats", 3, 750)]  # 3 × 2.50
    assert bill.total.minor_units == 3350
    assert TEAM.amount.minor_units == 3350


def test_a_renewal_bills_every_item_again() -> None:
    subscription = active()
    subscription.saved(APRIL)
    subscription.renew(MAY)
    assert [shown(bill) for bill in bills(subscription)] == [[("Team", 1, 1900), ("Backups", 1, 700), ("Seats", 3, 750)]]


def test_a_change_credits_what_goes_and_charges_what_comes_and_leaves_the_rest_alone() -> None:
    subscription = active()
    subscription.saved(APRIL)
    more_seats = replace(SEATS, quantity=5)
    support = item("Support", 2000)
    subscription.change(replace(TEAM, add_ons=(more_seats, support)), ProrationBehavior.INVOICE_NOW, context(at=HALF))
    [bill] = bills(subscription)
    assert shown(bill) == [
        ("Unused time of Backups", 1, -350),  # 7.00 × 15/30
        ("Unused time of Seats", 3, -375),  # 3 × 2.50 × 15/30
        ("Remaining time of Seats", 5, 625),  # 5 × 2.50 × 15/30
        ("Remaining time of Support", 1, 1000),  # 20.00 × 15/30
    ]
    assert bill.total.minor_units == 900


def test_an_add_on_that_was_removed_is_not_credited_twice() -> None:
    subscription = active()
    subscription.saved(APRIL)
    subscription.change(replace(TEAM, add_ons=(SEATS,)), ProrationBehavior.CREATE, context(at=HALF))
    subscription.change(Terms(price=TEAM.price, quantity=1), ProrationBehavior.CREATE, context(at=HALF + timedelta(days=5)))
    subscription.renew(MAY)
    [bill] = bills(subscription)
    # 7.00 × 15/30 for the backups, 7.50 × 10/30 for the seats
    assert shown(bill) == [("Team", 1, 1900), ("Unused time of Backups", 1, -350), ("Unused time of Seats", 3, -250)]


@pytest.mark.parametrize(
    ("add_ons", "field", "message"),
    [
        ((item("a"), item("a")), ("addOns", "1"), "price 'a' is there twice: give its whole quantity once"),
        ((item("price_1"),), ("addOns", "0"), "price 'price_1' is there twice: give its whole quantity once"),
        ((item("a", currency="USD"),), ("addOns", "0"), "price 'a' is in USD, the first in EUR"),
        (
            (item("a"), item("b", interval=Interval(IntervalUnit.YEAR))),
            ("addOns", "1"),
            "price 'b' is billed every 1 YEAR, the first every 1 MONTH",
        ),
        ((item("a", quantity=0),), ("addOns", "0", "quantity"), "a quantity is 1 to 1000000, not 0"),
        (
            tuple(item(f"p{number}") for number in range(LONGEST_LIST + 1)),
            ("addOns",),
            f"a subscription has at most {LONGEST_LIST} add-ons",
        ),
    ],
)
def test_what_cannot_be_billed_together_is_refused(add_ons: tuple[Item, ...], field: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        active(Terms(price=TEAM.price, quantity=1, add_ons=add_ons))
    assert (refused.value.field, str(refused.value)) == (field, message)
