"""From the objects of a Stripe export to records. Pure; docs/import.md has the same mapping as a table.

An export is what the API or the CLI prints (`stripe customers list`), of any API version since 2020.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from subgraphs.customer.domain.tax_ids import TaxIdType
from subgraphs.kit.domain.currency import MINOR_UNIT_DIGITS
from subgraphs.kit.domain.period import Interval, IntervalUnit
from tributary.importing.records import (
    Address,
    CustomerRecord,
    Kind,
    PlanRecord,
    PriceRecord,
    PriceTier,
    ProductRecord,
    Record,
    SubscribedItem,
    SubscriptionRecord,
    TrialEnd,
    refused,
    skipped,
)

__all__ = ["KINDS", "StripeOptions", "code_of", "stripe_record"]

KINDS = MappingProxyType(
    {
        "customer": (Kind.CUSTOMER,),
        "product": (Kind.PRODUCT, Kind.PLAN),
        "price": (Kind.PRICE,),
        "subscription": (Kind.SUBSCRIPTION,),
    }
)
"""What becomes of an object, by its `object`."""

# https://docs.stripe.com/currencies: amounts have no decimals in the first, three in the second, and two in all others, also
# where the currency itself has none (ISK, UGX).
_NO_DECIMALS = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
_THREE_DECIMALS = {"BHD", "JOD", "KWD", "OMR", "TND"}
_INTERVALS = {"day": IntervalUnit.DAY, "week": IntervalUnit.WEEK, "month": IntervalUnit.MONTH, "year": IntervalUnit.YEAR}
_EXEMPTIONS = {None: "NONE", "none": "NONE", "exempt": "EXEMPT", "reverse": "REVERSE_CHARGE"}
# As invoices print it.
_EXEMPTION_REASONS = {"exempt": "Tax exempt", "reverse": "Reverse charge"}
_TRIAL_ENDINGS = {"create_invoice": "CREATE_INVOICE", "pause": "PAUSE", "cancel": "CANCEL"}
_TAX_ID_TYPES = {member.value for member in TaxIdType}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
# What a subscription is over by, or has never become.
_SKIPPED = {
    "canceled": "it has ended",
    "incomplete": "its first invoice was never paid",
    "incomplete_expired": "its first invoice was never paid",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeOptions:
    """What an export does not say. `currency` is for customers without one; `coupons` are ours by Stripe's id.

    With `payment_provider`, default payment methods are taken over under that provider.
    """

    currency: str | None = None
    payment_provider: str | None = None
    coupons: Mapping[str, str] = field(default_factory=dict)
    ignore_discounts: bool = False


def stripe_record(kind: Kind, object: Mapping[str, Any], options: StripeOptions, now: datetime) -> Record:
    """Return what the object becomes as a record of this kind.

    Raises:
        Problem: it is refused or skipped.
    """
    if object.get("deleted"):
        raise skipped("DELETED", "it was deleted at Stripe")
    match kind:
        case Kind.CUSTOMER:
            return _customer(object, options)
        case Kind.PRODUCT:
            return ProductRecord(id=_id(object), name=_product_name(object), description=_short(object.get("description"), 2_000))
        case Kind.PLAN:
            id = _id(object)
            return PlanRecord(id=id, code=code_of(id), product_id=id, name=_product_name(object))
        case Kind.PRICE:
            return _price(object)
        case Kind.SUBSCRIPTION:
            return _subscription(object, options, now)


def code_of(id: str) -> str:
    """Return a plan's code for another system's id: the same for the same id, another for another."""
    slug = re.sub(r"[^a-z0-9]+", "-", id.lower().replace("_", "-")).strip("-")
    digest = hashlib.sha256(id.encode()).hexdigest()[:10]
    if slug == id and len(slug) <= 64:
        return slug
    return f"{slug[:50].rstrip('-')}-{digest}" if slug else digest


def _id(object: Mapping[str, Any]) -> str:
    id = object.get("id")
    if not isinstance(id, str) or not id:
        raise refused("ID_MISSING", "it has no id: export whole objects")
    return id


# Customers


def _customer(object: Mapping[str, Any], options: StripeOptions) -> CustomerRecord:
    notes: list[tuple[str, str]] = []
    id = _id(object)
    name = _short(object.get("name") or object.get("business_name") or object.get("email") or object.get("description"), 200)
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
        balance_minor=-_minor(_integer(object.get("balance") or 0, "balance"), currency, "balance"),
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
    label = f"{str(card['brand']).title()} •••• {card['last4']}" if {"brand", "last4"} <= card.keys() else _id(method)
    return options.payment_provider, _id(method), label


# Products and prices


def _product_name(object: Mapping[str, Any]) -> str:
    name = _short(object.get("name"), 200)
    if name is None:
        raise refused("NAME_MISSING", "the product has no name")
    return name


def _price(object: Mapping[str, Any]) -> PriceRecord:
    recurring = object.get("recurring")
    if object.get("type") == "one_time" or not recurring:
        raise skipped("ONE_TIME", "it is not recurring: bill it with invoiceCreate")
    if recurring.get("usage_type") == "metered":
        raise refused(
            "METERED", "it bills usage: make a meter (meterCreate) and a price with it, and start its subscriptions there"
        )
    if object.get("custom_unit_amount"):
        raise refused("CUSTOM_AMOUNT", "the customer chooses its amount, which no price here can say")
    currency = str(object.get("currency") or "").upper()
    if currency not in MINOR_UNIT_DIGITS:
        raise refused("CURRENCY_UNKNOWN", f"{currency or 'none'} is not an ISO 4217 currency")
    interval = _INTERVALS.get(str(recurring.get("interval")))
    if interval is None:
        raise refused("INTERVAL_UNKNOWN", f"an interval is day, week, month or year, not {recurring.get('interval')!r}")
    count = _integer(recurring.get("interval_count", 1), "interval_count")
    if not 1 <= count <= 366:
        raise refused("INTERVAL_UNKNOWN", f"an interval counts 1 to 366, not {count}")
    model, amount, package, tiers = _model(object, currency)
    return PriceRecord(
        id=_id(object),
        plan_id=_reference(object.get("product"), "product"),
        model=model,
        currency=currency,
        interval=Interval(interval, count),
        unit_amount=amount,
        package_size=package,
        tiers=tiers,
        prorated_by="SECOND",  # as Stripe does
        active=bool(object.get("active", True)),
    )


def _model(object: Mapping[str, Any], currency: str) -> tuple[str, Decimal | None, int | None, tuple[PriceTier, ...]]:
    package = object.get("transform_quantity")
    if object.get("billing_scheme") == "tiered":
        tiers = object.get("tiers")
        if not tiers:
            raise refused("TIERS_MISSING", "its tiers are not in the export: export prices with --expand data.tiers")
        model = {"graduated": "GRADUATED", "volume": "VOLUME"}.get(str(object.get("tiers_mode")))
        if model is None or package:
            raise refused("MODEL_UNKNOWN", "its tiers are neither graduated nor volume, or they count packages")
        return model, None, None, tuple(_tier(tier, currency) for tier in tiers)
    amount = _major(object, "unit_amount", currency)
    if amount is None:
        raise refused("AMOUNT_MISSING", "it has no unit_amount")
    if package is None:
        return "PER_UNIT", amount, None, ()
    if package.get("round") != "up":
        raise refused("MODEL_UNKNOWN", "it rounds packages down: what is begun is billed here; make it by hand")
    return "PACKAGE", amount, _integer(package.get("divide_by"), "divide_by"), ()


def _tier(tier: Mapping[str, Any], currency: str) -> PriceTier:
    up_to, flat = tier.get("up_to"), _exact(tier, "flat_amount")
    return PriceTier(
        up_to=None if up_to in {None, "inf"} else Decimal(_integer(up_to, "up_to")),
        unit_amount=_major(tier, "unit_amount", currency) or Decimal(0),
        flat_amount_minor=_minor(flat or Decimal(0), currency, "flat_amount"),
    )


# Subscriptions


def _subscription(object: Mapping[str, Any], options: StripeOptions, now: datetime) -> SubscriptionRecord:
    status = str(object.get("status"))
    if status in _SKIPPED:
        raise skipped("STATUS", f"it is {status}: {_SKIPPED[status]}")
    if status == "unpaid":
        raise refused("STATUS", "it is unpaid: collect or void its open invoices at Stripe, and export it again")
    if status not in {"active", "past_due", "trialing", "paused"}:
        raise refused("STATUS", f"its status {status!r} is not known")
    notes = _subscription_notes(object, status)
    items = _items(object)
    trialing = status == "trialing"
    trial_end = _instant(object.get("trial_end"), "trial_end")
    period_start, period_end = _period(object)
    starts_at = _instant(object.get("start_date") or object.get("created"), "start_date")
    if trialing:
        starts_at, paid_through = _instant(object.get("trial_start"), "trial_start") or starts_at, None
    elif status == "paused" and trial_end and period_start and period_start <= trial_end:
        paid_through = trial_end  # it was paused when its trial ended: nothing after that has been paid
    else:
        paid_through = period_end
    if (trial_end if trialing else paid_through) is None:
        raise refused("PERIOD_MISSING", "its current period is not in the export: export whole subscriptions, with their items")
    paused, resumes_at = _pause(object, status, now)
    return SubscriptionRecord(
        id=_id(object),
        customer_id=_reference(object.get("customer"), "customer"),
        items=items,
        starts_at=starts_at,
        billing_anchor=_instant(object.get("billing_cycle_anchor"), "billing_cycle_anchor"),
        paid_through=paid_through,
        trial=TrialEnd(trial_end, _trial_ending(object)) if trialing and trial_end else None,
        cancel_at=_cancel_at(object, trial_end if trialing else period_end, now),
        paused=paused,
        resumes_at=resumes_at,
        coupon_id=_coupon(object, options, notes),
        notes=tuple(notes),
    )


def _subscription_notes(object: Mapping[str, Any], status: str) -> list[tuple[str, str]]:
    notes = []
    if status == "past_due":
        notes.append(("DEBT_LEFT", "it is past due: what is open stays at Stripe, and is to be collected there"))
    if object.get("schedule"):
        notes.append(("SCHEDULE_LEFT", "its schedule is not taken over: make later changes with planSubscriptionChange"))
    if object.get("collection_method") == "send_invoice":
        notes.append(
            ("SENT_INVOICES", "its invoices were sent, not charged: here they are charged where there is a payment method")
        )
    return notes


def _items(object: Mapping[str, Any]) -> tuple[SubscribedItem, ...]:
    list_ = object.get("items") or {}
    data = list_.get("data") or []
    if not data:
        raise refused("ITEMS_MISSING", "it has no items: export whole subscriptions")
    if list_.get("has_more"):
        raise refused("ITEMS_MISSING", "not all of its items are in the export: add the others to its items.data")
    return tuple(
        SubscribedItem(_reference(item.get("price") or item.get("plan"), "price"), _integer(item.get("quantity", 1), "quantity"))
        for item in data
    )


def _period(object: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return the current period: since 2025-03-31 each item has it, before the subscription had."""
    [*items] = (object.get("items") or {}).get("data") or []
    found = []
    for name in ("current_period_start", "current_period_end"):
        values = {object[name]} if object.get(name) else {item[name] for item in items if item.get(name)}
        if len(values) > 1:
            raise refused("PERIODS_DIFFER", "its items are billed at different times: split it at Stripe, one per interval")
        found.append(_instant(values.pop(), name) if values else None)
    return found[0], found[1]


def _trial_ending(object: Mapping[str, Any]) -> str:
    behavior = ((object.get("trial_settings") or {}).get("end_behavior") or {}).get("missing_payment_method", "create_invoice")
    return _TRIAL_ENDINGS.get(str(behavior), "CREATE_INVOICE")


def _cancel_at(object: Mapping[str, Any], end: datetime | None, now: datetime) -> datetime | None:
    at = _instant(object.get("cancel_at"), "cancel_at") or (end if object.get("cancel_at_period_end") else None)
    if at is not None and at <= now:
        raise skipped("STATUS", f"it ended at {at.isoformat()}")
    return at


def _pause(object: Mapping[str, Any], status: str, now: datetime) -> tuple[bool, datetime | None]:
    collection = object.get("pause_collection")
    if not collection:
        return status == "paused", None
    if collection.get("behavior") == "keep_as_draft":
        raise refused(
            "PAUSE_KEEPS_DRAFTS",
            "while it is paused its invoices are kept as drafts, to be sent later: resume it at Stripe, or void them",
        )
    resumes_at = _instant(collection.get("resumes_at"), "resumes_at")
    return (False, None) if resumes_at is not None and resumes_at <= now else (True, resumes_at)


def _coupon(object: Mapping[str, Any], options: StripeOptions, notes: list[tuple[str, str]]) -> str | None:
    items = (object.get("items") or {}).get("data") or []
    own = object.get("discounts") or ([object["discount"]] if object.get("discount") else [])
    found = [*own, *(one for item in items for one in item.get("discounts") or [])]
    if not found:
        return None
    if options.ignore_discounts:
        notes.append(("DISCOUNT_LEFT_OUT", "its discount is not taken over: give it one with planSubscriptionDiscountAdd"))
        return None
    coupon = _coupon_of(found[0]) if len(found) == 1 and len(own) == 1 else None
    if coupon is None or coupon not in options.coupons:
        raise refused(
            "DISCOUNT",
            f"it has a discount ({coupon or 'see its discounts'}), and would be billed without: make a coupon of what is left of "
            f"it and give --coupon {coupon or 'ID'}=cou_…, or --ignore-discounts",
        )
    return options.coupons[coupon]


def _coupon_of(discount: Any) -> str | None:
    if not isinstance(discount, Mapping):
        return None
    coupon = discount.get("coupon") or (discount.get("source") or {}).get("coupon")
    return coupon.get("id") if isinstance(coupon, Mapping) else coupon


# Values


def _reference(value: Any, name: str) -> str:
    """Return the id of what is referred to, expanded or not."""
    id = value.get("id") if isinstance(value, Mapping) else value
    if not isinstance(id, str) or not id:
        raise refused("REFERENCE_MISSING", f"it names no {name}")
    return id


def _instant(value: Any, name: str) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**36:
        raise refused("TIME_UNKNOWN", f"{name} is a Unix time in seconds, not {value!r}")
    return datetime.fromtimestamp(value, UTC)


def _integer(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise refused("NUMBER_UNKNOWN", f"{name} is a whole number, not {value!r}")
    return value


def _exact(object: Mapping[str, Any], name: str) -> Decimal | None:
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


def _major(object: Mapping[str, Any], name: str, currency: str) -> Decimal | None:
    amount = _exact(object, name)
    return None if amount is None else amount.scaleb(-_stripe_digits(currency))


def _minor(amount: Decimal | int, currency: str, name: str) -> int:
    """Return Stripe's minor units in ours, of which a currency may have more or fewer."""
    ours = Decimal(amount).scaleb(MINOR_UNIT_DIGITS.get(currency, 2) - _stripe_digits(currency))
    if ours != ours.to_integral_value():
        raise refused("AMOUNT_UNKNOWN", f"{name} is less than a minor unit of {currency}: {amount}")
    return int(ours)


def _stripe_digits(currency: str) -> int:
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


def _short(text: Any, length: int) -> str | None:
    return str(text).strip()[:length].strip() or None if text else None
