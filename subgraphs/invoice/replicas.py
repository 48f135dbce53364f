"""Keeps what this subgraph needs of others' facts, from their events.

Events may come twice and in any order. Each tells one part of a customer, so each part has the version of the event it came from
and is replaced only by a newer one, in one write that touches nothing else: no event undoes another.
"""

from datetime import datetime
from typing import Any

import msgspec
from pymongo.errors import DuplicateKeyError

from subgraphs.invoice.billing_details import forget_billing_details, keep_billing_details
from subgraphs.invoice.documents import (
    AddressPart,
    CustomerReplica,
    DefaultPaymentMethodPart,
    OneTimePricePart,
    PaymentMethodPart,
    PlanReplica,
    PlanSubscriptionReplica,
    PriceReplica,
    ProfilePart,
    TaxStatusPart,
)
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.persistence.documents import TenantDocument, merge_forward, put_forward

__all__ = [
    "CreditPart",
    "PlanSubscriptionCanceled",
    "replicate_customer_archived",
    "replicate_customer_unarchived",
    "replicate_customer_created",
    "replicate_customer_erased",
    "replicate_customer_tax_status_changed",
    "replicate_customer_updated",
    "replicate_default_payment_method_changed",
    "replicate_one_time_price_created",
    "replicate_payment_method_attached",
    "replicate_payment_method_detached",
    "replicate_plan_archived",
    "replicate_plan_updated",
    "replicate_plan_subscription_canceled",
    "replicate_plan_tax_category_set",
    "replicate_price_archived",
    "replicate_price_created",
]


class _Address(msgspec.Struct, frozen=True, rename="camel"):
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


class _CustomerProfile(msgspec.Struct, frozen=True, rename="camel"):
    customer_id: str
    name: str
    email: str | None = None
    currency: str | None = None
    address: _Address | None = None
    language: str | None = None
    time_zone: str | None = None


class _TaxId(msgspec.Struct, frozen=True, rename="camel"):
    value: str
    type: str = ""


class _TaxStatus(msgspec.Struct, frozen=True, rename="camel"):
    customer_id: str
    exemption: str
    reason: str | None = None
    tax_ids: tuple[_TaxId, ...] = ()


# Tax ids that are VAT numbers and begin with their country's code.
_VAT_IDS = frozenset({"eu_vat", "gb_vat", "ch_vat"})


class _CustomerNamed(msgspec.Struct, frozen=True, rename="camel"):
    customer_id: str


class _PaymentMethodAttached(msgspec.Struct, frozen=True, rename="camel"):
    customer_id: str
    payment_method_id: str
    provider: str
    token: str
    label: str


class _PaymentMethodNamed(msgspec.Struct, frozen=True, rename="camel"):
    customer_id: str
    payment_method_id: str | None = None


class _OneTimePrice(msgspec.Struct, frozen=True, rename="camel"):
    price_id: str
    plan_id: str
    plan_name: str
    currency: str
    model: str
    flat_amount_minor: int | None = None
    unit_amount: str | None = None
    details: dict[str, Any] | None = None


class _PriceNamed(msgspec.Struct, frozen=True, rename="camel"):
    price_id: str


class _PlanTaxCategory(msgspec.Struct, frozen=True, rename="camel"):
    plan_id: str
    tax_category: str | None = None


class _PlanNamed(msgspec.Struct, frozen=True, rename="camel"):
    plan_id: str


class CreditPart(msgspec.Struct, frozen=True, rename="camel"):
    """What is to be given back of one invoice: that of a period, or of changes, by its number."""

    amount_minor: int
    after: datetime
    period_number: int | None = None
    adjustments_number: int | None = None


class _PlanRenamed(msgspec.Struct, frozen=True, rename="camel"):
    plan_id: str
    name: str


class PlanSubscriptionCanceled(msgspec.Struct, frozen=True, rename="camel"):
    """What plan-subscription-canceled.v1 tells, as far as it matters here."""

    plan_subscription_id: str
    customer_id: str
    canceled_at: datetime
    ever_active: bool
    credit_minor: int = 0
    credit_period_number: int | None = None
    credit_refund: bool = False
    credits: tuple[CreditPart, ...] = ()


async def replicate_customer_created(received: Received) -> None:
    told = msgspec.convert(received.event.data, _CustomerProfile)
    part = _profile(received, told)
    await _set(received, told.customer_id, {"currency": told.currency})
    await _replace_part(received, told.customer_id, "profile", part)


async def replicate_customer_updated(received: Received) -> None:
    told = msgspec.convert(received.event.data, _CustomerProfile)
    part = _profile(received, told)
    await _replace_part(received, told.customer_id, "profile", part)


async def replicate_customer_tax_status_changed(received: Received) -> None:
    told = msgspec.convert(received.event.data, _TaxStatus)
    part = TaxStatusPart(
        version=received.event.sequence,
        exemption=told.exemption,
        reason=told.reason,
        tax_ids=[tax_id.value for tax_id in told.tax_ids],
        vat_id=next((tax_id.value for tax_id in told.tax_ids if tax_id.type in _VAT_IDS), None),
    )
    await _replace_part(received, told.customer_id, "tax_status", part)


async def replicate_customer_archived(received: Received) -> None:
    told = msgspec.convert(received.event.data, _CustomerNamed)
    await _merge(received, CustomerReplica, told.customer_id, "archived", {"archived": True})


async def replicate_customer_unarchived(received: Received) -> None:
    told = msgspec.convert(received.event.data, _CustomerNamed)
    await _merge(received, CustomerReplica, told.customer_id, "archived", {"archived": False})


async def replicate_customer_erased(received: Received) -> None:
    """Forget whom invoices were billed to. What an earlier event tells after this is not kept."""
    told = msgspec.convert(received.event.data, _CustomerNamed)
    await _set(received, told.customer_id, {"erased": True})
    await forget_billing_details(received.tenant, told.customer_id)


async def replicate_payment_method_attached(received: Received) -> None:
    told = msgspec.convert(received.event.data, _PaymentMethodAttached)
    part = PaymentMethodPart(
        version=received.event.sequence, attached=True, provider=told.provider, token=told.token, label=told.label
    )
    await _replace_part(received, told.customer_id, f"payment_methods.{told.payment_method_id}", part)


async def replicate_payment_method_detached(received: Received) -> None:
    told = msgspec.convert(received.event.data, _PaymentMethodNamed)
    part = PaymentMethodPart(version=received.event.sequence, attached=False)
    await _replace_part(received, told.customer_id, f"payment_methods.{told.payment_method_id}", part)


async def replicate_default_payment_method_changed(received: Received) -> None:
    told = msgspec.convert(received.event.data, _PaymentMethodNamed)
    part = DefaultPaymentMethodPart(version=received.event.sequence, payment_method_id=told.payment_method_id)
    await _replace_part(received, told.customer_id, "default_payment_method", part)


async def replicate_plan_subscription_canceled(received: Received) -> None:
    told = msgspec.convert(received.event.data, PlanSubscriptionCanceled)
    await put_forward(
        PlanSubscriptionReplica(
            id=told.plan_subscription_id,
            tenant=received.tenant,
            version=received.event.sequence,
            customer_id=told.customer_id,
            canceled_at=received.event.occurred_at,
            ever_active=told.ever_active,
            credit_refund=told.credit_refund,
        )
    )


async def replicate_one_time_price_created(received: Received) -> None:
    told = msgspec.convert(received.event.data, _OneTimePrice)
    terms = {name: value for name, value in msgspec.structs.asdict(told).items() if name != "price_id"}
    await _merge(received, PriceReplica, told.price_id, "created", {"terms": OneTimePricePart(**terms).model_dump()})


async def replicate_price_created(received: Received) -> None:
    """Of a price that recurs, it is enough to know that it does."""
    told = msgspec.convert(received.event.data, _PriceNamed)
    await _merge(received, PriceReplica, told.price_id, "created", {"recurs": True})


async def replicate_price_archived(received: Received) -> None:
    told = msgspec.convert(received.event.data, _PriceNamed)
    await _merge(received, PriceReplica, told.price_id, "archived", {"archived": True})


async def replicate_plan_updated(received: Received) -> None:
    told = msgspec.convert(received.event.data, _PlanRenamed)
    await _merge(received, PlanReplica, told.plan_id, "named", {"name": told.name})


async def replicate_plan_archived(received: Received) -> None:
    told = msgspec.convert(received.event.data, _PlanNamed)
    await _merge(received, PlanReplica, told.plan_id, "archived", {"archived": True})


async def replicate_plan_tax_category_set(received: Received) -> None:
    told = msgspec.convert(received.event.data, _PlanTaxCategory)
    await _merge(received, PlanReplica, told.plan_id, "tax_category", {"tax_category": told.tax_category})


async def _merge(received: Received, type_: type[TenantDocument], id: str, part: str, values: dict[str, Any]) -> None:
    await merge_forward(type_, received.tenant, id, part, received.event.sequence, values)


def _profile(received: Received, told: _CustomerProfile) -> ProfilePart:
    address = AddressPart(**msgspec.structs.asdict(told.address)) if told.address else None
    return ProfilePart(
        version=received.event.sequence,
        name=told.name,
        email=told.email,
        country=address.country if address else None,
        language=told.language,
        time_zone=told.time_zone,
        address=address,
    )


async def _replace_part(
    received: Received,
    customer_id: str,
    name: str,
    part: ProfilePart | PaymentMethodPart | DefaultPaymentMethodPart | TaxStatusPart,
) -> None:
    """Store the part unless the stored one is as new or newer."""
    # One conjunction: with `$or` the embedded server reads the whole collection. `$not` matches what is missing, too.
    older = {f"{name}.version": {"$not": {"$gte": part.version}}}
    await _upsert(received, customer_id, older, {name: part.model_dump()})
    if isinstance(part, ProfilePart | TaxStatusPart):
        await keep_billing_details(received.tenant, customer_id, part)


async def _set(received: Received, customer_id: str, values: dict[str, Any]) -> None:
    await _upsert(received, customer_id, {}, values)


async def _upsert(received: Received, customer_id: str, condition: dict[str, Any], values: dict[str, Any]) -> None:
    customers = CustomerReplica.get_pymongo_collection()
    filters = {"_id": customer_id, "tenant": received.tenant, **condition}
    change = {"$set": values, "$max": {"version": received.event.sequence}}
    try:
        await customers.update_one(filters, change, upsert=True)
    except DuplicateKeyError:
        # The document exists: another handler has just created it, or the condition does not hold. Again, without creating it.
        await customers.update_one(filters, change)
