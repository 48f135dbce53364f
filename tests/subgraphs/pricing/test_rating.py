"""What prices come to: published worked examples, the arithmetic beside them, and what always holds."""

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from subgraphs.pricing.charge import Charge, ChargeDetails, PriceModel, Tier
from subgraphs.pricing.rating import rate, rate_transactions


def tiers(*bounds_and_prices: tuple[int | None, str] | tuple[int | None, str, int]) -> tuple[Tier, ...]:
    return tuple(
        Tier(
            up_to=None if bound is None else Decimal(bound), unit_amount=Decimal(price), flat_amount_minor=flat[0] if flat else 0
        )
        for bound, price, *flat in bounds_and_prices
    )


def charge(
    model: PriceModel, unit: str | None = None, *, flat: int | None = None, currency: str = "USD", **details: Any
) -> Charge:
    return Charge(
        currency=currency,
        model=model,
        flat_amount_minor=flat,
        unit_amount=None if unit is None else Decimal(unit),
        details=ChargeDetails(**details),
    )


def cost(priced: Charge, quantity: Decimal | int) -> str:
    return str(rate(priced, quantity).amount.amount)


SEVEN = tiers((5, "7"), (10, "6.5"), (None, "6"))
FIVES = tiers((5, "5"), (10, "4"), (15, "3"), (20, "2"), (None, "1"))


@pytest.mark.parametrize(
    ("model", "steps", "quantity", "amount"),
    [
        # docs.stripe.com/subscriptions/pricing-models/tiered-pricing
        (PriceModel.VOLUME, SEVEN, 1, "7.00"),
        (PriceModel.VOLUME, SEVEN, 5, "35.00"),
        (PriceModel.VOLUME, SEVEN, 6, "39.00"),  # 6 * 6.5
        (PriceModel.VOLUME, SEVEN, 20, "120.00"),  # 20 * 6
        (PriceModel.VOLUME, SEVEN, 25, "150.00"),
        (PriceModel.GRADUATED, SEVEN, 5, "35.00"),
        (PriceModel.GRADUATED, SEVEN, 6, "41.50"),  # 35 + 6.5
        (PriceModel.GRADUATED, SEVEN, 20, "127.50"),  # 35 + 5 * 6.5 + 10 * 6
        (PriceModel.GRADUATED, SEVEN, 25, "157.50"),
        # stripe.com/docs/billing/subscriptions/tiers
        (PriceModel.VOLUME, FIVES, 1, "5.00"),
        (PriceModel.VOLUME, FIVES, 5, "25.00"),
        (PriceModel.VOLUME, FIVES, 6, "24.00"),  # 6 * 4
        (PriceModel.VOLUME, FIVES, 20, "40.00"),  # 20 * 2
        (PriceModel.VOLUME, FIVES, 25, "25.00"),  # 25 * 1
        (PriceModel.GRADUATED, FIVES, 6, "29.00"),  # 25 + 4
        (PriceModel.GRADUATED, FIVES, 25, "75.00"),  # 25 + 20 + 15 + 10 + 5
        # An upper bound is part of its tier; 5.001 enters the next.
        (PriceModel.VOLUME, FIVES, Decimal("5.001"), "20.00"),  # 5.001 * 4 = 20.004
        (PriceModel.GRADUATED, FIVES, Decimal("5.01"), "25.04"),  # 25 + 0.01 * 4
    ],
)
def test_tiers(model: PriceModel, steps: tuple[Tier, ...], quantity: Decimal | int, amount: str) -> None:
    assert cost(charge(model, tiers=steps), quantity) == amount


def test_per_unit() -> None:
    assert cost(charge(PriceModel.PER_UNIT, "5"), 25) == "125.00"


def test_volume_with_a_flat_amount_per_tier() -> None:
    # getlago.com charge-models/volume: 65000 * 0.0006 + 10 = 49
    steps = tiers((10_000, "0.0010", 1000), (50_000, "0.0008", 1000), (100_000, "0.0006", 1000), (None, "0.0004", 1000))
    rated = rate(charge(PriceModel.VOLUME, tiers=steps), 65_000)
    assert (rated.amount, rated.explanation) == (Money(4900, "USD"), "65000 × 0.0006 USD + 10.00 USD flat")


@pytest.mark.parametrize(
    ("size", "unit", "free", "quantity", "amount"),
    [
        (100, "5", 100, 201, "10.00"),  # getlago.com charge-models/package: 101 beyond the free ones, 2 packages
        (100, "5", 100, 100, "0.00"),
        (100, "5", 0, 0, "0.00"),
        (1_000_000, "1.25", 0, 10, "1.25"),  # chargebee.com package-pricing
        (1_000_000, "1.25", 0, 1_000_000, "1.25"),
        (1_000_000, "1.25", 0, 1_500_000, "2.50"),
        (3, "1", 0, 10, "4.00"),
    ],
)
def test_package(size: int, unit: str, free: int, quantity: int, amount: str) -> None:
    assert cost(charge(PriceModel.PACKAGE, unit, package_size=size, free_units=free), quantity) == amount


@pytest.mark.parametrize(
    ("quantity", "amount"), [(1000, "50.00"), (1001, "200.00"), (1500, "200.00"), (4500, "200.00"), (5001, "350.00")]
)
def test_stairstep(quantity: int, amount: str) -> None:
    # docs.flexprice.io billing-models/package: one amount per range
    steps = tiers((1000, "0", 5000), (5000, "0", 20_000), (None, "0", 35_000))
    assert cost(charge(PriceModel.STAIRSTEP, tiers=steps), quantity) == amount


def each(priced: Charge, *transactions: str) -> list[str]:
    """Return what every transaction adds to the price of those before it."""
    amounts: Sequence[Decimal] = [Decimal(transaction) for transaction in transactions]
    costs = [rate_transactions(priced, amounts[:count]).amount.amount for count in range(len(amounts) + 1)]
    return [str(after - before) for before, after in itertools.pairwise(costs)]


def test_percentage_with_free_transactions_or_a_free_amount() -> None:
    # getlago.com charge-models/percentage: 1.2 % + 0.10, the first 3 or the first 500 free: 50 * 1.2 % + 0.10 = 0.70
    priced = charge(
        PriceModel.PERCENTAGE,
        rate_percent=Decimal("1.2"),
        transaction_fee_minor=10,
        free_transactions=3,
        free_amount_minor=50_000,
    )
    assert each(priced, "200", "100", "100", "50") == ["0.00", "0.00", "0.00", "0.70"]
    # The amount runs out first: (300 + 300 - 500) * 1.2 % + 0.10 = 1.30, and then 100 * 1.2 % + 0.10
    assert each(priced, "300", "300", "100") == ["0.00", "1.30", "1.30"]


def test_percentage_within_bounds_per_transaction() -> None:
    priced = charge(PriceModel.PERCENTAGE, rate_percent=Decimal(1), transaction_minimum_minor=100, transaction_maximum_minor=500)
    assert each(priced, "10", "200", "1000") == ["1.00", "2.00", "5.00"]


def test_graduated_percentage() -> None:
    # getlago.com charge-models/graduated-percentage: 500 * 1 % + 200; 500 * 1 % + 50 * 2 % + 300; 4000 * 2 %
    steps = tiers((1000, "1", 20_000), (10_000, "2", 30_000), (None, "3", 40_000))
    assert each(charge(PriceModel.GRADUATED_PERCENTAGE, tiers=steps), "500", "550", "4000") == ["205.00", "306.00", "80.00"]


def test_a_minimum_is_made_up_for() -> None:
    # getlago.com charges/spending-minimum: 100 - 50
    rated = rate(charge(PriceModel.PER_UNIT, "0.5", minimum_minor=10_000), 100)
    assert (rated.amount, rated.true_up) == (Money(10_000, "USD"), Money(5000, "USD"))
    assert rated.explanation == "100 × 0.50 USD, raised to the minimum of 100.00 USD"


def test_a_maximum_is_not_exceeded() -> None:
    rated = rate(charge(PriceModel.PER_UNIT, "0.5", maximum_minor=1000), 100)
    assert (rated.amount, rated.true_up) == (Money(1000, "USD"), Money(0, "USD"))
    assert rated.explanation == "100 × 0.50 USD, limited to the maximum of 10.00 USD"


@pytest.mark.parametrize(
    ("at_zero", "model", "amount"),
    [
        (True, PriceModel.GRADUATED, "10.00"),
        (False, PriceModel.GRADUATED, "0.00"),
        (True, PriceModel.VOLUME, "10.00"),
        (False, PriceModel.VOLUME, "0.00"),
        (True, PriceModel.STAIRSTEP, "10.00"),
        (False, PriceModel.STAIRSTEP, "0.00"),
    ],
)
def test_what_nothing_costs_is_a_setting(at_zero: bool, model: PriceModel, amount: str) -> None:
    assert cost(charge(model, tiers=tiers((5, "0", 1000), (None, "0", 2000)), first_tier_at_zero=at_zero), 0) == amount


def test_a_unit_amount_of_twelve_decimals_is_rounded_once_at_the_end() -> None:
    priced = charge(PriceModel.PER_UNIT, "0.000000000005")
    assert cost(priced, 10**9) == "0.01"  # 0.005, half away from zero
    assert cost(priced, 10**9 - 1) == "0.00"
    assert cost(charge(PriceModel.PER_UNIT, "0.333333333333", currency="JPY"), 3) == "1"  # 0.999999999999


def test_arithmetic_is_explained() -> None:
    graduated = charge(PriceModel.GRADUATED, tiers=tiers((5, "7"), (None, "6.5", 1000)), free_units=2)
    assert rate(graduated, 8).explanation == "5 × 7.00 USD + 1 × 6.50 USD + 10.00 USD flat (2 of 8 free)"
    package = charge(PriceModel.PACKAGE, "5", package_size=100)
    assert rate(package, 250).explanation == "3 × 5.00 USD per 100"
    assert rate(charge(PriceModel.FLAT, flat=1900), 7).explanation == "19.00 USD flat"


def test_a_price_takes_what_its_model_takes() -> None:
    with pytest.raises(InvalidInput, match="takes transactions, not a quantity"):
        rate(charge(PriceModel.PERCENTAGE, rate_percent=Decimal(1)), 1)
    with pytest.raises(InvalidInput, match="takes a quantity, not transactions"):
        rate_transactions(charge(PriceModel.PER_UNIT, "1"), [])
    for model in PriceModel:
        if not model.is_of_transactions:
            with pytest.raises(InvalidInput, match="has no amount"):
                rate(charge(model), 1)


amounts = st.decimals(0, 1000, places=6)
steps = st.lists(st.tuples(st.integers(1, 50), amounts, st.integers(0, 1000)), max_size=5).map(
    lambda found: tuple(
        Tier(
            up_to=None if number == len(found) else Decimal(sum(width for width, *_ in found[: number + 1])),
            unit_amount=unit,
            flat_amount_minor=flat,
        )
        for number, (_, unit, flat) in enumerate([*found, (0, Decimal(1), 0)])
    )
)


@given(steps, st.integers(0, 400), st.integers(0, 400))
def test_a_graduated_price_never_falls_as_more_is_used(found: tuple[Tier, ...], first: int, second: int) -> None:
    priced = charge(PriceModel.GRADUATED, tiers=found)
    low, high = sorted([first, second])
    assert rate(priced, low).amount.minor_units <= rate(priced, high).amount.minor_units


@given(amounts, st.integers(0, 10**6))
def test_one_tier_without_end_is_a_price_per_unit(unit: Decimal, quantity: int) -> None:
    whole = rate(Charge(currency="USD", model=PriceModel.PER_UNIT, unit_amount=unit), quantity).amount
    for model in (PriceModel.GRADUATED, PriceModel.VOLUME):
        assert rate(charge(model, tiers=(Tier(unit_amount=unit),)), quantity).amount == whole


@given(steps, st.lists(st.decimals(0, 100, places=2), max_size=6))
def test_a_graduated_percentage_depends_on_the_sum_alone(found: tuple[Tier, ...], transactions: list[Decimal]) -> None:
    priced = charge(PriceModel.GRADUATED_PERCENTAGE, tiers=found)
    assert rate_transactions(priced, transactions) == rate_transactions(priced, [sum(transactions, Decimal(0))])


@given(st.integers(0, 10**6), st.integers(0, 10**4), st.integers(0, 10**4))
def test_an_amount_lies_within_its_bounds(quantity: int, first: int, second: int) -> None:
    low, high = sorted([first, second])
    rated = rate(charge(PriceModel.PER_UNIT, "0.01", minimum_minor=low, maximum_minor=high), quantity)
    assert low <= rated.amount.minor_units <= high
    assert rated.amount.minor_units - rated.true_up.minor_units <= quantity
