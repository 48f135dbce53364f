"""What stands on lines, which are kept in English, in the customer's language: names that are ours, and amounts.

Names of plans, meters and coupons, and descriptions that a tenant gave, are printed as they are.
"""

import re
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency

__all__ = ["description_text", "explanation_text"]

# By the language, what is printed for the English; `{…}` is kept.
DESCRIPTIONS = {
    "de": {
        "Unused time of {name}": "Nicht genutzte Zeit von {name}",
        "Remaining time of {name}": "Restliche Zeit von {name}",
        "Used time of {name}": "Genutzte Zeit von {name}",
        "Usage of {name} billed before": "Bereits berechnete Nutzung von {name}",
        "Usage of {name} that reached {amount}": "Nutzung von {name}, die {amount} erreicht hat",
        "Late usage of {name}": "Nachgemeldete Nutzung von {name}",
        "Minimum commitment of {name}": "Mindestumsatz von {name}",
        "Credit kept for the next invoice": "Guthaben für die nächste Rechnung",
        "Credit from the last invoice": "Guthaben aus der letzten Rechnung",
        "Unused time after the cancellation.": "Nicht genutzte Zeit nach der Kündigung.",
    },
    "fr": {
        "Unused time of {name}": "Temps non utilisé de {name}",
        "Remaining time of {name}": "Temps restant de {name}",
        "Used time of {name}": "Temps utilisé de {name}",
        "Usage of {name} billed before": "Consommation de {name} déjà facturée",
        "Usage of {name} that reached {amount}": "Consommation de {name} ayant atteint {amount}",
        "Late usage of {name}": "Consommation tardive de {name}",
        "Minimum commitment of {name}": "Engagement minimum de {name}",
        "Credit kept for the next invoice": "Crédit reporté sur la prochaine facture",
        "Credit from the last invoice": "Crédit de la dernière facture",
        "Unused time after the cancellation.": "Temps non utilisé après la résiliation.",
    },
    "es": {
        "Unused time of {name}": "Tiempo no utilizado de {name}",
        "Remaining time of {name}": "Tiempo restante de {name}",
        "Used time of {name}": "Tiempo utilizado de {name}",
        "Usage of {name} billed before": "Consumo de {name} ya facturado",
        "Usage of {name} that reached {amount}": "Consumo de {name} que alcanzó {amount}",
        "Late usage of {name}": "Consumo tardío de {name}",
        "Minimum commitment of {name}": "Compromiso mínimo de {name}",
        "Credit kept for the next invoice": "Crédito para la próxima factura",
        "Credit from the last invoice": "Crédito de la última factura",
        "Unused time after the cancellation.": "Tiempo no utilizado tras la cancelación.",
    },
}
# What follows an amount in an explanation.
AFTER_AMOUNTS = {
    "de": {
        "billed at thresholds": "bei Schwellen berechnet",
        "billed": "berechnet",
        "committed": "vereinbart",
        "of credit left": "Guthaben übrig",
        "flat": "pauschal",
    },
    "fr": {
        "billed at thresholds": "facturés aux seuils",
        "billed": "facturés",
        "committed": "engagés",
        "of credit left": "de crédit restant",
        "flat": "forfaitaires",
    },
    "es": {
        "billed at thresholds": "facturados por umbrales",
        "billed": "facturados",
        "committed": "comprometidos",
        "of credit left": "de crédito restante",
        "flat": "fijos",
    },
}
_KEPT = {"name": "(?P<name>.+)", "amount": r"(?P<amount>\S+ [A-Z]{3})"}


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("".join(_KEPT.get(part, re.escape(part)) for part in re.split("[{}]", english)))


_TRANSLATIONS = {
    language: [(_pattern(english), translated) for english, translated in texts.items()]
    for language, texts in DESCRIPTIONS.items()
}


def description_text(english: str, currency: str, locale: Locale) -> str:
    """Return a line's description, or the reason of a credit note, in the language; what is not ours as it is."""
    for pattern, translated in _TRANSLATIONS.get(locale.language, ()):
        if found := pattern.fullmatch(english):
            kept = found.groupdict()
            if "amount" in kept:
                kept["amount"] = explanation_text(kept["amount"], currency, locale)
            return translated.format(**kept)
    return english


def explanation_text(english: str, currency: str, locale: Locale) -> str:
    """Return the arithmetic of a line with its amounts as the language writes them, none of their decimals left out."""
    words = AFTER_AMOUNTS.get(locale.language, {})
    after = "|".join(map(re.escape, words)) or "(?!)"

    def localized(found: re.Match[str]) -> str:
        amount = format_currency(Decimal(found["amount"]), currency, locale=locale, decimal_quantization=False)
        return f"{amount} {words[found['after']]}" if found["after"] else amount

    return re.sub(rf"(?<![\w.,])(?P<amount>\d+(?:\.\d+)?) {currency}\b(?: (?P<after>{after})\b)?", localized, english)
