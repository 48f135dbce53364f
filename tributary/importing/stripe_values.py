"""Values as Stripe writes them, and what its exports do not say. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from subgraphs.kit.domain.currency import MINOR_UNIT_DIGITS
from tributary.importing.records import refused

__all__ = ["StripeOptions", "exact", "id_of", "instant", "integer", "major", "minor", "reference", "short"]

# https://docs.stripe.com/currencies: amounts have no decimals in the first, three in the second, and two in all others, also
# where the currency itself has none (ISK, UGX).
_NO_DECIMALS = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
_THREE_DECIMALS = {"BHD", "JOD", "KWD", "OMR", "TND"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeOptions:
    """What an export does not say. `currency` is for customers without one; `coupons` are ours by Stripe's id.

    With `payment_provider`, default payment methods are taken over under that provider.
    """

    currency: str | None = None
    payment_provider: str | None = None
    coupons: Mapping[str, str] = field(default_factory=dict)
    ignore_discounts: bool = False


def id_of(object: Mapping[str, Any]) -> str:
    id = object.get("id")
    if not isinstance(id, str) or not id:
        raise refused("ID_MISSING", "it has no id: export whole objects")
    return id


def reference(value: Any, name: str) -> str:
    """Return the id of what is referred to, expanded or not."""
    id = value.get("id") if isinstance(value, Mapping) else value
    if not isinstance(id, str) or not id:
        raise refused("REFERENCE_MISSING", f"it names no {name}")
    return id


def instant(value: Any, name: str) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**36:
        raise refused("TIME_UNKNOWN", f"{name} is a Unix time in seconds, not {value!r}")
    return datetime.fromtimestamp(value, UTC)


def integer(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise refused("NUMBER_UNKNOWN", f"{name} is a whole number, not {value!r}")
    return value


def exact(object: Mapping[str, Any], name: str) -> Decimal | None:
    """Return an amount in Stripe's minor units, exactly: `<name>_decimal` is text with up to 12 decimals."""
    text = object.get(f"{name}_decimal")
    if text is None:
        text = object.get(name)
    if text is None:
        return None
    try:
        amount = Decimal(str(text))
    except InvalidOperation as error:
        raise refused("AMOUNT_UNKNOWN", f"{name} is a number, not {text!r}") from error
    if not amount.is_finite():
        raise refused("AMOUNT_UNKNOWN", f"{name} is a number, not {text!r}")
    return amount


def major(object: Mapping[str, Any], name: str, currency: str) -> Decimal | None:
    amount = exact(object, name)
    return None if amount is None else amount.scaleb(-_stripe_digits(currency))


def minor(amount: Decimal | int, currency: str, name: str) -> int:
    """Return Stripe's minor units in ours, of which a currency may have more or fewer."""
    ours = Decimal(amount).scaleb(MINOR_UNIT_DIGITS.get(currency, 2) - _stripe_digits(currency))
    if ours != ours.to_integral_value():
        raise refused("AMOUNT_UNKNOWN", f"{name} is less than a minor unit of {currency}: {amount}")
    return int(ours)


def _stripe_digits(currency: str) -> int:
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


def short(text: Any, length: int) -> str | None:
    return str(text).strip()[:length].strip() or None if text else None
