"""Minor units and Stripe's units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.invoice.payment_providers.stripe_amounts import from_stripe, stripe_amount
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
