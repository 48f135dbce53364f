"""Values of the catalogue, and what they may be."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.period import Interval

__all__ = ["PriceModel", "PriceTerms", "State", "checked_code", "checked_description", "checked_name", "checked_terms"]

NAME_LENGTH = 200
DESCRIPTION_LENGTH = 2_000
# Digits of a unit amount after the decimal point, in major units.
UNIT_AMOUNT_DIGITS = 12
LARGEST_UNIT_AMOUNT = Decimal(10) ** 12
LARGEST_FLAT_AMOUNT = 10**15
LARGEST_INTERVAL_COUNT = {"DAY": 365, "WEEK": 52, "MONTH": 36, "YEAR": 3}
_CODE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


class PriceModel(StrEnum):
    """How a quantity becomes an amount."""

    FLAT = "FLAT"
    PER_UNIT = "PER_UNIT"


class State(StrEnum):
    """Whether something can be sold."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTerms:
    """What a price version fixes for life.

    `flat_amount_minor` is per interval, in minor units; `unit_amount` is per unit and interval, in major units, exact.
    """

    currency: str
    model: PriceModel
    flat_amount_minor: int | None
    unit_amount: Decimal | None
    interval: Interval


def checked_name(name: str) -> str:
    """Return the name without surrounding space.

    Raises:
        InvalidInput: it is empty or too long.
    """
    stripped = name.strip()
    if not 1 <= len(stripped) <= NAME_LENGTH:
        raise InvalidInput(f"a name has 1 to {NAME_LENGTH} characters", field=("name",))
    return stripped


def checked_description(description: str | None) -> str | None:
    """Return the description.

    Raises:
        InvalidInput: it is too long.
    """
    if description is not None and len(description) > DESCRIPTION_LENGTH:
        raise InvalidInput(f"a description has at most {DESCRIPTION_LENGTH} characters", field=("description",))
    return description or None


def checked_code(code: str) -> str:
    """Return the code.

    Raises:
        InvalidInput: it is not of lower-case letters and digits, with single - or _ between.
    """
    if len(code) > 64 or not _CODE.fullmatch(code):
        raise InvalidInput(
            f"{code[:80]!r} is not a code: use up to 64 lower-case letters and digits, with - or _ between, such as team-2026",
            field=("code",),
        )
    return code


def checked_terms(terms: PriceTerms) -> PriceTerms:
    """Return the terms.

    Raises:
        InvalidInput: the amount does not fit the model, is negative, too large or too fine, or the interval is out of range.
    """
    largest = LARGEST_INTERVAL_COUNT[terms.interval.unit.value]
    if not 1 <= terms.interval.count <= largest:
        raise InvalidInput(
            f"an interval has 1 to {largest} {terms.interval.unit.value.lower()}s, not {terms.interval.count}",
            field=("interval", "count"),
        )
    if terms.model is PriceModel.FLAT:
        _check_flat(terms)
    else:
        _check_per_unit(terms)
    return terms


def _check_flat(terms: PriceTerms) -> None:
    if terms.unit_amount is not None:
        raise InvalidInput("a FLAT price has a flatAmount and no unitAmount", field=("unitAmount",))
    if terms.flat_amount_minor is None:
        raise InvalidInput("a FLAT price needs a flatAmount", field=("flatAmount",))
    if not 0 <= terms.flat_amount_minor <= LARGEST_FLAT_AMOUNT:
        raise InvalidInput(f"a flat amount is 0 to {LARGEST_FLAT_AMOUNT} minor units", field=("flatAmount", "minorUnits"))


def _check_per_unit(terms: PriceTerms) -> None:
    amount = terms.unit_amount
    if terms.flat_amount_minor is not None:
        raise InvalidInput("a PER_UNIT price has a unitAmount and no flatAmount", field=("flatAmount",))
    if amount is None:
        raise InvalidInput("a PER_UNIT price needs a unitAmount", field=("unitAmount",))
    if not amount.is_finite() or not 0 <= amount <= LARGEST_UNIT_AMOUNT:
        raise InvalidInput(f"a unit amount is 0 to {LARGEST_UNIT_AMOUNT}", field=("unitAmount",))
    exponent = amount.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > UNIT_AMOUNT_DIGITS:
        raise InvalidInput(f"a unit amount has at most {UNIT_AMOUNT_DIGITS} decimals", field=("unitAmount",))
