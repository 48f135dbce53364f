"""Usage of a part of a billing period: what a price asks per period is asked in proportion, and the parts add up."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.period import Interval, IntervalUnit, Period
from subgraphs.pricing.charge import ChargeDetails, Granularity, Tier
from subgraphs.pricing.share import Share
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


def begun(item: Item) -> PlanSubscription:
    terms = Terms(price=BASE, quantity=1, add_ons=(item,))
    subscription = PlanSubscription.start("psub_1", "cus_1", terms, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    return subscription


def active(item: Item) -> PlanSubscription:
    subscription = begun(item)
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
            [  # 30.00 in all, whenever it was used
                (3000, "5000 × 0.01 EUR, limited to the maximum of 30.00 EUR"),
                (0, "5000 × 0.01 EUR, limited to the maximum of 0.00 EUR"),
            ],
        ),
        (
            {"details": ChargeDetails(maximum_minor=3000)},
            ("1000", "5000"),
            [  # 10.00, which leaves 20.00
                (1000, "1000 × 0.01 EUR"),
                (2000, "5000 × 0.01 EUR, limited to the maximum of 20.00 EUR"),
            ],
        ),
        (
            {"details": ChargeDetails(maximum_minor=3000, minimum_minor=2400)},
            ("2500", "0"),
            [  # 25.00, which leaves 5.00 of the maximum, less than 24.00 × 20/30 = 16.00
                (2500, "2500 × 0.01 EUR"),
                (500, "0 × 0.01 EUR, raised to the minimum of 24.00 EUR × 20/30, limited to the maximum of 5.00 EUR"),
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


def test_a_part_without_a_day_of_its_own_is_asked_no_minimum() -> None:
    """The day of a change belongs to what follows it."""
    details = ChargeDetails(minimum_minor=3000, maximum_minor=400)
    subscription, later = active(metered(details=details)), datetime(2026, 4, 1, 15, tzinfo=UTC)
    subscription.cancel(None, context(at=later), used={("calls", Period(APRIL, later)): Decimal(500)})
    assert usage_lines(subscription) == [(400, "500 × 0.01 EUR, limited to the maximum of 4.00 EUR")]  # 30.00 × 0/30 at least
    by_second = msgspec.structs.replace(details, prorated_by=Granularity.SECOND)
    subscription = active(metered(details=by_second))
    subscription.cancel(None, context(at=later), used={("calls", Period(APRIL, later)): Decimal(500)})
    # 30.00 × 54000/2592000 = 0.625 at least
    assert usage_lines(subscription) == [(400, "500 × 0.01 EUR, limited to the maximum of 4.00 EUR")]


def test_what_comes_late_of_a_part_is_rated_as_the_part_was() -> None:
    subscription = active(metered(details=ChargeDetails(minimum_minor=3000)))
    subscription.change(
        Terms(price=BASE, quantity=1), ProrationBehavior.NONE, context(at=TENTH), used={("calls", BEFORE): Decimal(5)}
    )
    subscription.renew(MAY, used={("calls", BEFORE): Decimal(1500)})
    [*_, late] = bills(subscription)[-1].lines
    assert (late.amount.minor_units, late.explanation) == (500, "1500 × 0.01 EUR − 10.00 EUR billed")
    subscription.renew(JUNE, used={("calls", BEFORE): Decimal(0)})
    [*_, late] = bills(subscription)[-1].lines
    # back to the minimum of the part
    assert late.amount.minor_units == -500
    assert late.explanation == "0 × 0.01 EUR, raised to the minimum of 30.00 EUR × 10/30 − 15.00 EUR billed"


def test_a_commitment_counts_what_the_parts_are_billed_with() -> None:
    committed = replace(BASE, details=ChargeDetails(commitment_minor=100_000, commitment_periods=12))
    details = ChargeDetails(minimum_minor=3000)
    first, second = (Terms(price=committed, quantity=1, add_ons=(metered(id, details=details),)) for id in ("calls", "calls2"))
    subscription = PlanSubscription.start("psub_1", "cus_1", first, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    subscription.change(second, ProrationBehavior.CREATE, context(at=TENTH))
    subscription.renew(MAY)
    assert subscription.commitment is not None
    assert subscription.commitment.billed_minor == 2000 + 1000 + 2000 + 2000  # April, its parts, May


def _as_before(event: Event) -> Event:
    """Return the event as it was stored before usage had a share."""
    type, data = PlanSubscription.codec.encode(event)
    for one in data.get("usage", []):
        del one["share"], one["after"]
    return PlanSubscription.codec.decode(type, data)


def test_what_was_billed_before_parts_had_a_share_stays_as_it_was() -> None:
    item = metered(details=ChargeDetails(minimum_minor=3000))
    subscription, started = active(item), begun(item).unsaved
    subscription.change(
        Terms(price=BASE, quantity=1), ProrationBehavior.NONE, context(at=TENTH), used={("calls", BEFORE): Decimal(5)}
    )
    old = PlanSubscription.replay("psub_1", "acme", [(TENTH, [*started, *map(_as_before, subscription.unsaved)])])
    [billed, _] = (_as_before(event) for event in subscription.unsaved)
    bill = bill_of(billed)
    assert bill is not None
    assert bill.lines[0].explanation == "5 × 0.01 EUR, raised to the minimum of 30.00 EUR"
    [wanted] = old.usage_wanted(MAY)
    assert (wanted.period, wanted.share, wanted.after) == (BEFORE, None, None)
    old.renew(MAY, used={("calls", BEFORE): Decimal(3500)})
    [*_, late] = bills(old)[-1].lines
    assert (late.amount.minor_units, late.explanation) == (500, "3500 × 0.01 EUR − 30.00 EUR billed")


def test_it_is_restored_from_its_events() -> None:
    subscription, started = active(metered()), begun(metered()).unsaved
    terms = Terms(price=BASE, quantity=1, add_ons=(metered("calls2"),))
    subscription.change(terms, ProrationBehavior.CREATE, context(at=TENTH), used={("calls", BEFORE): Decimal(500)})
    subscription.renew(MAY, used={("calls2", AFTER): Decimal(500)})
    stored = [PlanSubscription.codec.decode(*PlanSubscription.codec.encode(event)) for event in subscription.unsaved]
    replayed = PlanSubscription.replay("psub_1", "acme", [(MAY, [*started, *stored])])
    assert replayed.billed_usage == subscription.billed_usage
    assert [(one.share, one.after) for one in replayed.billed_usage.values()] == [(Share(10, 30), ()), (Share(20, 30), (BEFORE,))]


def test_a_part_comes_after_all_that_the_meter_was_billed_for_before() -> None:
    """Of prices that went, by the same meter; adjoining ones are one."""
    subscription = active(metered("a"))
    days = [datetime(2026, 4, day, tzinfo=UTC) for day in (5, 10, 15, 20)]
    for at, item in zip(days, (metered("b"), None, metered("a"), metered("c", meter_id="mtr_2")), strict=True):
        terms = Terms(price=BASE, quantity=1, add_ons=(item,) if item else ())
        subscription.change(terms, ProrationBehavior.NONE, context(at=at))
    after = {one.price_id + f" {one.period.start.day}": one.after for one in subscription.usage_wanted(MAY)}
    assert after == {
        "a 1": (),
        "b 5": (Period(APRIL, days[0]),),
        "a 15": (Period(APRIL, days[1]),),
        "c 20": (),
    }


def test_a_first_period_before_a_billing_day_is_a_part() -> None:
    terms = Terms(price=BASE, quantity=1, add_ons=(metered(details=ChargeDetails(minimum_minor=3000)),))
    subscription = PlanSubscription.start("psub_1", "cus_1", terms, "UTC", context(at=TENTH), anchor=MAY)
    subscription.period_paid(0, context(at=TENTH))
    subscription.saved(TENTH)
    [wanted] = subscription.usage_wanted(MAY)
    assert (wanted.period, wanted.whole, wanted.share, wanted.after) == (AFTER, Period(APRIL, MAY), Share(20, 30), ())
    subscription.renew(MAY, used={("calls", AFTER): Decimal(500)})
    assert usage_lines(subscription) == [(2000, "500 × 0.01 EUR, raised to the minimum of 30.00 EUR × 20/30")]
    subscription.renew(JUNE)
    assert usage_lines(subscription)[1:] == [(3000, "0 × 0.01 EUR, raised to the minimum of 30.00 EUR")]


def test_another_interval_bills_the_part_of_the_period_that_it_ends() -> None:
    subscription = active(metered(details=ChargeDetails(minimum_minor=3000)))
    year = Interval(IntervalUnit.YEAR)
    terms = Terms(price=replace(BASE, price_id="year", interval=year), quantity=1)
    subscription.change(terms, ProrationBehavior.NONE, context(at=TENTH), used={("calls", BEFORE): Decimal(500)})
    assert usage_lines(subscription) == [(1000, "500 × 0.01 EUR, raised to the minimum of 30.00 EUR × 10/30")]
