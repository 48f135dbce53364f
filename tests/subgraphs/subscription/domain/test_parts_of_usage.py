"""Usage of a part of a billing period: what a price asks per period is asked in proportion, and the parts add up."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.period import Period
from subgraphs.pricing.charge import ChargeDetails, Tier
from subgraphs.subscription.domain.billed import Bill, bill_of
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import Item, ProrationBehavior, Terms
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

APRIL, MAY, JUNE = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 5, 6))
TENTH = datetime(2026, 4, 11, tzinfo=UTC)  # 10 of the 30 days of April have passed
BEFORE, AFTER = Period(APRIL, TENTH), Period(TENTH, MAY)


def metered(price_id: str = "calls", **more: Any) -> Item:
    terms: dict[str, Any] = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": Decimal("0.01"), "meter_id": "mtr_1"}
    details = more.pop("details", ChargeDetails())
    return Item(price=subscribed_price(price_id=price_id, plan_name="Calls", details=details, **(terms | more)), quantity=1)


BASE = subscribed_price(flat_amount_minor=2000)


def active(item: Item, **more: Any) -> PlanSubscription:
    subscription = PlanSubscription.start(
        "psub_1", "cus_1", Terms(price=BASE, quantity=1, add_ons=(item,)), "UTC", context(at=APRIL), **more
    )
    subscription.period_paid(0, context(at=APRIL))
    subscription.saved(APRIL)
    return subscription


def bills(subscription: PlanSubscription) -> list[Bill]:
    return [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]


def usage_lines(subscription: PlanSubscription) -> list[tuple[int, str]]:
    return [
        (line.amount.minor_units, line.explanation)
        for bill in bills(subscription)
        for line in bill.lines
        if line.description == "Calls"
    ]


def changed(quantities: tuple[str, str], **more: Any) -> list[tuple[int, str]]:
    """Return the lines of April's usage where the price is changed for one like it after 10 of 30 days."""
    subscription = active(metered("calls", **more))
    first, second = (Decimal(quantity) for quantity in quantities)
    terms = Terms(price=BASE, quantity=1, add_ons=(metered("calls2", **more),))
    subscription.change(terms, ProrationBehavior.CREATE, context(at=TENTH), used={("calls", BEFORE): first})
    subscription.renew(MAY, used={("calls2", AFTER): second, ("calls", BEFORE): first})
    return usage_lines(subscription)


TIERS = (Tier(up_to=Decimal(100), flat_amount_minor=3000), Tier(flat_amount_minor=9000))
UNIT_TIERS = (
    Tier(up_to=Decimal(100), unit_amount=Decimal("0.10"), flat_amount_minor=3000),
    Tier(unit_amount=Decimal("0.05"), flat_amount_minor=600),
)


@pytest.mark.parametrize(
    ("terms", "quantities", "lines"),
    [
        (
            {"details": ChargeDetails(minimum_minor=3000)},
            ("500", "500"),
            [  # 30.00 × 10/30 and × 20/30 where 5.00 was used in each
                (1000, "500 × 0.01 EUR, raised to the minimum of 30.00 EUR × 10/30"),
                (2000, "500 × 0.01 EUR, raised to the minimum of 30.00 EUR × 20/30"),
            ],
        ),
        (
            {"details": ChargeDetails(maximum_minor=3000)},
            ("5000", "5000"),
            [
                (1000, "5000 × 0.01 EUR, limited to the maximum of 30.00 EUR × 10/30"),
                (2000, "5000 × 0.01 EUR, limited to the maximum of 30.00 EUR × 20/30"),
            ],
        ),
        (
            {"model": "STAIRSTEP", "unit_amount": None, "details": ChargeDetails(tiers=TIERS)},
            ("100", "101"),
            [
                (1000, "30.00 EUR × 10/30 for 100, up to 100"),
                (6000, "90.00 EUR × 20/30 for 101, without limit"),
            ],
        ),
        (
            {"model": "GRADUATED", "unit_amount": None, "details": ChargeDetails(tiers=UNIT_TIERS)},
            ("50", "120"),
            [  # 5.00 + 10.00; 10.00 + 20.00 + 1.00 + 4.00
                (1500, "50 × 0.10 EUR + 30.00 EUR × 10/30 flat"),
                (3500, "100 × 0.10 EUR + 30.00 EUR × 20/30 flat + 20 × 0.05 EUR + 6.00 EUR × 20/30 flat"),
            ],
        ),
        (
            {"model": "VOLUME", "unit_amount": None, "details": ChargeDetails(tiers=UNIT_TIERS)},
            ("50", "120"),
            [  # 5.00 + 10.00; 6.00 + 4.00
                (1500, "50 × 0.10 EUR + 30.00 EUR × 10/30 flat"),
                (1000, "120 × 0.05 EUR + 6.00 EUR × 20/30 flat"),
            ],
        ),
        (
            {"model": "PACKAGE", "unit_amount": Decimal(5), "details": ChargeDetails(package_size=100)},
            ("101", "100"),
            [(1000, "2 × 5.00 EUR per 100"), (500, "1 × 5.00 EUR per 100")],  # what is asked per package is asked in full
        ),
        (
            {
                "model": "GRADUATED_PERCENTAGE",
                "unit_amount": None,
                "details": ChargeDetails(
                    tiers=(
                        Tier(up_to=Decimal(1000), unit_amount=Decimal(1), flat_amount_minor=3000),
                        Tier(unit_amount=Decimal(2)),
                    )
                ),
            },
            ("500", "2000"),
            [  # 5.00 + 10.00; 10.00 + 20.00 + 20.00
                (1500, "1 % of 500.00 EUR + 30.00 EUR × 10/30 flat"),
                (5000, "1 % of 1000.00 EUR + 30.00 EUR × 20/30 flat + 2 % of 1000.00 EUR"),
            ],
        ),
    ],
)
def test_a_price_that_changes_within_a_period_asks_for_the_period_once(
    terms: dict[str, Any], quantities: tuple[str, str], lines: list[tuple[int, str]]
) -> None:
    assert changed(quantities, **terms) == lines


def test_the_last_usage_of_a_subscription_that_ends_within_a_period_is_asked_the_part() -> None:
    subscription = active(metered(details=ChargeDetails(minimum_minor=3000)))
    subscription.cancel(None, context(at=TENTH), used={("calls", BEFORE): Decimal(500)})
    assert usage_lines(subscription) == [(1000, "500 × 0.01 EUR, raised to the minimum of 30.00 EUR × 10/30")]
