"""Amounts as Stripe counts them: mostly minor units, with the exceptions of https://docs.stripe.com/currencies, and the least it
charges. Pure.
"""

from decimal import Decimal

from subgraphs.kit.domain.money import Money

__all__ = ["from_stripe", "minimum_charge", "stripe_amount"]

# Zero-decimal at Stripe, while ISO 4217 gives it two places.
_WHOLE_AT_STRIPE = frozenset({"MGA"})
# Zero-decimal in ISO 4217, while Stripe keeps two places that must be zero.
_HUNDREDTHS_AT_STRIPE = frozenset({"ISK", "UGX"})
# Three-decimal, and Stripe charges only whole tens of them.
_TENS_AT_STRIPE = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
# The published minimums, in major units (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). They count where
# a charge settles in its own currency; one that is converted must come to the minimum of the settlement currency, which Stripe
# alone knows and answers with `amount_too_small`.
_MINIMUMS = {
    "AED": "2.00",
    "ARS": "0.50",
    "AUD": "0.50",
    "BGN": "1.00",
    "BRL": "0.50",
    "CAD": "0.50",
    "CHF": "0.50",
    "COP": "0.50",
    "CZK": "15.00",
    "DKK": "2.50",
    "EUR": "0.50",
    "GBP": "0.30",
    "HKD": "4.00",
    "HUF": "175.00",
    "ILS": "0.50",
    "INR": "0.50",
    "JPY": "50",
    "KRW": "50",
    "MXN": "10.00",
    "MYR": "2.00",
    "NOK": "3.00",
    "NZD": "0.50",
    "PHP": "0.50",
    "PLN": "2.00",
    "RON": "2.00",
    "RUB": "0.50",
    "SEK": "3.00",
    "SGD": "0.50",
    "THB": "10.00",
    "USD": "0.50",
    "ZAR": "0.50",
}


def minimum_charge(currency: str) -> Money | None:
    """Return the least that Stripe charges in a currency it settles in; None where it publishes none."""
    published = _MINIMUMS.get(currency)
    return None if published is None else Money.from_major(Decimal(published), currency)


def stripe_amount(amount: Money) -> int | None:
    """Return the amount in Stripe's unit of its currency, None where Stripe cannot charge it exactly."""
    minor, currency = amount.minor_units, amount.currency
    if currency in _HUNDREDTHS_AT_STRIPE:
        return minor * 100
    if currency in _WHOLE_AT_STRIPE:
        return minor // 100 if minor % 100 == 0 else None
    if currency in _TENS_AT_STRIPE and minor % 10:
        return None
    return minor


def from_stripe(units: int, currency: str) -> Money:
    """Return the amount that Stripe tells in its unit of the currency, whose code it writes in lower case."""
    code = currency.upper()
    if code in _HUNDREDTHS_AT_STRIPE:
        return Money(units // 100, code)
    return Money(units * 100 if code in _WHOLE_AT_STRIPE else units, code)
