"""Amounts in major units, as the arithmetic takes them and as people read them."""

from decimal import Decimal

from subgraphs.kit.domain.currency import minor_unit_digits

__all__ = ["major", "plain", "shown"]


def major(minor_units: int, currency: str) -> Decimal:
    """Return 1999 EUR as 19.99, exactly."""
    return Decimal(minor_units).scaleb(-minor_unit_digits(currency))


def plain(quantity: Decimal) -> Decimal:
    """Return 5.500000 as 5.5 and 100.00 as 100: the same number without trailing zeros, and without an exponent."""
    return Decimal(f"{quantity.normalize():f}")


def shown(amount: Decimal, currency: str) -> str:
    """Return 12.5 as `12.50 EUR` and 0.00350 as `0.0035 EUR`: at least the currency's decimals, no further trailing zeros."""
    whole, _, fraction = f"{amount:f}".partition(".")
    fraction = fraction.rstrip("0").ljust(minor_unit_digits(currency), "0")
    return f"{whole}.{fraction} {currency}" if fraction else f"{whole} {currency}"
