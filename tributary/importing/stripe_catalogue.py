"""From Stripe's products and prices to records. Pure."""

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from subgraphs.kit.domain.currency import MINOR_UNIT_DIGITS
from subgraphs.kit.domain.period import Interval, IntervalUnit
from tributary.importing.records import PlanRecord, PriceRecord, PriceTier, ProductRecord, refused
from tributary.importing.stripe_values import exact, id_of, integer, major, minor, reference, short

__all__ = ["code_of", "plan_record", "price_record", "product_record"]

_INTERVALS = {"day": IntervalUnit.DAY, "week": IntervalUnit.WEEK, "month": IntervalUnit.MONTH, "year": IntervalUnit.YEAR}


def product_record(object: Mapping[str, Any]) -> ProductRecord:
    """Return the product.

    Raises:
        Problem: it cannot be imported as it is.
    """
    return ProductRecord(id=id_of(object), name=_product_name(object), description=short(object.get("description"), 2_000))


def plan_record(object: Mapping[str, Any]) -> PlanRecord:
    """Return the one plan of a product, to which its prices belong.

    Raises:
        Problem: the product cannot be imported as it is.
    """
    id = id_of(object)
    return PlanRecord(id=id, code=code_of(id), product_id=id, name=_product_name(object))


def price_record(object: Mapping[str, Any]) -> PriceRecord:
    """Return the price.

    Raises:
        Problem: no price here can say what it does.
    """
    recurring = None if object.get("type") == "one_time" else object.get("recurring")
    if recurring and recurring.get("usage_type") == "metered":
        raise refused(
            "METERED", "it bills usage: make a meter (meterCreate) and a price with it, and start its subscriptions there"
        )
    if object.get("custom_unit_amount"):
        raise refused("CUSTOM_AMOUNT", "the customer chooses its amount, which no price here can say")
    currency = str(object.get("currency") or "").upper()
    if currency not in MINOR_UNIT_DIGITS:
        raise refused("CURRENCY_UNKNOWN", f"{currency or 'none'} is not an ISO 4217 currency")
    interval = _interval(recurring) if recurring else None
    model, amount, package, tiers = _model(object, currency)
    return PriceRecord(
        id=id_of(object),
        plan_id=reference(object.get("product"), "product"),
        model=model,
        currency=currency,
        interval=interval,
        unit_amount=amount,
        package_size=package,
        tiers=tiers,
        prorated_by="SECOND" if interval else "DAY",  # as Stripe does; what is billed once is never prorated
        active=bool(object.get("active", True)),
    )


def _interval(recurring: Mapping[str, Any]) -> Interval:
    unit = _INTERVALS.get(str(recurring.get("interval")))
    if unit is None:
        raise refused("INTERVAL_UNKNOWN", f"an interval is day, week, month or year, not {recurring.get('interval')!r}")
    count = integer(recurring.get("interval_count", 1), "interval_count")
    if not 1 <= count <= 366:
        raise refused("INTERVAL_UNKNOWN", f"an interval counts 1 to 366, not {count}")
    return Interval(unit, count)


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
    amount = major(object, "unit_amount", currency)
    if amount is None:
        raise refused("AMOUNT_MISSING", "it has no unit_amount")
    if package is None:
        return "PER_UNIT", amount, None, ()
    if package.get("round") != "up":
        raise refused("MODEL_UNKNOWN", "it rounds packages down: what is begun is billed here; make it by hand")
    return "PACKAGE", amount, integer(package.get("divide_by"), "divide_by"), ()


def _tier(tier: Mapping[str, Any], currency: str) -> PriceTier:
    up_to, flat = tier.get("up_to"), exact(tier, "flat_amount")
    return PriceTier(
        up_to=None if up_to in {None, "inf"} else Decimal(integer(up_to, "up_to")),
        unit_amount=major(tier, "unit_amount", currency) or Decimal(0),
        flat_amount_minor=minor(flat or Decimal(0), currency, "flat_amount"),
    )


def code_of(id: str) -> str:
    """Return a plan's code for another system's id: the same for the same id, another for another."""
    slug = re.sub(r"[^a-z0-9]+", "-", id.lower().replace("_", "-")).strip("-")
    digest = hashlib.sha256(id.encode()).hexdigest()[:10]
    if slug == id and len(slug) <= 64:
        return slug
    return f"{slug[:50].rstrip('-')}-{digest}" if slug else digest


def _product_name(object: Mapping[str, Any]) -> str:
    name = short(object.get("name"), 200)
    if name is None:
        raise refused("NAME_MISSING", "the product has no name")
    return name
