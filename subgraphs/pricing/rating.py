"""What a quantity of a price comes to, exactly, and rounded once to the minor unit, half away from zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import TypeAlias

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from subgraphs.pricing.amounts import shown
from subgraphs.pricing.charge import Charge, PriceModel
from subgraphs.pricing.parts import allowed, asked, told, told_quantity
from subgraphs.pricing.percentage import graduated_percentage, percentage
from subgraphs.pricing.share import Share
from subgraphs.pricing.tiered import graduated, stairstep, volume
from subgraphs.pricing.transactions import NO_TRANSACTIONS, Transacted, transact

__all__ = ["Quantity", "Rated", "amount_used", "rate", "rate_part", "rate_transactions", "rate_usage"]

Quantity: TypeAlias = Decimal | Transacted
"""What a meter counted in a period: a number, or for a PERCENTAGE price its transactions."""

# More digits than a 64-bit quantity times a 64-bit amount with 12 decimals has, so that only the final rounding rounds.
_PRECISION = 80


@dataclass(frozen=True, slots=True)
class Rated:
    """An amount and how it came about: `3 × 12.50 EUR`. `true_up` is the part of it that only a minimum asks for."""

    amount: Money
    explanation: str
    true_up: Money


def rate(charge: Charge, quantity: Decimal | int) -> Rated:
    """Return what `quantity` units come to.

    Raises:
        InvalidInput: the charge lacks the numbers of its model, or its model takes transactions.
    """
    with localcontext(prec=_PRECISION):
        exact, explanation = _amount_of_units(charge, Decimal(quantity))
        return _bounded(charge, exact, explanation)


def rate_part(charge: Charge, quantity: Decimal | int, share: Share | None) -> Rated:
    """Return what `quantity` units come to for a share of a billing period, all of it when None; the share is rounded once more.

    Raises:
        InvalidInput: as `rate`.
    """
    whole = rate(charge, quantity)
    if share is None:
        return whole
    return Rated(share.of(whole.amount), f"({whole.explanation}) × {share}", share.of(whole.true_up))


def rate_transactions(charge: Charge, transactions: Sequence[Decimal]) -> Rated:
    """Return what transactions of these amounts (major units, in the order they were made) come to, in one billing period.

    Raises:
        InvalidInput: the charge's model takes a quantity.
    """
    if not charge.model.is_of_transactions:
        raise InvalidInput(f"a {charge.model} price takes a quantity, not transactions", field=("transactions",))
    if charge.model is PriceModel.PERCENTAGE:
        return rate_usage(charge, transact(charge, NO_TRANSACTIONS, transactions))
    with localcontext(prec=_PRECISION):
        return rate_usage(charge, sum(transactions, Decimal(0)))


def rate_usage(charge: Charge, used: Quantity, share: Share | None = None) -> Rated:
    """Return what a meter's quantity of a period comes to; with GRADUATED_PERCENTAGE that is an amount in major units.

    Of a `share` of a billing period, None: all of it, what is asked per unit is asked in full and what is asked per period (the
    minimum, flat amounts) in proportion, each rounded once; allowances as the price says. The maximum holds in a part as well:
    who uses much in a few days does not pay less than who uses as much in a month.

    Raises:
        InvalidInput: the charge lacks the numbers of its model, or takes the other kind of quantity; nothing used is of both.
    """
    charge = charge.part(share)
    with localcontext(prec=_PRECISION):
        match charge.model:
            case PriceModel.PERCENTAGE if isinstance(used, Transacted) or not used:
                exact, explanation = percentage(charge, used if isinstance(used, Transacted) else NO_TRANSACTIONS)
                return _bounded(charge, exact, explanation)
            case PriceModel.GRADUATED_PERCENTAGE:
                exact, explanation = graduated_percentage(charge, amount_used(used))
                return _bounded(charge, exact, explanation)
            case _ if not isinstance(used, Transacted):
                exact, explanation = _amount_of_units(charge, used)
                return _bounded(charge, exact, explanation)
    raise InvalidInput(f"a {charge.model} price takes a quantity, not transactions")


def amount_used(used: Quantity) -> Decimal:
    """Return the quantity as one number: of transactions, their amounts in all, in major units."""
    return used.amount if isinstance(used, Transacted) else used


def _amount_of_units(charge: Charge, quantity: Decimal) -> tuple[Decimal, str]:
    details, unit = charge.details, charge.unit_amount
    billed = max(quantity - allowed(charge, details.free_units), Decimal(0))
    free = f" ({told_quantity(charge, details.free_units)} of {quantity:f} free)" if details.free_units else ""
    match charge.model:
        case PriceModel.FLAT if charge.flat_amount_minor is not None:
            return asked(charge, charge.flat_amount_minor).amount, f"{told(charge, charge.flat_amount_minor)} flat"
        case PriceModel.PER_UNIT if unit is not None:
            return billed * unit, f"{billed:f} × {shown(unit, charge.currency)}{free}"
        case PriceModel.PACKAGE if unit is not None and details.package_size:
            packages = (billed / details.package_size).to_integral_value(ROUND_CEILING)  # each package begun counts
            return packages * unit, f"{packages:f} × {shown(unit, charge.currency)} per {details.package_size}{free}"
        case PriceModel.GRADUATED if details.tiers:
            amount, explanation = graduated(charge, billed)
        case PriceModel.VOLUME if details.tiers:
            amount, explanation = volume(charge, billed)
        case PriceModel.STAIRSTEP if details.tiers:
            amount, explanation = stairstep(charge, billed)
        case model if model.is_of_transactions:
            raise InvalidInput(f"a {model} price takes transactions, not a quantity", field=("quantity",))
        case model:
            raise InvalidInput(f"a {model} price has no amount for {model}")
    return amount, explanation + free


def _bounded(charge: Charge, exact: Decimal, explanation: str) -> Rated:
    currency, lowest, highest = charge.currency, charge.details.minimum_minor, charge.details.maximum_minor
    amount = bounded = Money.from_major(exact, currency)
    if lowest is not None and bounded < (minimum := asked(charge, lowest)):
        bounded, explanation = minimum, f"{explanation}, raised to the minimum of {told(charge, lowest)}"
    if highest is not None and (maximum := Money(highest, currency)) < bounded:
        bounded, explanation = maximum, f"{explanation}, limited to the maximum of {maximum}"
    return Rated(bounded, explanation, max(bounded - amount, Money.zero(currency)))
