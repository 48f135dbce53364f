"""Prices in tiers. A tier holds its upper bound: 5 is in the tier up to 5, and 5.001 in the next.

For usage of a part of a billing period, flat amounts are asked in proportion; so are bounds where allowances are prorated.
"""

from collections.abc import Iterator
from decimal import Decimal

from subgraphs.pricing.amounts import shown
from subgraphs.pricing.charge import Charge, Tier
from subgraphs.pricing.parts import allowed, asked, told, told_quantity

__all__ = ["entered", "flat_amount", "graduated", "stairstep", "told_flat", "volume"]


def graduated(charge: Charge, quantity: Decimal) -> tuple[Decimal, str]:
    """Return Σ units in tier × its unit amount + its flat amount, over the tiers entered; exact, major units."""
    amount, terms = Decimal(0), []
    for tier, units in entered(charge, quantity):
        flat = flat_amount(charge, tier)
        amount += units * tier.unit_amount + flat
        terms += [_product(charge, tier, units)] if tier.unit_amount or not flat else []
        terms += [told_flat(charge, tier)] if flat else []
    return amount, " + ".join(terms) or "nothing used"


def volume(charge: Charge, quantity: Decimal) -> tuple[Decimal, str]:
    """Return all units × the unit amount of the tier that the quantity falls in, and its flat amount; exact, major units."""
    if not quantity and not charge.details.first_tier_at_zero:
        return Decimal(0), "nothing used"
    tier = _tier_of(charge, quantity)
    flat = flat_amount(charge, tier)
    explanation = _product(charge, tier, quantity)
    return quantity * tier.unit_amount + flat, f"{explanation} + {told_flat(charge, tier)}" if flat else explanation


def stairstep(charge: Charge, quantity: Decimal) -> tuple[Decimal, str]:
    """Return the flat amount of the tier that the quantity falls in; exact, major units."""
    if not quantity and not charge.details.first_tier_at_zero:
        return Decimal(0), "nothing used"
    tier = _tier_of(charge, quantity)
    limit = f"up to {told_quantity(charge, tier.up_to)}" if tier.up_to is not None else "without limit"
    return flat_amount(charge, tier), f"{told(charge, tier.flat_amount_minor)} for {quantity:f}, {limit}"


def entered(charge: Charge, quantity: Decimal) -> Iterator[tuple[Tier, Decimal]]:
    """Yield each tier that `quantity` enters with how much of it falls there; nothing enters the first where that costs."""
    below = Decimal(0)
    for number, tier in enumerate(charge.details.tiers):
        if quantity <= below and not (number == 0 and charge.details.first_tier_at_zero):
            return
        bound = _bound(charge, tier)
        top = quantity if bound is None else min(quantity, bound)
        yield tier, top - below
        below = top
        if bound is None or quantity <= bound:
            return


def flat_amount(charge: Charge, tier: Tier) -> Decimal:
    """Return the tier's flat amount in major units."""
    return asked(charge, tier.flat_amount_minor).amount


def told_flat(charge: Charge, tier: Tier) -> str:
    """Return how an invoice tells the tier's flat amount."""
    return f"{told(charge, tier.flat_amount_minor)} flat"


def _bound(charge: Charge, tier: Tier) -> Decimal | None:
    return None if tier.up_to is None else allowed(charge, tier.up_to)


def _tier_of(charge: Charge, quantity: Decimal) -> Tier:
    return next(tier for tier in charge.details.tiers if (bound := _bound(charge, tier)) is None or quantity <= bound)


def _product(charge: Charge, tier: Tier, units: Decimal) -> str:
    return f"{units:f} × {shown(tier.unit_amount, charge.currency)}"
