"""What a price comes to: the maths of one line. Rounded once, here, to the minor unit, half away from zero."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from subgraphs.invoice.domain.values import InvoiceLine, LineDiscount, PriceModel
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money, total
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.charge import NO_DETAILS, Charge, ChargeDetails
from subgraphs.pricing.proration import Share
from subgraphs.pricing.rating import Quantity, amount_used, rate_part, rate_usage

__all__ = ["rate_line", "whole_units", "with_discounts"]

UNIT_AMOUNT_DECIMALS = 12
# The largest whole number the stores and the API's BigInt hold.
LARGEST = 2**63 - 1


def rate_line(
    *,
    description: str,
    price_id: str | None,
    plan_id: str | None,
    period: Period | None,
    quantity: int,
    model: PriceModel,
    currency: str,
    unit_amount: Decimal | None,
    flat_amount_minor: int | None,
    details: ChargeDetails = NO_DETAILS,
    share: Share | None = None,
    usage: Quantity | None = None,
) -> InvoiceLine:
    """Return the line that `quantity` of a price comes to.

    `unit_amount` is in major units with up to 12 decimals, `flat_amount_minor` in minor units; `details` are the numbers of
    models other than FLAT and PER_UNIT. A `share` of the period is billed, all of it when None. With `usage` that is billed, by
    what the price asks for the share of a period, and the quantity is what it rounds to, half up.

    Raises:
        InvalidInput: the price lacks the amount of its model, or an amount or the quantity is out of range.
    """
    _check(quantity, unit_amount, flat_amount_minor)
    charge = Charge(currency=currency, model=model, flat_amount_minor=flat_amount_minor, unit_amount=unit_amount, details=details)
    if usage is None:
        rated = rate_part(charge, quantity, share)
    else:
        quantity = whole_units(amount_used(usage))
        rated = rate_usage(charge, usage, share)
    amount, explanation = rated.amount, rated.explanation
    if amount.minor_units > LARGEST:
        raise InvalidInput(f"{explanation} is more than can be billed on one line")
    return InvoiceLine(
        description=description,
        price_id=price_id,
        plan_id=plan_id,
        period=period,
        quantity=quantity,
        model=model,
        unit_amount=unit_amount,
        flat_amount=None if flat_amount_minor is None else Money(flat_amount_minor, currency),
        amount=amount,
        explanation=explanation,
        usage=None if usage is None else amount_used(usage),
    )


def whole_units(usage: Decimal) -> int:
    """Return the nearest whole number of units, half up: what a line shows as its quantity."""
    return int(usage.to_integral_value(ROUND_HALF_UP))


def _check(quantity: int, unit_amount: Decimal | None, flat_amount_minor: int | None) -> None:
    if not 0 <= quantity <= LARGEST:
        raise InvalidInput(f"a quantity is a whole number from 0, not {quantity}")
    if flat_amount_minor is not None and not 0 <= flat_amount_minor <= LARGEST:
        raise InvalidInput(f"a flat amount is a whole number of minor units from 0, not {flat_amount_minor}")
    if unit_amount is None:
        return
    exponent = unit_amount.as_tuple().exponent
    if not isinstance(exponent, int) or not -UNIT_AMOUNT_DECIMALS <= exponent <= 18 or not 0 <= unit_amount <= LARGEST:
        raise InvalidInput(f"a unit amount is a number from 0 with up to {UNIT_AMOUNT_DECIMALS} decimals, not {unit_amount}")


def with_discounts(line: InvoiceLine, discounts: tuple[LineDiscount, ...]) -> InvoiceLine:
    """Return the line with the discounts taken off its amount, and told in its explanation."""
    amount = line.amount - total([off.amount for off in discounts], line.amount.currency)
    explanation = "".join((line.explanation, *(f" − {off.amount} ({off.name})" for off in discounts)))
    return replace(line, amount=amount, discounts=discounts, explanation=explanation)
