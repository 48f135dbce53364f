"""Amounts to the minor unit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.currency import MINOR_UNIT_DIGITS
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import CurrencyMismatch, Money, total

amounts = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize(
    ("amount", "currency", "minor_units"),
    [
        ("10.275", "USD", 1028),
        ("10.275", "EUR", 1028),
        ("-10.275", "EUR", -1028),  # half away from zero
        ("1000.5", "JPY", 1001),
        ("1000.5", "KRW", 1001),
        ("100.556", "INR", 10056),
        ("5.1245", "KWD", 5125),
        ("0.00005", "CLF", 1),
    ],
)
def test_major_units_are_rounded_once_half_away_from_zero(amount: str, currency: str, minor_units: int) -> None:
    assert Money.from_major(Decimal(amount), currency) == Money(minor_units, currency)


def test_amount_is_exact_in_major_units() -> None:
    assert Money(1999, "EUR").amount == Decimal("19.99")
    assert str(Money(1999, "JPY")) == "1999 JPY"
    assert str(Money(-5, "KWD")) == "-0.005 KWD"


def test_times_rounds_only_the_result() -> None:
    # 3 x 0.333333333333 EUR of 1.00 = 0.999999999999 -> 1.00
    assert Money(100, "EUR").times(Decimal("0.999999999999")) == Money(100, "EUR")
    assert Money(-25, "EUR").times(Decimal("0.5")) == Money(-13, "EUR")


def test_share_of_a_month() -> None:
    assert Money(5000, "EUR").share(22, 31) == Money(3548, "EUR")  # 5000 * 22 / 31 = 3548.39
    assert Money(-5000, "EUR").share(22, 31) == Money(-3548, "EUR")
    assert Money(1, "EUR").share(1, 2) == Money(1, "EUR")


def test_allocation_gives_the_rest_to_the_largest_remainders() -> None:
    assert Money(100, "EUR").allocate([1, 1, 1]) == [Money(34, "EUR"), Money(33, "EUR"), Money(33, "EUR")]
    assert Money(-100, "EUR").allocate([1, 1, 1]) == [Money(-34, "EUR"), Money(-33, "EUR"), Money(-33, "EUR")]
    assert Money(5, "JPY").allocate([0, 3, 2]) == [Money(0, "JPY"), Money(3, "JPY"), Money(2, "JPY")]


@given(amounts, st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any))
def test_allocated_parts_sum_to_the_total_and_are_within_one_unit_of_their_share(minor_units: int, weights: list[int]) -> None:
    parts = Money(minor_units, "USD").allocate(weights)
    assert total(parts, "USD") == Money(minor_units, "USD")
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor_units * sum(weights) - minor_units * weight) < sum(weights)


@given(amounts, st.sampled_from(sorted(MINOR_UNIT_DIGITS)))
def test_major_units_and_back(minor_units: int, currency: str) -> None:
    assert Money.from_major(Money(minor_units, currency).amount, currency) == Money(minor_units, currency)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch, match="EUR and USD"):
        Money(1, "EUR") + Money(1, "USD")


@pytest.mark.parametrize("code", ["eur", "XXX", "", "EURO"])
def test_an_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(InvalidInput, match="not an ISO 4217 currency"):
        Money(1, code)


def test_weights_must_be_positive_somewhere() -> None:
    with pytest.raises(ValueError, match="positive sum"):
        Money(1, "EUR").allocate([0, 0])
