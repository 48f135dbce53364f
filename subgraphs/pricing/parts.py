"""What a price asks for usage of a part of a billing period: per unit in full, per period in proportion to the part.

A charge without a share is asked for a whole period; everything here is then what the price says.
"""

from decimal import ROUND_DOWN, Decimal, localcontext

from subgraphs.kit.domain.money import Money
from subgraphs.pricing.amounts import plain
from subgraphs.pricing.charge import Charge
from subgraphs.pricing.share import Share

__all__ = ["allowed", "allowed_amount", "allowed_count", "asked", "told", "told_quantity"]

# Decimals of a free quantity or the bound of a tier in a part of a period: as many as quantities have.
DECIMALS = 12
# More digits than a quantity times seconds has, so that nothing is rounded before the division.
_PRECISION = 80


def asked(charge: Charge, minor_units: int) -> Money:
    """Return what of an amount per billing period is asked for the part; rounded once, half away from zero."""
    amount = Money(minor_units, charge.currency)
    return charge.share.of(amount) if charge.share else amount


def told(charge: Charge, minor_units: int) -> str:
    """Return how an invoice tells such an amount: `10.00 EUR`, or of a part `10.00 EUR × 14/31`."""
    amount = Money(minor_units, charge.currency)
    return f"{amount} × {charge.share}" if charge.share else f"{amount}"


def allowed(charge: Charge, quantity: Decimal | int) -> Decimal:
    """Return what holds in the part of a free quantity or the bound of a tier.

    That is all of it, or where allowances are prorated the share, rounded down at 12 decimals: parts never exceed the whole.
    """
    exact = Decimal(quantity)
    share = _prorated(charge)
    if share is None:
        return exact
    with localcontext(prec=_PRECISION):
        part = exact * share.numerator / share.denominator
        return plain(part.quantize(Decimal(1).scaleb(-DECIMALS), rounding=ROUND_DOWN))


def told_quantity(charge: Charge, quantity: Decimal | int) -> str:
    """Return how an invoice tells such a quantity: `100`, or of a part `100 × 14/31`."""
    share = _prorated(charge)
    return f"{Decimal(quantity):f}" if share is None else f"{Decimal(quantity):f} × {share}"


def allowed_count(charge: Charge, count: int) -> int:
    """Return how many of so many free transactions are free in the part, rounded down: one is free or is not."""
    share = _prorated(charge)
    return count if share is None else count * share.numerator // share.denominator


def allowed_amount(charge: Charge, minor_units: int) -> Money:
    """Return up to which amount transactions are free in the part, rounded down to the minor unit."""
    return Money(allowed_count(charge, minor_units), charge.currency)


def _prorated(charge: Charge) -> Share | None:
    return charge.share if charge.details.allowances_prorated else None
