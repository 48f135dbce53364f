"""Amounts as Stripe counts them: mostly minor units, with the exceptions of https://docs.stripe.com/currencies. Pure."""

from subgraphs.kit.domain.money import Money

__all__ = ["from_stripe", "stripe_amount"]

# Zero-decimal at Stripe, while ISO 4217 gives it two places.
_WHOLE_AT_STRIPE = frozenset({"MGA"})
# Zero-decimal in ISO 4217, while Stripe keeps two places that must be zero.
_HUNDREDTHS_AT_STRIPE = frozenset({"ISK", "UGX"})
# Three-decimal, and Stripe charges only whole tens of them.
_TENS_AT_STRIPE = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


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
