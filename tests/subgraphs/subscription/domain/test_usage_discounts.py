"""Which discounts are off what was used: the same, whichever way it is billed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.charge import ChargeDetails
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.events import UsageBilled, UsageThresholdsReached
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import Discount, Item, ProrationBehavior, Terms
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

APRIL, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 5))
EIGHTH, HALF = datetime(2026, 4, 8, tzinfo=UTC), datetime(2026, 4, 16, tzinfo=UTC)

QUARTER = Discount(
    id="dis_1",
    coupon_id="cou_1",
    promotion_code_id=None,
    name="Launch",
    percent_off=Decimal(25),
    amount_off=None,
    periods=None,
    plan_ids=(),
    added_at=APRIL,
)
FIVE_OFF = replace(QUARTER, percent_off=None, amount_off=Money(500, "EUR"))


def metered(price_id: str = "calls") -> Item:
    """Calls at 0.01 EUR, billed at 10.00 EUR."""
    terms: dict[str, Any] = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": Decimal("0.01"), "meter_id": "mtr_1"}
    details = ChargeDetails(usage_thresholds_minor=(1000,))
    return Item(price=subscribed_price(price_id=price_id, plan_name="Calls", details=details, **terms), quantity=1)


BASE = subscribed_price(flat_amount_minor=2000)
WITH_BASE = Terms(price=BASE, quantity=1, add_ons=(metered(),))
ALONE = Terms(price=metered().price, quantity=1)
USED = Decimal(2000)  # 20.00 EUR


def billed(way: str, terms: Terms, given: dict[str, Any]) -> int:
    """Return what 2000 calls until April 16 are billed with in one way; `given` are the discounts and when."""
    subscription = PlanSubscription.start("psub_1", "cus_1", terms, "UTC", context(at=APRIL), discount=given.get("at the start"))
    subscription.period_paid(0, context(at=APRIL))
    if "on the 8th" in given:
        subscription.add_discount(given["on the 8th"])
    if "until the 8th" in given:
        subscription.remove_discount("dis_1")
    subscription.saved(APRIL)
    until = {("calls", Period(APRIL, HALF)): USED}
    match way:
        case "threshold":
            subscription.reach_thresholds({("calls", Period(APRIL, HALF + timedelta(milliseconds=1))): USED})
        case "period":
            subscription.renew(MAY, used={("calls", Period(APRIL, MAY)): USED})
        case "goes":
            subscription.change(Terms(price=BASE, quantity=1), ProrationBehavior.NONE, context(at=HALF), used=until)
        case "canceled":
            subscription.cancel(None, context(at=HALF), used=until)
    bills = [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]
    of_usage = ("Calls", "Usage of Calls that reached 10.00 EUR")
    return sum(line.amount.minor_units for bill in bills for line in bill.lines if line.description in of_usage)


@pytest.mark.parametrize("way", ["threshold", "period", "goes", "canceled"])
@pytest.mark.parametrize(
    ("terms", "given", "amount"),
    [
        (WITH_BASE, {}, 2000),
        (WITH_BASE, {"at the start": QUARTER}, 1500),
        # one for one period is used up by the first invoice, which the plan is on; where that bills nothing, by the next one
        (WITH_BASE, {"at the start": replace(QUARTER, periods=1)}, 2000),
        (ALONE, {"at the start": replace(QUARTER, periods=1)}, 1500),
        (WITH_BASE, {"at the start": replace(QUARTER, periods=3)}, 1500),
        (WITH_BASE, {"on the 8th": QUARTER}, 1500),
        (WITH_BASE, {"on the 8th": replace(QUARTER, periods=1)}, 1500),
        (WITH_BASE, {"at the start": QUARTER, "until the 8th": True}, 2000),
    ],
)
def test_the_same_usage_has_the_same_percentage_off(way: str, terms: Terms, given: dict[str, Any], amount: int) -> None:
    assert billed(way, terms, given) == amount


@pytest.mark.parametrize("way", ["threshold", "goes"])
def test_an_amount_is_off_when_the_period_ends_and_not_before(way: str) -> None:
    assert billed(way, ALONE, {"at the start": FIVE_OFF}) == 2000


def test_an_amount_is_off_the_last_invoice_as_off_that_of_the_next_period() -> None:
    assert billed("canceled", ALONE, {"at the start": FIVE_OFF}) == 1500
    assert billed("period", ALONE, {"at the start": FIVE_OFF}) == 1500
    # used up by the first period's plan
    assert billed("canceled", WITH_BASE, {"at the start": replace(FIVE_OFF, periods=1)}) == 2000


def test_a_coupon_for_three_periods_is_off_three_invoices() -> None:
    subscription = PlanSubscription.start(
        "psub_1", "cus_1", WITH_BASE, "UTC", context(at=APRIL), discount=replace(QUARTER, periods=3)
    )
    subscription.period_paid(0, context(at=APRIL))
    for _ in range(4):
        subscription.renew(subscription.period.end, used={("calls", subscription.period): Decimal(400)})
    billed = [
        [line.amount.minor_units for line in bill.lines] for event in subscription.unsaved if (bill := bill_of(event)) is not None
    ]
    # April; May and April's usage; June and May's; then none
    assert billed == [[1500], [1500, 300], [1500, 300], [2000, 400], [2000, 400]]


def test_what_was_billed_at_a_threshold_before_a_discount_adds_up() -> None:
    subscription = PlanSubscription.start("psub_1", "cus_1", ALONE, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    subscription.reach_thresholds({("calls", Period(APRIL, EIGHTH)): USED})
    subscription.add_discount(QUARTER)
    subscription.cancel(None, context(at=HALF), used={("calls", Period(APRIL, HALF)): 2 * USED})
    [reached] = [event for event in subscription.unsaved if isinstance(event, UsageThresholdsReached)]
    [last] = [event for event in subscription.unsaved if isinstance(event, UsageBilled)]
    bills = [bill for event in (reached, last) if (bill := bill_of(event)) is not None]
    # 20.00 without the discount; then 40.00 less 25 %, less 20.00
    assert [bill.total.minor_units for bill in bills] == [2000, 1000]


@pytest.mark.parametrize(("periods", "amounts"), [(None, [2250, 1125]), (1, [3000, 1500])])
def test_time_in_arrears_that_a_change_bills_has_the_discounts_of_the_rest(periods: int | None, amounts: list[int]) -> None:
    def seats(quantity: int) -> Terms:
        details = ChargeDetails(in_arrears=True)
        price = subscribed_price(price_id="seats", plan_name="Seats", flat_amount_minor=None, model="PER_UNIT", details=details)
        price = replace(price, unit_amount=Decimal(10))
        return Terms(price=BASE, quantity=1, add_ons=(Item(price=price, quantity=quantity),))

    given = replace(QUARTER, periods=periods)
    subscription = PlanSubscription.start("psub_1", "cus_1", seats(3), "UTC", context(at=APRIL), discount=given)
    subscription.period_paid(0, context(at=APRIL))
    subscription.saved(APRIL)
    subscription.change(seats(6), ProrationBehavior.CREATE, context(at=HALF))
    subscription.renew(MAY)
    [bill] = [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]
    # 6 × 10.00 × 15/30 and 3 × 10.00 × 15/30, with 25 % off or not
    assert [line.amount.minor_units for line in bill.lines if "Seats" in line.description] == amounts
