"""Whom invoices are billed to: customers' billing details by version, as their events have told (docs/decisions/0028).

An invoice names the versions it bears and holds no personal data itself. What is kept here stands until the customer is erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pymongo.errors import DuplicateKeyError

from subgraphs.invoice.documents import BillingDetailsDocument, CustomerReplica, InvoiceDocument, ProfilePart, TaxStatusPart
from subgraphs.invoice.domain.values import BillToVersion, TaxExemption, TaxExemptionKind
from subgraphs.kit.persistence.documents import TenantReader

__all__ = [
    "BillTo",
    "BillToKey",
    "BillingDetails",
    "exemption_of",
    "exemption_on",
    "forget_billing_details",
    "keep_billing_details",
]

NOT_EXEMPT = "NONE"
NO_TIME_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class BillToKey:
    """What says whom an invoice is billed to: the versions it bears, None for the customer's current ones."""

    customer_id: str
    finalized: bool
    profile: int | None
    tax_status: int | None

    @classmethod
    def of(cls, document: InvoiceDocument) -> "BillToKey":
        """Return the invoice's."""
        return cls(
            document.customer_id,
            document.finalized_at is not None,
            document.bill_to_profile,
            document.bill_to_tax_status,
        )


@dataclass(frozen=True, slots=True)
class BillTo:
    """Whom an invoice is billed to; no profile: nothing is known of the customer."""

    profile: ProfilePart | None
    tax_status: TaxStatusPart | None


class BillingDetails:
    """Finds and keeps billing details."""

    def __init__(self, customers: TenantReader[CustomerReplica], kept: TenantReader[BillingDetailsDocument]) -> None:
        self._customers, self._kept = customers, kept

    async def current(self, tenant: str, customer_id: str) -> BillToVersion | None:
        """Return the customer's billing details of now, which are kept from then on; None when the customer is not known."""
        customer = await self._customers.find(tenant, customer_id)
        if customer is None or customer.profile is None:
            return None
        # Kept when their events came; those that came before invoices named versions are kept now.
        await keep_billing_details(tenant, customer_id, customer.profile)
        if customer.tax_status is not None:
            await keep_billing_details(tenant, customer_id, customer.tax_status)
        tax_status = customer.tax_status.version if customer.tax_status else None
        return BillToVersion(profile=customer.profile.version, tax_status=tax_status)

    async def time_zone(self, tenant: str, customer_id: str) -> ZoneInfo:
        """Return the time zone of the customer's calendar, UTC when the customer is not known."""
        customer = await self._customers.find(tenant, customer_id)
        return ZoneInfo((customer.profile.time_zone if customer and customer.profile else None) or NO_TIME_ZONE)

    async def of(self, tenant: str, key: BillToKey) -> BillTo:
        """Return whom one invoice is billed to."""
        [found] = await self.of_many(tenant, [key])
        return found

    async def of_many(self, tenant: str, keys: Sequence[BillToKey]) -> list[BillTo]:
        """Return whom the invoices are billed to, in the order of `keys`; two queries.

        A draft has the customer's current details. So has a finalised invoice whose version was erased, or that was finalised
        before its customer was known here: nothing better is known.
        """
        kept = await self._kept.find_many(tenant, [id for key in keys for id in _ids(key)])
        by_id = {document.id: document for document in kept if document is not None}
        customers = await self._customers.find_many(tenant, [key.customer_id for key in keys])
        return [_bill_to(key, by_id, customer) for key, customer in zip(keys, customers, strict=True)]


def exemption_on(drafted: TaxExemption | None, taxed: bool, bill_to: BillTo) -> TaxExemption | None:
    """Return why an invoice charges no tax, which its API, paper and e-invoice all say; None: taxes were charged as configured.

    It is what it was `drafted` with. One that bears no tax rate at all (not `taxed`) and was drafted with none says what the tax
    status does that it is billed to: there were times when an exemption was noted only where rates were to be charged.
    """
    status = bill_to.tax_status
    if drafted is not None or taxed or status is None or status.exemption == TaxExemptionKind.NONE:
        return drafted
    return TaxExemption(kind=TaxExemptionKind(status.exemption), reason=status.reason)


def exemption_of(document: InvoiceDocument) -> TaxExemption | None:
    """Return the exemption that the invoice was drafted with."""
    kind = document.tax_exemption
    return TaxExemption(kind=kind, reason=document.tax_exemption_reason) if kind is not None else None


async def keep_billing_details(tenant: str, customer_id: str, part: ProfilePart | TaxStatusPart) -> None:
    """Keep the part under its version; nothing of an erased customer."""
    kept, name = BillingDetailsDocument.get_pymongo_collection(), _name(part)
    id = _id(customer_id, name, part.version)
    values = {"tenant": tenant, "version": part.version, "customer_id": customer_id, name: part.model_dump()}
    try:
        await kept.update_one({"_id": id, "tenant": tenant}, {"$setOnInsert": values}, upsert=True)
    except DuplicateKeyError:  # another handler has just kept it
        return
    # An erasure is noted before it looks for what is kept, and this is kept before it looks for the note: one sees the other.
    erased = {"_id": customer_id, "tenant": tenant, "erased": True}
    if await CustomerReplica.get_pymongo_collection().find_one(erased, {"_id": 1}) is not None:
        await kept.delete_one({"_id": id, "tenant": tenant})


async def forget_billing_details(tenant: str, customer_id: str) -> None:
    """Forget every version of the customer's billing details; again: nothing more."""
    await BillingDetailsDocument.get_pymongo_collection().delete_many({"tenant": tenant, "customer_id": customer_id})


def _bill_to(key: BillToKey, kept: dict[str, BillingDetailsDocument], customer: CustomerReplica | None) -> BillTo:
    current = BillTo(customer.profile if customer else None, customer.tax_status if customer else None)
    if not key.finalized or key.profile is None:
        return current
    profile = kept.get(_id(key.customer_id, "profile", key.profile))
    if profile is None or profile.profile is None:
        return current
    if key.tax_status is None:
        return BillTo(profile.profile, None)
    tax_status = kept.get(_id(key.customer_id, "tax_status", key.tax_status))
    return BillTo(profile.profile, tax_status.tax_status if tax_status else None)


def _ids(key: BillToKey) -> list[str]:
    versions = (("profile", key.profile), ("tax_status", key.tax_status))
    return [_id(key.customer_id, name, version) for name, version in versions if version is not None]


def _name(part: ProfilePart | TaxStatusPart) -> str:
    return "profile" if isinstance(part, ProfilePart) else "tax_status"


def _id(customer_id: str, name: str, version: int) -> str:
    return f"{customer_id}/{name}/{version}"
