"""Minor units and Stripe's units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.invoice.payment_providers.stripe_amounts import from_stripe, minimum_charge, stripe_amount
from subgraphs.kit.domain.currency import MINOR_UNIT_DIGITS
from subgraphs.kit.domain.money import Money


@pytest.mark.parametrize(
    ("amount", "units"),
    [
        (Money(5650, "EUR"), 5650),  # 56.50
        (Money(500, "JPY"), 500),  # zero-decimal for both
        (Money(500, "ISK"), 50000),  # 500 ISK in hundredths
        (Money(500, "UGX"), 50000),
        (Money(1200, "MGA"), 12),  # 12.00 MGA: whole ones
        (Money(1250, "MGA"), None),
        (Money(5120, "KWD"), 5120),  # 5.120
        (Money(5124, "KWD"), None),
    ],
)
def test_amounts_are_told_in_stripes_unit(amount: Money, units: int | None) -> None:
    assert stripe_amount(amount) == units


@given(st.integers(min_value=1, max_value=10**12), st.sampled_from(sorted(MINOR_UNIT_DIGITS)))
def test_what_can_be_charged_comes_back_as_it_was(minor: int, currency: str) -> None:
    units = stripe_amount(Money(minor, currency))
    assert units is None or from_stripe(units, currency.lower()) == Money(minor, currency)


@pytest.mark.parametrize(
    ("currency", "minor"),
    [
        ("USD", 50),
        ("EUR", 50),
        ("GBP", 30),
        ("CHF", 50),
        ("JPY", 50),  # no decimals
        ("KRW", 50),
        ("MXN", 1000),
        ("HUF", 17500),
        ("CZK", 1500),
        ("DKK", 250),
        ("AED", 200),
        ("HKD", 400),
        ("SEK", 300),
        ("THB", 1000),
    ],
)
def test_the_published_minimums_are_known_in_minor_units(currency: str, minor: int) -> None:
    assert minimum_charge(currency) == Money(minor, currency)


def test_of_other_currencies_stripe_publishes_no_minimum() -> None:
    known = {currency for currency in MINOR_UNIT_DIGITS if minimum_charge(currency) is not None}
    assert len(known) == 31
    assert not known & {"ISK", "KWD", "MGA", "UGX"}
