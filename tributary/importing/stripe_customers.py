"""From Stripe's customers to records. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from subgraphs.customer.domain.tax_ids import TaxIdType
from tributary.importing.records import Address, CustomerRecord, refused
from tributary.importing.stripe_values import StripeOptions, id_of, integer, minor, short

__all__ = ["customer_record"]

_EXEMPTIONS = {None: "NONE", "none": "NONE", "exempt": "EXEMPT", "reverse": "REVERSE_CHARGE"}
# As invoices print it.
_EXEMPTION_REASONS = {"exempt": "Tax exempt", "reverse": "Reverse charge"}
_TAX_ID_TYPES = {member.value for member in TaxIdType}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


def customer_record(object: Mapping[str, Any], options: StripeOptions) -> CustomerRecord:
    """Return the customer, with notes of what it had and is not taken over.

    Raises:
        Problem: it cannot be imported as it is.
    """
    notes: list[tuple[str, str]] = []
    id = id_of(object)
    name = short(object.get("name") or object.get("business_name") or object.get("email") or object.get("description"), 200)
    if name is None:
        raise refused("NAME_MISSING", "it has neither name nor e-mail address: give it one at Stripe and export it again")
    currency = str(object.get("currency") or options.currency or "").upper()
    if not currency:
        raise refused("CURRENCY_MISSING", "it has no currency yet: say which with --currency")
    address, shipping = object.get("address"), (object.get("shipping") or {}).get("address")
    return CustomerRecord(
        id=id,
        name=name,
        currency=currency,
        email=object.get("email") or None,
        language=_language(object.get("preferred_locales") or [], notes),
        address=_address(address, "address", notes),
        shipping_address=_address(shipping, "shipping address", notes),
        tax_ids=_tax_ids(object.get("tax_ids"), notes),
        tax_exemption=_exemption(object.get("tax_exempt")),
        tax_exemption_reason=_EXEMPTION_REASONS.get(str(object.get("tax_exempt"))),
        # Stripe counts what the customer owes: what is below zero there is credit.
        balance_minor=-minor(integer(object.get("balance") or 0, "balance"), currency, "balance"),
        payment=_payment(object, options, notes),
        notes=tuple(notes),
    )


def _language(locales: list[Any], notes: list[tuple[str, str]]) -> str:
    if not locales:
        return "en"
    if not _LANGUAGE.fullmatch(str(locales[0])):
        notes.append(("LANGUAGE_LEFT_OUT", f"the locale {locales[0]!r} is not taken over: it gets documents in English"))
        return "en"
    return str(locales[0])


def _address(address: Mapping[str, Any] | None, name: str, notes: list[tuple[str, str]]) -> Address | None:
    given = {key: str(value) for key, value in (address or {}).items() if value}
    if not given:
        return None
    missing = [part for part in ("line1", "city", "country") if part not in given]
    if missing:
        notes.append(
            ("ADDRESS_LEFT_OUT", f"its {name} has no {' and no '.join(missing)} and is left out: complete it with customerUpdate")
        )
        return None
    return Address(
        line1=given["line1"],
        line2=given.get("line2"),
        city=given["city"],
        postal_code=given.get("postal_code"),
        region=given.get("state"),
        country=given["country"],
    )


def _tax_ids(list_: Mapping[str, Any] | None, notes: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    found = []
    for tax_id in (list_ or {}).get("data") or []:
        type, value = str(tax_id.get("type")), str(tax_id.get("value"))
        if type in _TAX_ID_TYPES:
            found.append((type.upper(), value))
        else:
            notes.append(("TAX_ID_LEFT_OUT", f"tax ids of type {type} are not known here: {value} is left out"))
    return tuple(found)


def _exemption(exempt: Any) -> str:
    if exempt not in _EXEMPTIONS:
        raise refused("TAX_EXEMPT_UNKNOWN", f"tax_exempt is none, exempt or reverse, not {exempt!r}")
    return _EXEMPTIONS[exempt]


def _payment(object: Mapping[str, Any], options: StripeOptions, notes: list[tuple[str, str]]) -> tuple[str, str, str] | None:
    method = (object.get("invoice_settings") or {}).get("default_payment_method") or object.get("default_source")
    if options.payment_provider is None:
        return None
    if method is None:
        notes.append(("PAYMENT_METHOD_MISSING", "it has no default payment method: its next invoice cannot be charged"))
        return None
    if isinstance(method, str):
        return options.payment_provider, method, method
    card = method.get("card") or {}
    label = f"{str(card['brand']).title()} •••• {card['last4']}" if {"brand", "last4"} <= card.keys() else id_of(method)
    return options.payment_provider, id_of(method), label
