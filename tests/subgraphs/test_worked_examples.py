"""Worked examples that other billing systems publish, W1 to W26, by the code that bills.

Each names the page it is from. Amounts are those of the page; the arithmetic is beside them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from subgraphs.invoice.payment_providers.stripe_amounts import stripe_amount
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.charge import Charge, ChargeDetails, Granularity, PriceModel, Tier
from subgraphs.pricing.discount import Reduction, reduce_charges
from subgraphs.pricing.rating import rate, rate_transactions
from subgraphs.pricing.tax import NO_RULE, Rate, RoundingMode, TaxedLine, TaxRounding, TaxRule, tax_lines
from subgraphs.subscription.domain.anchors import calendar_anchor
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import ProrationBehavior, SubscribedPrice, Terms
from tests.testkit.memory import context
from tests.testkit.subscribing import MONTH, subscribed_price

UTC_ZONE = ZoneInfo("UTC")


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def tiers(*steps: tuple[str | None, str] | tuple[str | None, str, int]) -> tuple[Tier, ...]:
    return tuple(
        Tier(up_to=None if bound is None else Decimal(bound), unit_amount=Decimal(unit), flat_amount_minor=flat[0] if flat else 0)
        for bound, unit, *flat in steps
    )


def charge(model: PriceModel, unit: str | None = None, **details: Any) -> Charge:
    amount = None if unit is None else Decimal(unit)
    return Charge(currency="USD", model=model, unit_amount=amount, details=ChargeDetails(**details))


def costs(priced: Charge, *quantities: int) -> list[str]:
    return [str(rate(priced, quantity).amount.amount) for quantity in quantities]


def each(priced: Charge, *transactions: str) -> list[str]:
    """Return what every transaction adds to the price of those before it."""
    amounts: Sequence[Decimal] = [Decimal(one) for one in transactions]
    sums = [rate_transactions(priced, amounts[:count]).amount.amount for count in range(len(amounts) + 1)]
    return [str(after - before) for before, after in pairwise(sums)]


def vat(percentage: str, *, inclusive: bool = False) -> Rate:
    return Rate(id=f"vat {percentage}", percentage=Decimal(percentage), inclusive=inclusive)


def taxed(lines: list[tuple[int, Rate]], rule: TaxRule = NO_RULE, currency: str = "USD") -> tuple[list[int], int]:
    """Return the tax on each line and the total, in minor units."""
    found: list[TaxedLine] = tax_lines([(Money(amount, currency), [rate]) for amount, rate in lines], rule)
    return [sum(part.amount.minor_units for part in line.parts) for line in found], sum(line.gross.minor_units for line in found)


def price(minor: int, id: str, *, by: Granularity = Granularity.DAY) -> SubscribedPrice:
    return subscribed_price(
        price_id=id, plan_name=f"Plan {minor}", flat_amount_minor=minor, details=ChargeDetails(prorated_by=by)
    )


def started(
    minor: int, begins: datetime, *, by: Granularity = Granularity.DAY, anchor: datetime | None = None
) -> PlanSubscription:
    subscription = PlanSubscription.start(
        "psub_1",
        "cus_1",
        Terms(price=price(minor, f"price_{minor}", by=by), quantity=1),
        "UTC",
        context(at=begins),
        starts_at=begins,
        anchor=anchor,
    )
    subscription.period_paid(0, context(at=begins))
    return subscription


def bills(subscription: PlanSubscription) -> list[list[int]]:
    found = [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]
    return [[line.amount.minor_units for line in bill.lines] for bill in found]


SEVEN = tiers(("5", "7"), ("10", "6.5"), (None, "6"))
FIVES = tiers(("5", "5"), ("10", "4"), ("15", "3"), ("20", "2"), (None, "1"))


def test_w1_volume() -> None:
    """https://docs.stripe.com/subscriptions/pricing-models/tiered-pricing."""
    # 1 × 7; 5 × 7; 6 × 6.5; 20 × 6; 25 × 6
    assert costs(charge(PriceModel.VOLUME, tiers=SEVEN), 1, 5, 6, 20, 25) == ["7.00", "35.00", "39.00", "120.00", "150.00"]


def test_w2_graduated() -> None:
    """https://docs.stripe.com/subscriptions/pricing-models/tiered-pricing."""
    # 5 × 7; + 1 × 6.5; 35 + 5 × 6.5 + 10 × 6; 35 + 32.5 + 15 × 6
    assert costs(charge(PriceModel.GRADUATED, tiers=SEVEN), 5, 6, 20, 25) == ["35.00", "41.50", "127.50", "157.50"]


def test_w3_volume_in_fives() -> None:
    """https://stripe.com/docs/billing/subscriptions/tiers."""
    # 1 × 5; 5 × 5; 6 × 4; 20 × 2; 25 × 1
    assert costs(charge(PriceModel.VOLUME, tiers=FIVES), 1, 5, 6, 20, 25) == ["5.00", "25.00", "24.00", "40.00", "25.00"]


def test_w4_graduated_in_fives_and_per_unit() -> None:
    """https://stripe.com/docs/billing/subscriptions/tiers."""
    assert costs(charge(PriceModel.GRADUATED, tiers=FIVES), 6) == ["29.00"]  # 5 × 5 + 1 × 4
    assert costs(charge(PriceModel.PER_UNIT, "5"), 25) == ["125.00"]


def test_w5_an_upgrade_at_half_of_the_period() -> None:
    """https://docs.stripe.com/billing/subscriptions/prorations."""
    subscription = started(1000, at(2026, 4, 1))
    subscription.change(
        Terms(price=price(2000, "price_2"), quantity=1), ProrationBehavior.INVOICE_NOW, context(at=at(2026, 4, 16))
    )
    assert bills(subscription)[-1] == [-500, 1000]  # 10 and 20, each × 15/30


@pytest.mark.parametrize(
    ("begins", "first_of_month", "billed"),
    [
        (at(2026, 2, 15), at(2026, 3, 1), 5_000),  # 14 of 28 days: half of 100.00
        (at(2026, 1, 15), at(2026, 2, 1), 5_484),  # 17 of 31 days: 0.548 of it
    ],
)
def test_w6_backdating(begins: datetime, first_of_month: datetime, billed: int) -> None:
    """https://stripe.com/docs/billing/subscriptions/backdating."""
    subscription = started(10_000, begins, anchor=calendar_anchor(begins, MONTH, 1, UTC_ZONE))
    assert (bills(subscription), subscription.period) == ([[billed]], Period(begins, first_of_month))


def test_w7_an_upgrade_and_its_reverse_by_the_second() -> None:
    """polarsource/polar, docs/features/subscriptions/proration.mdx: 2505600 of 2592000 seconds are left."""
    day_two = context(at=at(2026, 4, 2))
    subscription = started(500, at(2026, 4, 1), by=Granularity.SECOND)
    twenty = Terms(price=price(2000, "price_2000", by=Granularity.SECOND), quantity=1)
    subscription.change(twenty, ProrationBehavior.INVOICE_NOW, day_two)
    assert bills(subscription)[-1] == [-483, 1933]  # 5 × 29/30 = 4.83, 20 × 29/30 = 19.33; 14.50
    down = started(2000, at(2026, 4, 1), by=Granularity.SECOND)
    down.change(Terms(price=price(500, "price_500", by=Granularity.SECOND), quantity=1), ProrationBehavior.CREATE, day_two)
    assert [one.amount_minor for one in down.pending] == [-1933, 483]  # -14.50


def test_w8_the_first_period_on_the_calendar() -> None:
    """https://getlago.com/docs/guide/subscriptions/assign-plan."""
    begins = at(2026, 8, 10)
    subscription = started(5_000, begins, anchor=calendar_anchor(begins, MONTH, 1, UTC_ZONE))
    assert bills(subscription) == [[3548]]  # 50 × 22/31


def test_w9_an_upgrade_of_what_is_billed_in_arrears() -> None:
    """https://getlago.com/docs/guide/subscriptions/upgrades-downgrades."""
    in_arrears = ChargeDetails(in_arrears=True)
    hundred, two_hundred = (
        Terms(price=subscribed_price(price_id=f"price_{minor}", flat_amount_minor=minor, details=in_arrears), quantity=1)
        for minor in (10_000, 20_000)
    )
    subscription = PlanSubscription.start("psub_1", "cus_1", hundred, "UTC", context(at=at(2026, 1, 1)))
    subscription.period_paid(0, context(at=at(2026, 1, 1)))
    subscription.change(two_hundred, ProrationBehavior.CREATE, context(at=at(2026, 1, 15)))
    subscription.renew(at(2026, 2, 1))
    assert bills(subscription)[-1] == [10_968, 4_516]  # 200 × 17/31 for the rest, 100 × 14/31 until then


def test_w10_packages_after_free_units() -> None:
    """https://getlago.com/docs/guide/plans/charges/charge-models/package."""
    # 101 beyond the 100 free ones: 2 packages of 100 at 5
    assert costs(charge(PriceModel.PACKAGE, "5", package_size=100, free_units=100), 201) == ["10.00"]


def test_w11_percentage_with_free_transactions() -> None:
    """https://getlago.com/docs/guide/plans/charges/charge-models/percentage."""
    priced = charge(
        PriceModel.PERCENTAGE,
        rate_percent=Decimal("1.2"),
        transaction_fee_minor=10,
        free_transactions=3,
        free_amount_minor=50_000,
    )
    assert each(priced, "200", "100", "100", "50") == ["0.00", "0.00", "0.00", "0.70"]  # 50 × 1.2 % + 0.10


def test_w12_volume_with_a_flat_fee() -> None:
    """https://getlago.com/docs/guide/plans/charges/charge-models/volume."""
    steps = tiers(("10000", "0.0010", 1000), ("50000", "0.0008", 1000), ("100000", "0.0006", 1000), (None, "0.0004", 1000))
    assert costs(charge(PriceModel.VOLUME, tiers=steps), 65_000) == ["49.00"]  # 65000 × 0.0006 + 10


def test_w13_graduated_percentage() -> None:
    """https://getlago.com/docs/guide/plans/charges/charge-models/graduated-percentage."""
    steps = tiers(("1000", "1", 20_000), ("10000", "2", 30_000), (None, "3", 40_000))
    # 500 × 1 % + 200; 500 × 1 % + 50 × 2 % + 300; 4000 × 2 %
    assert each(charge(PriceModel.GRADUATED_PERCENTAGE, tiers=steps), "500", "550", "4000") == ["205.00", "306.00", "80.00"]


def test_w14_a_spending_minimum() -> None:
    """https://getlago.com/docs/guide/plans/charges/spending-minimum."""
    assert rate(charge(PriceModel.PER_UNIT, "0.5", minimum_minor=10_000), 100).true_up == Money(5_000, "USD")  # 100 - 50


def test_w15_packages_of_a_million() -> None:
    """https://www.chargebee.com/docs/billing/2.0/product-catalog/package-pricing."""
    priced = charge(PriceModel.PACKAGE, "1.25", package_size=1_000_000)
    assert costs(priced, 10, 1_000_000, 1_500_000) == ["1.25", "1.25", "2.50"]


def test_w16_stairstep() -> None:
    """https://docs.flexprice.io/docs/product-catalogue/plans/billing-models/package.md."""
    steps = tiers(("1000", "0", 5_000), ("5000", "0", 20_000), ("10000", "0", 35_000), (None, "0", 35_000))
    assert costs(charge(PriceModel.STAIRSTEP, tiers=steps), 1_500, 4_500) == ["200.00", "200.00"]


def test_w17_tax_per_line_at_15_percent() -> None:
    """https://support.stripe.com/questions/rounding-rules-for-stripe-fees."""
    assert taxed([(43, vat("15")), (484, vat("15"))]) == ([6, 73], 606)  # 0.0645, 0.726; 5.27 + 0.79


def test_w18_tax_per_line_and_per_invoice_at_8_25_percent() -> None:
    """https://docs.zuora.com, tax rounding method examples."""
    lines = [(19_700, vat("8.25")), (4_900, vat("8.25"))]
    assert taxed(lines) == ([1625, 404], 26_629)  # 16.2525, 4.0425; 246.00 + 20.29
    assert sum(taxed(lines, TaxRule(rounding=TaxRounding.PER_INVOICE))[0]) == 2030  # 246.00 × 8.25 % = 20.295


def test_w19_inclusive_tax_rounds_the_net() -> None:
    """https://docs.zuora.com, rounding rule for inclusive tax mode."""
    assert taxed([(299, vat("4", inclusive=True))]) == ([11], 299)  # 2.99 / 1.04 = 2.875, so 2.88 + 0.11


def test_w20_inclusive_tax_is_shared_out() -> None:
    """https://docs.zuora.com, redistribute tax rounding differences."""
    lines = [(3_000, vat("8", inclusive=True)), (5_000, vat("8", inclusive=True))]
    assert taxed(lines)[0] == [222, 370]  # 2.2222, 3.7037: 5.92 in all
    assert taxed(lines, TaxRule(rounding=TaxRounding.PER_INVOICE))[0] == [222, 371]  # 80 - 80 / 1.08 = 5.93


def test_w21_inclusive_tax_without_minor_units() -> None:
    """https://github.com/frappe/erpnext/issues/52236."""
    assert taxed([(50_000, vat("10", inclusive=True))], currency="JPY") == ([4_545], 50_000)  # 50000 - 45455


def test_w22_half_up_per_line() -> None:
    """https://developer.wafeq.com/reference/calculations-and-rounding."""
    assert taxed([(4_530, vat("5")), (3_345, vat("10"))]) == ([227, 335], 8_437)  # 2.265, 3.345; 78.75 + 5.62


def test_w23_half_even_per_line_and_on_the_subtotal() -> None:
    """https://support.staxbill.com, understanding taxation calculations."""
    lines = [(1_750, vat("7"))] * 4
    assert taxed(lines, TaxRule(mode=RoundingMode.HALF_EVEN))[0] == [122] * 4  # 1.225 each: 4.88
    per_invoice = TaxRule(mode=RoundingMode.HALF_EVEN, rounding=TaxRounding.PER_INVOICE)
    assert sum(taxed(lines, per_invoice)[0]) == 490  # 70.00 × 7 %


def test_w24_inclusive_and_exclusive() -> None:
    """Polar's tax behaviour; https://support.stripe.com, inclusive and exclusive taxes."""
    assert taxed([(1_200, vat("20", inclusive=True))]) == ([200], 1_200)
    assert taxed([(1_000, vat("20"))]) == ([200], 1_200)
    assert taxed([(60_000, vat("10", inclusive=True))])[1] == 60_000
    assert taxed([(60_000, vat("10"))])[1] == 66_000


def test_w25_two_coupons_one_after_the_other() -> None:
    """https://docs.flexprice.io/docs/invoices/billing-calculation-order."""
    ten = Reduction(percent_off=Decimal(10), amount_off=None, plan_ids=())
    [parts] = reduce_charges([("plan_1", Money(10_000, "USD"))], [ten, ten])
    assert [part.minor_units for part in parts] == [1_000, 900]  # 10 %, and 10 % of what is left: 19 % in all


def test_w26_what_stripe_can_charge_of_three_decimals() -> None:
    """https://docs.stripe.com/currencies: the last digit of a three-decimal amount is 0."""
    # 5.124 KWD cannot be charged; what Stripe would take, 5.120 or 5.130, is another amount than the invoice's
    assert [stripe_amount(Money(fils, "KWD")) for fils in (5_124, 5_120, 5_130)] == [None, 5_120, 5_130]
