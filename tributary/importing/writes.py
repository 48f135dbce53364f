"""The operations that an import sends, and their inputs. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from subgraphs.kit.domain.currency import MINOR_UNIT_DIGITS
from tributary.importing.records import (
    Address,
    CustomerRecord,
    Kind,
    PlanRecord,
    PriceRecord,
    ProductRecord,
    Record,
    SubscriptionRecord,
)

__all__ = [
    "BALANCE_ENTRIES",
    "READ_SCOPES",
    "START_QUERY",
    "WRITE_SCOPES",
    "Found",
    "Step",
    "archive_step",
    "balance_description",
    "create_step",
    "customer_steps",
    "find",
    "found",
    "idempotency_key",
]

READ_SCOPES = frozenset({"customers:read", "plans:read", "subscriptions:read"})
WRITE_SCOPES = frozenset({"customers:write", "plans:write", "subscriptions:write"})

START_QUERY = "query ImportStart { testClock { now } customers(first: 1) { nodes { id } } plans(first: 1) { nodes { id } } }"
BALANCE_ENTRIES = """
query ImportBalance($id: ID!) { customer(id: $id) { balances { entries(last: 100) { nodes { description } } } } }"""

_ERRORS = "userErrors { code message field }"


@dataclass(frozen=True, slots=True)
class Step:
    """One write: its name in the state file, the mutation, its input, and where in the payload the id of the result is."""

    name: str
    mutation: str
    input: Mapping[str, Any]
    result: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the server has under a source's id."""

    id: str
    currency: str = ""
    time_zone: str = "UTC"


def idempotency_key(tenant: str, source: str, kind: Kind, id: str, step: str) -> str:
    """Return the key of a write: the same whenever and wherever the same row is imported again."""
    return "import-" + hashlib.sha256("\n".join((tenant, source, kind.value, id, step)).encode()).hexdigest()


def balance_description(source: str, id: str) -> str:
    """Return what a balance that is taken over is explained by, and recognised by."""
    return f"Balance of {id}, taken over from {source}"[:500]


def create_step(record: Record, ids: Mapping[str, str]) -> Step:
    """Return the write that creates the record; `ids` are ours of what it refers to, by the source's."""
    match record:
        case CustomerRecord():
            return Step("create", _mutation("customerCreate", "CustomerCreateInput", "customer"), _customer(record), "customer")
        case ProductRecord():
            given = {"name": record.name, "description": record.description, "externalId": record.id}
            return Step("create", _mutation("productCreate", "ProductCreateInput", "product"), given, "product")
        case PlanRecord():
            given = {
                "productId": ids[record.product_id],
                "code": record.code,
                "name": record.name,
                "description": record.description,
            }
            return Step("create", _mutation("planCreate", "PlanCreateInput", "plan"), given, "plan")
        case PriceRecord():
            return Step("create", _mutation("priceCreate", "PriceCreateInput", "price"), _price(record, ids), "price")
        case SubscriptionRecord():
            mutation = _mutation("planSubscriptionStart", "PlanSubscriptionStartInput", "planSubscription")
            return Step("create", mutation, _subscription(record, ids), "planSubscription")


def customer_steps(record: CustomerRecord, customer_id: str, source: str) -> list[Step]:
    """Return what follows once the customer is created."""
    steps = [
        Step(
            f"tax_id {type} {value}",
            _mutation("taxIdAdd", "TaxIdAddInput", "customer"),
            {"customerId": customer_id, "type": type, "value": value},
            "customer",
        )
        for type, value in record.tax_ids
    ]
    input: dict[str, Any]
    if record.tax_exemption != "NONE":
        input = {"customerId": customer_id, "exemption": record.tax_exemption, "reason": record.tax_exemption_reason}
        steps.append(Step("tax_exemption", _mutation("taxExemptionSet", "TaxExemptionSetInput", "customer"), input, "customer"))
    if record.payment is not None:
        provider, token, label = record.payment
        input = {"customerId": customer_id, "provider": provider, "token": token, "label": label}
        steps.append(Step("payment", _mutation("paymentMethodAttach", "PaymentMethodAttachInput", "customer"), input, "customer"))
    if record.balance_minor:
        input = {
            "customerId": customer_id,
            "amount": _money(record.balance_minor, record.currency),
            "description": balance_description(source, record.id),
            "allowNegative": True,
        }
        steps.append(
            Step("balance", _mutation("customerBalanceAdjust", "CustomerBalanceAdjustInput", "balance"), input, "balance")
        )
    return steps


def archive_step(price_id: str) -> Step:
    """Return the write that sells at a price no longer."""
    return Step("archive", _mutation("priceArchive", "PriceArchiveInput", "price"), {"id": price_id}, "price")


def find(kind: Kind, names: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the query for what the server has under each name (the source's id, or a plan's code), and its variables."""
    field, by, shown = {
        Kind.CUSTOMER: ("customers", "externalId", "id currencyCode timeZone"),
        Kind.PRODUCT: ("products", "externalId", "id"),
        Kind.PLAN: ("plans", "code", "id"),
        Kind.PRICE: ("prices", "externalId", "id currencyCode"),
        Kind.SUBSCRIPTION: ("planSubscriptions", "externalId", "id"),
    }[kind]
    declared = ", ".join(f"$n{number}: String!" for number in range(len(names)))
    asked = " ".join(
        f"f{number}: {field}(first: 1, where: {{{by}: $n{number}}}) {{ nodes {{ {shown} }} }}" for number in range(len(names))
    )
    return f"query ImportFind({declared}) {{ {asked} }}", {f"n{number}": name for number, name in enumerate(names)}


def found(data: Mapping[str, Any], names: Sequence[str]) -> dict[str, Found]:
    """Return what the answer to `find` says is there."""
    there = {}
    for number, name in enumerate(names):
        for node in data[f"f{number}"]["nodes"]:
            there[name] = Found(node["id"], node.get("currencyCode", ""), node.get("timeZone", "UTC"))
    return there


def _mutation(name: str, input: str, result: str) -> str:
    title = name[0].upper() + name[1:]
    return f"mutation Import{title}($input: {input}!) {{ {name}(input: $input) {{ {result} {{ id }} {_ERRORS} }} }}"


def _customer(record: CustomerRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "currencyCode": record.currency,
        "email": record.email,
        "timeZone": record.time_zone,
        "language": record.language,
        "address": _address(record.address),
        "shippingAddress": _address(record.shipping_address),
        "externalId": record.id,
    }


def _address(address: Address | None) -> dict[str, Any] | None:
    if address is None:
        return None
    given = asdict(address)
    return {"postalCode": given.pop("postal_code"), **given}


def _price(record: PriceRecord, ids: Mapping[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "planId": ids[record.plan_id],
        "model": record.model,
        "currencyCode": record.currency,
        "externalId": record.id,
    }
    if record.interval is None:
        given["type"] = "ONE_TIME"
    else:
        given["interval"] = {"unit": record.interval.unit.value, "count": record.interval.count}
        given["proratedBy"] = record.prorated_by
    if record.flat_amount_minor is not None:
        given["flatAmount"] = _money(record.flat_amount_minor, record.currency)
    if record.unit_amount is not None:
        given["unitAmount"] = format(record.unit_amount, "f")
    if record.package_size is not None:
        given["packageSize"] = str(record.package_size)
    if record.tiers:
        stairs = record.model == "STAIRSTEP"
        given["tiers"] = [
            {
                "upTo": None if tier.up_to is None else format(tier.up_to, "f"),
                **({} if stairs else {"unitAmount": format(tier.unit_amount, "f")}),
                "flatAmount": _money(tier.flat_amount_minor, record.currency),
            }
            for tier in record.tiers
        ]
    return given


def _subscription(record: SubscriptionRecord, ids: Mapping[str, str]) -> dict[str, Any]:
    first, *add_ons = record.items
    given: dict[str, Any] = {
        "customerId": ids[record.customer_id],
        "priceId": ids[first.price_id],
        "quantity": first.quantity,
        "addOns": [{"priceId": ids[item.price_id], "quantity": item.quantity} for item in add_ons],
        "startsAt": _told(record.starts_at),
        "billingAnchor": _told(record.billing_anchor),
        "paidThrough": _told(record.paid_through),
        "cancelAt": _told(record.cancel_at),
        "couponId": record.coupon_id,
        "externalId": record.id,
    }
    if record.trial is not None:
        given["trial"] = {"endsAt": _told(record.trial.at), "ending": record.trial.ending}
    if record.days_until_due is not None:
        given |= {"collectionMethod": "SEND_INVOICE", "daysUntilDue": record.days_until_due}
    if record.paused:
        given["pause"] = {"resumesAt": _told(record.resumes_at)}
    return given


def _money(minor: int, currency: str) -> dict[str, Any]:
    assert currency in MINOR_UNIT_DIGITS  # noqa: S101  checked with the record
    return {"minorUnits": str(minor), "currencyCode": currency}


def _told(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
