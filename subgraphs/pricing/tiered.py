"""Prices in tiers. A tier holds its upper bound: 5 is in the tier up to 5, and 5.001 in the next."""

from collections.abc import Iterator
from decimal import Decimal

from subgraphs.pricing.amounts import major, shown
from subgraphs.pricing.charge import Charge, Tier

__all__ = ["entered", "flat_amount", "graduated", "stairstep", "volume"]


def graduated(charge: Charge, quantity: Decimal) -> tuple[Decimal, str]:
    """Return Σ units in tier × its unit amount + its flat amount, over the tiers entered; exact, major units."""
    amount, terms = Decimal(0), []
    for tier, units in entered(charge, quantity):
        flat = flat_amount(charge, tier)
        amount += units * tier.unit_amount + flat
        terms += [_product(charge, tier, units)] if tier.unit_amount or not flat else []
        terms += [f"{shown(flat, charge.currency)} flat"] if flat else []
    return amount, " + ".join(terms) or "nothing used"


def volume(charge: Charge, quantity: Decimal) -> tuple[Decimal, str]:
    """Return all units × the unit amount of the tier that the quantity falls in, and its flat amount; exact, major units."""
    if not quantity and not charge.details.first_tier_at_zero:
        return Decimal(0), "nothing used"
    tier = _tier_of(charge, quantity)
    flat = flat_amount(charge, tier)
    explanation = _product(charge, tier, quantity)
    return quantity * tier.unit_amount + flat, f"{explanation} + {shown(flat, charge.currency)} flat" if flat else explanation


def stairstep(charge: Charge, quantity: Decimal) -> tuple[Decimal, str]:
    """Return the flat amount of the tier that the quantity falls in; exact, major units."""
    if not quantity and not charge.details.first_tier_at_zero:
        return Decimal(0), "nothing used"
    tier = _tier_of(charge, quantity)
    bound = f"up to {tier.up_to:f}" if tier.up_to is not None else "without limit"
    return flat_amount(charge, tier), f"{shown(flat_amount(charge, tier), charge.currency)} for {quantity:f}, {bound}"


def entered(charge: Charge, quantity: Decimal) -> Iterator[tuple[Tier, Decimal]]:
    """Yield each tier that `quantity` enters with how much of it falls there; nothing enters the first where that costs."""
    below = Decimal(0)
    for number, tier in enumerate(charge.details.tiers):
        if quantity <= below and not (number == 0 and charge.details.first_tier_at_zero):
            return
        top = quantity if tier.up_to is None else min(quantity, tier.up_to)
        yield tier, top - below
        below = top
        if tier.up_to is None or quantity <= tier.up_to:
            return


def flat_amount(charge: Charge, tier: Tier) -> Decimal:
    """Return the tier's flat amount in major units."""
    return major(tier.flat_amount_minor, charge.currency)


def _tier_of(charge: Charge, quantity: Decimal) -> Tier:
    return next(tier for tier in charge.details.tiers if tier.up_to is None or quantity <= tier.up_to)


def _product(charge: Charge, tier: Tier, units: Decimal) -> str:
    return f"{units:f} × {shown(tier.unit_amount, charge.currency)}"
