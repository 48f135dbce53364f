"""What is used is billed when its period has ended, once, to the cent, whatever comes late."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Interval, IntervalUnit, Period
from subgraphs.pricing.charge import ChargeDetails, Tier
from subgraphs.pricing.usage import Aggregation, UsageEvent
from subgraphs.subscription.domain.adjustments import late_adjustment
from subgraphs.subscription.domain.billed import Bill, bill_of, charges
from subgraphs.subscription.domain.events import PlanSubscriptionCanceled
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.usage import LATE_DAYS, checked_event
from subgraphs.subscription.domain.values import (
    BilledItem,
    BilledUsage,
    Discount,
    Item,
    ProrationBehavior,
    Terms,
    UnusedTime,
    UsageWanted,
)
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

APRIL, MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 5, 6, 7))
HALF = datetime(2026, 4, 16, tzinfo=UTC)
IN_APRIL, IN_MAY = Period(APRIL, MAY), Period(MAY, JUNE)


def metered(**more: Any) -> Item:
    """API calls at 0.002 EUR each."""
    terms: dict[str, Any] = {"model": "PER_UNIT", "flat_amount_minor": None, "unit_amount": Decimal("0.002"), "meter_id": "mtr_1"}
    return Item(price=subscribed_price(price_id="calls", plan_name="Calls", **(terms | more)), quantity=1)


BASE = Terms(price=subscribed_price(flat_amount_minor=2000), quantity=1, add_ons=(metered(),))


def used(quantity: str, period: Period = IN_APRIL) -> dict[tuple[str, Period], Decimal]:
    return {("calls", period): Decimal(quantity)}


def active(terms: Terms = BASE, **more: Any) -> PlanSubscription:
    subscription = PlanSubscription.start("psub_1", "cus_1", terms, "UTC", context(at=APRIL), **more)
    subscription.period_paid(0, context(at=APRIL))
    return subscription


def bills(subscription: PlanSubscription) -> list[Bill]:
    return [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]


def shown(bill: Bill) -> list[tuple[str, int]]:
    return [(line.description, line.amount.minor_units) for line in bill.lines]


def test_nothing_is_billed_in_advance_and_what_was_used_when_the_period_has_ended() -> None:
    subscription = active()
    assert [shown(bill) for bill in bills(subscription)] == [[("Team", 2000)]]
    assert subscription.usage_wanted(MAY) == (UsageWanted(price_id="calls", meter_id="mtr_1", period=IN_APRIL),)
    subscription.saved(APRIL)
    subscription.renew(MAY, used=used("12345"))
    [bill] = bills(subscription)
    assert shown(bill) == [("Team", 2000), ("Calls", 2469)]  # 12345 × 0.002
    assert [line.period for line in bill.lines] == [IN_MAY, IN_APRIL]
    assert bill.lines[1].explanation == "12345 × 0.002 EUR"


def test_a_subscription_can_be_to_usage_alone() -> None:
    item = metered()
    subscription = active(Terms(price=item.price, quantity=1))
    assert [bill.total for bill in bills(subscription)] == [Money(0, "EUR")]
    subscription.renew(MAY, used=used("0.5"))
    assert shown(bills(subscription)[1]) == [("Calls", 0)]  # 0.001 rounds to nothing


def test_tiers_and_minimum_count_for_the_whole_period() -> None:
    tiers = (Tier(up_to=Decimal(1000), unit_amount=Decimal("0.01")), Tier(unit_amount=Decimal("0.005")))
    graduated = metered(model="GRADUATED", unit_amount=None, details=ChargeDetails(tiers=tiers, minimum_minor=500))
    subscription = active(Terms(price=BASE.price, quantity=1, add_ons=(graduated,)))
    subscription.renew(MAY, used=used("1500"))
    subscription.renew(JUNE, used=used("1500") | used("3", IN_MAY))
    assert [bill.lines[1].amount.minor_units for bill in bills(subscription)[1:]] == [1250, 500]


def test_what_comes_late_is_billed_with_the_next_invoice_and_once() -> None:
    subscription = active()
    subscription.renew(MAY, used=used("1000"))
    wanted = {one.period for one in subscription.usage_wanted(JUNE)}
    assert wanted == {IN_APRIL, IN_MAY}
    subscription.renew(JUNE, used=used("1600") | used("10", IN_MAY))
    assert shown(bills(subscription)[-1]) == [("Team", 2000), ("Calls", 2), ("Late usage of Calls", 120)]
    subscription.renew(JULY, used=used("1600") | used("10", IN_MAY))
    assert shown(bills(subscription)[-1]) == [("Team", 2000), ("Calls", 0)]


def test_what_was_withdrawn_is_credited() -> None:
    subscription = active()
    subscription.renew(MAY, used=used("1000"))
    subscription.renew(JUNE, used=used("250"))
    [*_, late] = bills(subscription)[-1].lines
    assert (late.description, late.amount.minor_units, late.period) == ("Late usage of Calls", -150, IN_APRIL)
    assert late.explanation == "250 × 0.002 EUR − 2.00 EUR billed"


def test_a_period_is_looked_at_until_nothing_of_it_can_have_come_since() -> None:
    subscription = active()
    for now, looked_at in ((MAY, True), (JUNE, True), (JULY, False)):  # what was used on April 30 may come until June 4
        subscription.renew(now, used=used("1000"))
        end = subscription.period.end
        assert (IN_APRIL in {one.period for one in subscription.usage_wanted(end)}) is looked_at
    assert JUNE < MAY + timedelta(days=LATE_DAYS) < JULY


def test_many_prices_billed_weekly_are_all_looked_at_again() -> None:
    week = Interval(IntervalUnit.WEEK)
    calls = [_renamed(metered(), f"calls{number}", interval=week) for number in range(20)]
    subscription = active(Terms(price=calls[0].price, quantity=1, add_ons=tuple(calls[1:])))
    first = subscription.period
    for _ in range(5):
        subscription.renew(subscription.period.end)
    late = {(f"calls{number}", first): Decimal(500) for number in range(20)}  # 28 days late
    assert set(late) <= {(one.price_id, one.period) for one in subscription.usage_wanted(subscription.period.end)}
    subscription.renew(subscription.period.end, used=late)
    assert bills(subscription)[-1].total == Money(20 * 100, "EUR")  # 500 × 0.002


def test_what_comes_late_is_billed_however_long_the_next_period_is() -> None:
    year = Interval(IntervalUnit.YEAR)
    subscription = active(Terms(price=metered(interval=year).price, quantity=1))
    in_first = Period(APRIL, APRIL.replace(year=2027))
    subscription.renew(in_first.end, used=used("1000", in_first))
    later = APRIL.replace(year=2028)
    assert in_first in {one.period for one in subscription.usage_wanted(later)}
    subscription.renew(later, used=used("1500", in_first))
    assert shown(bills(subscription)[-1]) == [("Calls", 0), ("Late usage of Calls", 100)]  # 500 × 0.002


def test_discounts_are_off_what_is_used_too() -> None:
    quarter = Discount(
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
    subscription = active(discount=quarter)
    subscription.renew(MAY, used=used("1000"))
    assert shown(bills(subscription)[-1]) == [("Team", 1500), ("Calls", 150)]
    subscription.renew(JUNE, used=used("2000"))
    assert ("Late usage of Calls", 150) in shown(bills(subscription)[-1])


def test_a_cancellation_bills_what_was_used_until_then() -> None:
    subscription = active()
    subscription.saved(APRIL)
    until = Period(APRIL, HALF)
    assert [one.period for one in subscription.usage_wanted(HALF)] == [until]
    subscription.cancel(None, context(at=HALF), used=used("500", until))
    [bill] = bills(subscription)
    assert shown(bill) == [("Calls", 100)]
    assert bill.lines[0].period == until
    assert subscription.usage_wanted(MAY)[0].period.end <= MAY


def test_a_cancellation_bills_what_became_known_late_too() -> None:
    subscription = active()
    subscription.renew(MAY, used=used("1000"))
    subscription.saved(MAY)
    end, rest = datetime(2026, 5, 3, tzinfo=UTC), Period(MAY, datetime(2026, 5, 3, tzinfo=UTC))
    assert {one.period for one in subscription.usage_wanted(end)} == {IN_APRIL, rest}
    subscription.cancel(None, context(at=end), used=used("1600") | used("500", rest))
    [bill] = bills(subscription)
    # 500 × 0.002 and (1600 − 1000) × 0.002
    assert shown(bill) == [("Calls", 100), ("Late usage of Calls", 120)]


def test_what_was_withdrawn_late_is_off_the_last_invoice_or_given_back() -> None:
    subscription = active()
    subscription.renew(MAY, used=used("1000"))
    subscription.saved(MAY)
    end, rest = datetime(2026, 5, 31, tzinfo=UTC), Period(MAY, datetime(2026, 5, 31, tzinfo=UTC))
    subscription.cancel(None, context(at=end), used=used("0") | used("500", rest), unused=UnusedTime.CREDIT)
    [bill] = bills(subscription)
    assert (shown(bill)[:2], bill.total.minor_units) == ([("Calls", 100), ("Late usage of Calls", -200)], 0)
    [canceled] = [event for event in subscription.unsaved if isinstance(event, PlanSubscriptionCanceled)]
    # 1.00 that the last invoice did not use up, and 20.00 × 1/31
    assert canceled.credit is not None and canceled.credit.amount_minor == 100 + 65


def test_a_cancellation_without_usage_bills_nothing() -> None:
    subscription = active()
    subscription.saved(APRIL)
    subscription.cancel(None, context(at=HALF))
    assert bills(subscription) == []


def test_a_scheduled_end_bills_what_was_used() -> None:
    subscription = active()
    subscription.schedule_cancellation(None, context(at=HALF))
    subscription.saved(APRIL)
    subscription.renew(MAY, used=used("500"))
    assert [shown(bill) for bill in bills(subscription)] == [[("Calls", 100)]]
    assert subscription.status.is_final


def test_a_price_that_goes_is_billed_at_once_and_one_that_comes_counts_from_there() -> None:
    subscription = active()
    subscription.saved(APRIL)
    terms = Terms(price=BASE.price, quantity=1, add_ons=(_renamed(metered(), "calls2"),))
    subscription.change(terms, ProrationBehavior.CREATE, context(at=HALF), used=used("500", Period(APRIL, HALF)))
    assert [shown(bill) for bill in bills(subscription)] == [[("Calls", 100)]]
    assert [one.period for one in subscription.usage_wanted(MAY) if one.price_id == "calls2"] == [Period(HALF, MAY)]


def test_what_comes_late_of_a_price_that_went_without_usage_is_billed() -> None:
    subscription, until = active(), Period(APRIL, HALF)
    subscription.saved(APRIL)
    subscription.change(Terms(price=BASE.price, quantity=1), ProrationBehavior.CREATE, context(at=HALF))
    assert bills(subscription) == []
    assert [one.period for one in subscription.usage_wanted(MAY)] == [until]
    encoded = [PlanSubscription.codec.encode(event) for event in subscription.unsaved]
    assert PlanSubscription.codec.decode(*encoded[-1]) == subscription.unsaved[-1]
    subscription.renew(MAY, used=used("500", until))
    assert shown(bills(subscription)[-1]) == [("Team", 2000), ("Late usage of Calls", 100)]  # 500 × 0.002


def _renamed(item: Item, price_id: str, **more: Any) -> Item:
    price = item.price
    return Item(
        price=subscribed_price(
            price_id=price_id,
            plan_name="Calls",
            model="PER_UNIT",
            flat_amount_minor=None,
            unit_amount=price.unit_amount,
            meter_id=price.meter_id,
            **more,
        ),
        quantity=1,
    )


def test_another_interval_bills_what_was_used_with_the_period_it_begins() -> None:
    subscription = active()
    subscription.saved(APRIL)
    year = Interval(IntervalUnit.YEAR)
    terms = Terms(price=subscribed_price(price_id="year", flat_amount_minor=20000, interval=year), quantity=1)
    subscription.change(terms, ProrationBehavior.CREATE, context(at=HALF), used=used("500", Period(APRIL, HALF)))
    [bill] = bills(subscription)
    # 200.00 for the year, 1.00 for 500 calls, 20.00 × 15/30 back
    assert shown(bill) == [("Team", 20000), ("Calls", 100), ("Unused time of Team", -1000)]


def test_a_trials_usage_is_free() -> None:
    subscription = PlanSubscription.start("psub_1", "cus_1", BASE, "UTC", context(at=APRIL), trial_end=MAY)
    assert subscription.usage_wanted(MAY) == ()
    subscription.renew(MAY)
    assert shown(bills(subscription)[0]) == [("Team", 2000)]


def test_a_threshold_at_the_last_instant_of_a_period_counts_nothing_of_the_next() -> None:
    details = ChargeDetails(usage_thresholds_minor=(100,))
    subscription = active(Terms(price=metered(details=details).price, quantity=1))
    [wanted] = subscription.thresholds_wanted(MAY - timedelta(microseconds=1))
    assert wanted.period == IN_APRIL
    assert subscription.thresholds_wanted(MAY) == ()


def test_it_is_restored_from_its_events() -> None:
    subscription = active()
    subscription.renew(MAY, used=used("1000"))
    subscription.renew(JUNE, used=used("1600") | used("10", IN_MAY))
    encoded = [PlanSubscription.codec.encode(event) for event in subscription.unsaved]
    replayed = PlanSubscription.replay("psub_1", "acme", [(JUNE, [PlanSubscription.codec.decode(*one) for one in encoded])])
    assert replayed.billed_usage == subscription.billed_usage
    assert [one.used for one in replayed.billed_usage.values()] == [1600, 10]


@pytest.mark.parametrize(
    ("change", "aggregation", "field"),
    [
        ({"id": ""}, Aggregation.SUM, "id"),
        ({"id": "a/b"}, Aggregation.SUM, "id"),
        ({"value": Decimal("NaN")}, Aggregation.SUM, "value"),
        ({"value": Decimal("0.0000000000001")}, Aggregation.SUM, "value"),
        ({"value": Decimal(10) ** 15 + 1}, Aggregation.SUM, "value"),
        ({"value": Decimal(-1)}, Aggregation.MAX, "value"),
        ({"value": Decimal(-1)}, Aggregation.TRANSACTIONS, "value"),
        ({}, Aggregation.UNIQUE_COUNT, "key"),
        ({"key": ""}, Aggregation.SUM, "key"),
        ({"at": JUNE + timedelta(minutes=6)}, Aggregation.SUM, "at"),
        ({"at": JUNE - timedelta(days=LATE_DAYS, seconds=1)}, Aggregation.SUM, "at"),
    ],
)
def test_an_event_out_of_range_is_refused(change: dict[str, Any], aggregation: Aggregation, field: str) -> None:
    fields: dict[str, Any] = {"id": "e1", "at": JUNE, "value": Decimal(1), "key": None} | change
    with pytest.raises(InvalidInput) as refused:
        checked_event(UsageEvent(**fields), aggregation, APRIL, JUNE)
    assert refused.value.field == (field,)


def test_an_event_before_the_subscription_is_refused_and_instants_are_kept_to_the_millisecond() -> None:
    with pytest.raises(InvalidInput, match="began at"):
        checked_event(UsageEvent(id="e1", at=MAY, value=Decimal(1)), Aggregation.SUM, MAY + timedelta(days=1), JUNE)
    at = MAY + timedelta(microseconds=123_456)
    checked = checked_event(UsageEvent(id="e1", at=at, value=Decimal(1)), Aggregation.SUM, APRIL, JUNE)
    assert checked.at == MAY + timedelta(milliseconds=123)


@pytest.mark.parametrize(
    ("meter_name", "name"),
    [("API calls", "API calls (Pro)"), (None, "Pro"), ("pro", "Pro")],
    ids=["named", "noted before", "called as the plan"],
)
def test_a_line_of_usage_bears_the_name_of_its_meter_and_of_the_plan(meter_name: str | None, name: str) -> None:
    price = subscribed_price(plan_name="Pro", meter_id="mtr_1", meter_name=meter_name)
    [line] = charges([BilledItem(item=Item(price=price, quantity=1), used=Decimal(3), period=IN_APRIL)], ())
    assert line.description == name
    billed = BilledUsage(item=Item(price=price, quantity=1), discounts=(), used=Decimal(3))
    assert late_adjustment(billed, IN_APRIL, Decimal(4)).description == f"Late usage of {name}"


def test_a_price_that_was_noted_without_the_name_of_its_meter_is_the_same_price() -> None:
    before, now = [subscribed_price(meter_id="mtr_1", meter_name=name) for name in (None, "API calls")]
    assert before == now and hash(before) == hash(now)
