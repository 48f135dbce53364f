"""From the rows of CSV files to records. Pure; docs/import.md lists the columns."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

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

__all__ = ["COLUMNS", "KINDS", "REQUIRED", "csv_record"]

REQUIRED = MappingProxyType(
    {
        Kind.CUSTOMER: ("id", "name", "currency"),
        Kind.PRICE: ("id", "product", "plan", "model", "currency", "interval"),
        Kind.SUBSCRIPTION: ("id", "customer", "price"),
    }
)
"""The columns that tell what a file holds."""

_ADDRESS = ("line1", "line2", "city", "postal_code", "region", "country")
COLUMNS = MappingProxyType(
    {
        Kind.CUSTOMER: (
            *REQUIRED[Kind.CUSTOMER],
            *("email", "time_zone", "language"),
            *_ADDRESS,
            *(f"shipping_{part}" for part in _ADDRESS),
            *("tax_id_type", "tax_id", "tax_exemption", "tax_exemption_reason", "balance"),
            *("payment_provider", "payment_token", "payment_label"),
        ),
        Kind.PRICE: (
            *REQUIRED[Kind.PRICE],
            *("product_name", "plan_name", "interval_count", "amount", "amount_minor", "package_size", "tiers", "prorated_by"),
            "active",
        ),
        Kind.SUBSCRIPTION: (
            *REQUIRED[Kind.SUBSCRIPTION],
            *("quantity", "add_ons", "status", "started_at", "billing_anchor", "paid_through", "trial_ends_at", "trial_ending"),
            *("cancel_at", "paused", "resumes_at", "coupon", "days_until_due"),
        ),
    }
)
"""All columns there are."""

KINDS = MappingProxyType(
    {
        Kind.CUSTOMER: (Kind.CUSTOMER,),
        Kind.PRICE: (Kind.PRODUCT, Kind.PLAN, Kind.PRICE),
        Kind.SUBSCRIPTION: (Kind.SUBSCRIPTION,),
    }
)
"""What becomes of a row of each kind of file."""

_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}
_ONE_TIME = "ONE_TIME"
_ENDED = {"canceled", "cancelled", "incomplete", "incomplete_expired", "expired", "ended"}


def csv_record(kind: Kind, row: Mapping[str, str], now: datetime) -> Record:
    """Return what the row becomes as a record of this kind; empty cells are not in it.

    Raises:
        Problem: it is refused or skipped.
    """
    match kind:
        case Kind.CUSTOMER:
            return _customer(row)
        case Kind.PRODUCT:
            id = _needed(row, "product")
            return ProductRecord(id=id, name=row.get("product_name", id))
        case Kind.PLAN:
            code = _needed(row, "plan")
            return PlanRecord(id=code, code=code, product_id=_needed(row, "product"), name=row.get("plan_name", code))
        case Kind.PRICE:
            return _price(row)
        case Kind.SUBSCRIPTION:
            return _subscription(row, now)


def _customer(row: Mapping[str, str]) -> CustomerRecord:
    currency = _currency(row)
    type, value = row.get("tax_id_type"), row.get("tax_id")
    if (type is None) != (value is None):
        raise refused("TAX_ID_INCOMPLETE", "tax_id_type and tax_id belong together: give both, or none")
    provider, token = row.get("payment_provider"), row.get("payment_token")
    if (provider is None) != (token is None):
        raise refused("PAYMENT_INCOMPLETE", "payment_provider and payment_token belong together: give both, or none")
    balance = _amount(row.get("balance", "0"), "balance")
    return CustomerRecord(
        id=_needed(row, "id"),
        name=_needed(row, "name"),
        currency=currency,
        email=row.get("email"),
        time_zone=row.get("time_zone", "UTC"),
        language=row.get("language", "en"),
        address=_address(row, ""),
        shipping_address=_address(row, "shipping_"),
        tax_ids=((type.upper(), value),) if type and value else (),
        tax_exemption=row.get("tax_exemption", "NONE").upper(),
        tax_exemption_reason=row.get("tax_exemption_reason"),
        balance_minor=_minor(balance, currency, "balance"),
        payment=(provider, token, row.get("payment_label", token)) if provider and token else None,
    )


def _address(row: Mapping[str, str], prefix: str) -> Address | None:
    given = {part: row[prefix + part] for part in _ADDRESS if prefix + part in row}
    if not given:
        return None
    missing = [prefix + part for part in ("line1", "city", "country") if part not in given]
    if missing:
        raise refused("ADDRESS_INCOMPLETE", f"an address needs {', '.join(missing)}: complete it, or leave it out")
    return Address(**given)


def _price(row: Mapping[str, str]) -> PriceRecord:
    currency, model = _currency(row), _needed(row, "model").upper()
    interval = _interval(row)
    if model not in {"FLAT", "PER_UNIT", "PACKAGE", "GRADUATED", "VOLUME", "STAIRSTEP"}:
        raise refused(
            "MODEL_UNKNOWN", f"a model is flat, per_unit, package, graduated, volume or stairstep, not {row['model']!r}"
        )
    amount = _price_amount(row, currency)
    flat = model == "FLAT"
    return PriceRecord(
        id=_needed(row, "id"),
        plan_id=_needed(row, "plan"),
        model=model,
        currency=currency,
        interval=interval,
        flat_amount_minor=_minor(amount, currency, "amount") if flat and amount is not None else None,
        unit_amount=None if flat else amount,
        package_size=_whole(row["package_size"], "package_size") if "package_size" in row else None,
        tiers=_tiers(row["tiers"], currency) if "tiers" in row else (),
        prorated_by=row.get("prorated_by", "DAY").upper(),
        active=_truth(row.get("active", "true"), "active"),
    )


def _interval(row: Mapping[str, str]) -> Interval | None:
    """Return how often it is billed, None for `one_time`."""
    unit = row.get("interval", "").upper()
    if unit == _ONE_TIME:
        if "interval_count" in row:
            raise refused("INTERVAL_UNKNOWN", "what is billed once has no interval_count: leave it empty")
        return None
    if unit not in IntervalUnit.__members__:
        raise refused("INTERVAL_UNKNOWN", f"an interval is day, week, month, year or one_time, not {row.get('interval')!r}")
    count = _whole(row.get("interval_count", "1"), "interval_count")
    if not 1 <= count <= 366:
        raise refused("INTERVAL_UNKNOWN", f"an interval counts 1 to 366, not {count}")
    return Interval(IntervalUnit(unit), count)


def _price_amount(row: Mapping[str, str], currency: str) -> Decimal | None:
    if "amount" in row and "amount_minor" in row:
        raise refused("AMOUNT_UNKNOWN", "amount is in major units, amount_minor in minor ones: give one of them")
    if "amount_minor" in row:
        return Decimal(_whole(row["amount_minor"], "amount_minor")).scaleb(-MINOR_UNIT_DIGITS[currency])
    return _amount(row["amount"], "amount") if "amount" in row else None


def _tiers(text: str, currency: str) -> tuple[PriceTier, ...]:
    """Read `10:7.00;20:6.50+5.00;*:6.00`: up to how many units, what each costs, and what entering the tier does."""
    found = []
    for part in text.split(";"):
        shape = re.fullmatch(r"\s*(\d+|\*)\s*:\s*([\d.]+)\s*(?:\+\s*([\d.]+)\s*)?", part)
        if shape is None:
            raise refused("TIERS_UNKNOWN", f"tiers are written like 10:7.00;20:6.50+5.00;*:6.00, not {part.strip()!r}")
        up_to, unit, flat = shape.groups()
        found.append(
            PriceTier(
                up_to=None if up_to == "*" else Decimal(up_to),
                unit_amount=_amount(unit, "tiers"),
                flat_amount_minor=_minor(_amount(flat or "0", "tiers"), currency, "tiers"),
            )
        )
    return tuple(found)


def _subscription(row: Mapping[str, str], now: datetime) -> SubscriptionRecord:
    status = row.get("status", "active").lower()
    if status in _ENDED:
        raise skipped("STATUS", f"it is {status}: it has ended, or never began")
    if status not in {"active", "trialing", "past_due", "paused", "scheduled"}:
        raise refused("STATUS", f"a status is active, trialing, past_due, paused or scheduled, not {status!r}")
    starts_at, paid_through = _instant(row, "started_at"), _instant(row, "paid_through")
    trial_end = _instant(row, "trial_ends_at")
    trial = TrialEnd(trial_end, row.get("trial_ending", "CREATE_INVOICE").upper()) if trial_end and trial_end > now else None
    if trial is None and paid_through is None and (starts_at is None or starts_at <= now):
        raise refused(
            "PAID_THROUGH_MISSING",
            "paid_through says until when it is billed already: without it, it would be billed from its start; give it, or a "
            "trial_ends_at or started_at that lies ahead",
        )
    cancel_at = _instant(row, "cancel_at")
    if cancel_at is not None and cancel_at <= now:
        raise skipped("STATUS", f"it ended at {cancel_at.isoformat()}")
    paused = _truth(row.get("paused", "true" if status == "paused" else "false"), "paused")
    notes = (
        (("DEBT_LEFT", "it is past due: what is open is to be collected where it was billed"),) if status == "past_due" else ()
    )
    return SubscriptionRecord(
        id=_needed(row, "id"),
        customer_id=_needed(row, "customer"),
        items=(
            SubscribedItem(_needed(row, "price"), _whole(row.get("quantity", "1"), "quantity")),
            *_add_ons(row.get("add_ons", "")),
        ),
        starts_at=starts_at,
        billing_anchor=_instant(row, "billing_anchor") or paid_through,
        paid_through=paid_through,
        trial=trial,
        cancel_at=cancel_at,
        paused=paused,
        resumes_at=_instant(row, "resumes_at") if paused else None,
        coupon_id=row.get("coupon"),
        days_until_due=_whole(row["days_until_due"], "days_until_due") if "days_until_due" in row else None,
        notes=notes,
    )


def _add_ons(text: str) -> tuple[SubscribedItem, ...]:
    """Read `support:1;storage:20`: prices and how many units of them."""
    found = []
    for part in filter(None, (one.strip() for one in text.split(";"))):
        price, _, quantity = part.rpartition(":") if ":" in part else (part, "", "1")
        found.append(SubscribedItem(price.strip(), _whole(quantity.strip(), "add_ons")))
    return tuple(found)


# Values


def _needed(row: Mapping[str, str], name: str) -> str:
    if name not in row:
        raise refused("VALUE_MISSING", f"{name} is empty")
    return row[name]


def _currency(row: Mapping[str, str]) -> str:
    currency = _needed(row, "currency").upper()
    if currency not in MINOR_UNIT_DIGITS:
        raise refused("CURRENCY_UNKNOWN", f"{currency} is not an ISO 4217 currency such as EUR")
    return currency


def _amount(text: str, name: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise refused("AMOUNT_UNKNOWN", f"{name} is a number such as 12.50, not {text!r}") from error
    if not amount.is_finite() or "e" in text.lower():
        raise refused("AMOUNT_UNKNOWN", f"{name} is a number such as 12.50, not {text!r}")
    return amount


def _minor(amount: Decimal, currency: str, name: str) -> int:
    minor = amount.scaleb(MINOR_UNIT_DIGITS[currency])
    if minor != minor.to_integral_value():
        raise refused("AMOUNT_UNKNOWN", f"{name} has more decimals than {currency}: {amount}")
    return int(minor)


def _whole(text: str, name: str) -> int:
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise refused("NUMBER_UNKNOWN", f"{name} is a whole number, not {text!r}")
    return int(text)


def _truth(text: str, name: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise refused("VALUE_UNKNOWN", f"{name} is true or false, not {text!r}")
    return text.lower() in _TRUE


def _instant(row: Mapping[str, str], name: str) -> datetime | None:
    """Return an instant as RFC 3339 has it; a date alone is its midnight in UTC."""
    text = row.get(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise refused("TIME_UNKNOWN", f"{name} is a time such as 2026-01-31T00:00:00Z, or a date, not {text!r}") from error
    if found.tzinfo is None:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise refused("TIME_UNKNOWN", f"{name} has no offset: write {text}Z for UTC")
        found = found.replace(tzinfo=UTC)
    return found.astimezone(UTC)
