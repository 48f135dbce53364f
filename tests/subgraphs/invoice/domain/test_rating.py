"""What a price comes to."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.invoice.domain.rating import LARGEST, rate_line
from subgraphs.invoice.domain.values import InvoiceLine, PriceModel
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money


def flat(amount_minor: int | None, quantity: int = 1, currency: str = "EUR") -> InvoiceLine:
    return line(PriceModel.FLAT, quantity, currency, None, amount_minor)


def per_unit(quantity: int, unit_amount: str | None, currency: str = "EUR") -> InvoiceLine:
    return line(PriceModel.PER_UNIT, quantity, currency, None if unit_amount is None else Decimal(unit_amount), None)


def line(model: PriceModel, quantity: int, currency: str, unit: Decimal | None, flat_minor: int | None) -> InvoiceLine:
    return rate_line(
        description="Team",
        price_id="price_1",
        plan_id="plan_1",
        period=None,
        quantity=quantity,
        model=model,
        currency=currency,
        unit_amount=unit,
        flat_amount_minor=flat_minor,
    )


@pytest.mark.parametrize("quantity", [0, 1, 25])
def test_a_flat_price_costs_the_same_whatever_the_quantity(quantity: int) -> None:
    rated = flat(1900, quantity)
    assert (rated.amount, rated.explanation, rated.quantity) == (Money(1900, "EUR"), "19.00 EUR flat", quantity)


@pytest.mark.parametrize(
    ("quantity", "unit_amount", "currency", "minor_units", "explanation"),
    [
        (3, "12.5", "EUR", 3750, "3 × 12.50 EUR"),  # 3 * 12.50 = 37.50
        (0, "12.50", "EUR", 0, "0 × 12.50 EUR"),
        (10_000, "0.0035", "EUR", 3500, "10000 × 0.0035 EUR"),  # 10000 * 0.0035 = 35.00
        (1, "0.005", "EUR", 1, "1 × 0.005 EUR"),  # half a cent: away from zero
        (1, "0.004999999999", "EUR", 0, "1 × 0.004999999999 EUR"),
        (3, "0.005", "EUR", 2, "3 × 0.005 EUR"),  # 0.015 = 1.5 cents: rounded once, not 3 times 1 cent
        (7, "0.333333333333", "EUR", 233, "7 × 0.333333333333 EUR"),  # 2.333333333331
        (3, "1.5", "JPY", 5, "3 × 1.5 JPY"),  # 4.5 yen; a yen has no minor unit
        (2, "100.00", "JPY", 200, "2 × 100 JPY"),
        (3, "1.0005", "KWD", 3002, "3 × 1.0005 KWD"),  # 3.0015 = 3001.5 fils
        (3, "1.5", "KWD", 4500, "3 × 1.500 KWD"),
        (2, "1E+2", "EUR", 20000, "2 × 100.00 EUR"),
    ],
)
def test_a_unit_price_is_multiplied_exactly_and_rounded_once(
    quantity: int, unit_amount: str, currency: str, minor_units: int, explanation: str
) -> None:
    rated = per_unit(quantity, unit_amount, currency)
    assert (rated.amount, rated.explanation) == (Money(minor_units, currency), explanation)


def test_no_digit_is_lost_before_the_rounding() -> None:
    # 9000000000000000 * 10.000000000001 = 90000000000009000.00 EUR
    assert per_unit(9 * 10**15, "10.000000000001").amount.minor_units == 9_000_000_000_000_900_000
    # 29 digits; in Decimal's usual 28 they would read …879.005 and come to one cent more
    assert per_unit(1, "46116860184273879.004999999999").amount.minor_units == 4_611_686_018_427_387_900


def test_the_largest_amount_can_be_billed_and_no_more() -> None:
    # 2 * 46116860184273879.03 = 92233720368547758.06 EUR; the limit is 9223372036854775807 cents = …758.07
    assert per_unit(2, "46116860184273879.03").amount.minor_units == LARGEST - 1
    with pytest.raises(InvalidInput, match="more than can be billed"):
        per_unit(2, "46116860184273879.04")


@given(quantity=st.integers(0, 10**6), millionths=st.integers(0, 10**12))
def test_rounding_is_never_off_by_more_than_half_a_minor_unit(quantity: int, millionths: int) -> None:
    rated = per_unit(quantity, str(Decimal(millionths).scaleb(-6)))
    exact_in_millionths_of_a_cent = quantity * millionths * 100
    assert abs(rated.amount.minor_units * 10**6 - exact_in_millionths_of_a_cent) <= 5 * 10**5


@pytest.mark.parametrize("unit_amount", ["-0.01", "0.0000000000001", "NaN", "Infinity", "1E+19", "9223372036854775808"])
def test_an_impossible_unit_amount_is_refused(unit_amount: str) -> None:
    with pytest.raises(InvalidInput, match="unit amount"):
        per_unit(1, unit_amount)


@pytest.mark.parametrize("quantity", [-1, LARGEST + 1])
def test_an_impossible_quantity_is_refused(quantity: int) -> None:
    with pytest.raises(InvalidInput, match="quantity"):
        flat(100, quantity)


@pytest.mark.parametrize("amount", [-1, LARGEST + 1])
def test_an_impossible_flat_amount_is_refused(amount: int) -> None:
    with pytest.raises(InvalidInput, match="flat amount"):
        flat(amount)


def test_a_price_needs_the_amount_of_its_model() -> None:
    with pytest.raises(InvalidInput, match="FLAT price has no amount"):
        flat(None)
    with pytest.raises(InvalidInput, match="PER_UNIT price has no amount"):
        per_unit(1, None)
