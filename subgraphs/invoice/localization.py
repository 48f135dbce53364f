"""Amounts and dates as a customer's language writes them."""

from datetime import UTC, datetime

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency

from subgraphs.kit.domain.money import Money

__all__ = ["date_text", "locale_of", "money_text"]


def locale_of(language: str) -> Locale:
    """Return the locale of a BCP 47 tag, that of English where it is not known."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def date_text(at: datetime, locale: Locale) -> str:
    """Return the date in UTC: 4 May 2026."""
    return format_date(at.astimezone(UTC).date(), "medium", locale=locale)


def money_text(amount: Money, locale: Locale) -> str:
    """Return the amount with its currency: €56.50."""
    return format_currency(amount.amount, amount.currency, locale=locale)
