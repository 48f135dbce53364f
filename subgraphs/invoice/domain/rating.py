"""What a price comes to: the maths of one line. Rounded once, here, to the minor unit, half away from zero."""

from decimal import Decimal, localcontext

from subgraphs.invoice.domain.values import InvoiceLine, PriceModel
from subgraphs.kit.domain.currency import minor_unit_digits
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period

__all__ = ["rate_line"]

UNIT_AMOUNT_DECIMALS = 12
# The largest whole number the stores and the API's BigInt hold.
LARGEST = 2**63 - 1
# More digits than a 64-bit quantity times a 64-bit amount with 12 decimals has, so that only the final rounding rounds.
_PRECISION = 80


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
) -> InvoiceLine:
    """Return the line that `quantity` of a price comes to.

    FLAT: the flat amount, whatever the quantity. PER_UNIT: quantity × unit amount, where the unit amount is in major units with
    up to 12 decimals.

    Raises:
        InvalidInput: the price lacks the amount of its model, or an amount or the quantity is out of range.
    """
    _check(quantity, unit_amount, flat_amount_minor)
    flat_amount = None if flat_amount_minor is None else Money(flat_amount_minor, currency)
    match model:
        case PriceModel.FLAT if flat_amount is not None:
            amount, explanation = flat_amount, f"{flat_amount} flat"
        case PriceModel.PER_UNIT if unit_amount is not None:
            amount, explanation = (
                _times(quantity, unit_amount, currency),
                f"{quantity} × {_shown(unit_amount, currency)} {currency}",
            )
        case _:
            raise InvalidInput(f"a {model} price has no amount for {model}")
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
        flat_amount=flat_amount,
        amount=amount,
        explanation=explanation,
    )


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


def _times(quantity: int, unit_amount: Decimal, currency: str) -> Money:
    with localcontext(prec=_PRECISION):
        return Money.from_major(quantity * unit_amount, currency)


def _shown(unit_amount: Decimal, currency: str) -> str:
    """Return 12.5 EUR as `12.50` and 0.00350 EUR as `0.0035`: at least the currency's decimals, no further trailing zeros."""
    digits = minor_unit_digits(currency)
    whole, _, fraction = f"{unit_amount:f}".partition(".")
    fraction = fraction.rstrip("0").ljust(digits, "0")
    return f"{whole}.{fraction}" if fraction else whole
