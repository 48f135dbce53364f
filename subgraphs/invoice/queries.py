"""What can be asked about invoices and payments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING

from subgraphs.invoice.documents import InvoiceDocument
from subgraphs.invoice.domain.receivables import Receivable
from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.kit.domain.money import Money

__all__ = [
    "drafts_to_finalize",
    "InvoiceFilter",
    "UnfinishedPayment",
    "find_unfinished_payments",
    "invoice_filter",
    "invoices_to_retry",
    "open_receivables",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """Which invoices to list; every given condition must hold."""

    status: InvoiceStatus | None = None
    customer_id: str | None = None
    plan_subscription_id: str | None = None
    number: str | None = None


def invoice_filter(where: InvoiceFilter) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `invoices`, without the tenant, which the reader adds."""
    conditions: dict[str, Any] = {}
    if where.status is not None:
        conditions["status"] = where.status.value
    if where.customer_id is not None:
        conditions["customer_id"] = where.customer_id
    if where.plan_subscription_id is not None:
        conditions["plan_subscription_ids"] = where.plan_subscription_id
    if where.number is not None:
        conditions["number"] = where.number
    return conditions


@dataclass(frozen=True, slots=True)
class UnfinishedPayment:
    """An invoice whose payment or credit note has been under way for longer than a live process takes."""

    tenant: str
    invoice_id: str


async def find_unfinished_payments(since_before: datetime, limit: int) -> list[UnfinishedPayment]:
    """Return up to `limit` of them, the longest waiting first, of all tenants: for background work, never for a request."""
    cursor = (
        InvoiceDocument.get_pymongo_collection()
        .find({"charging_since": {"$lt": since_before}}, {"tenant": 1})
        .sort("charging_since", ASCENDING)
        .limit(limit)
    )
    return [UnfinishedPayment(row["tenant"], row["_id"]) async for row in cursor]


async def invoices_to_retry(now: datetime, limit: int, *, tenant: str | None = None, after: str = "") -> list[InvoiceDocument]:
    """Return up to `limit` invoices that are to be charged again by `now`: for background work, never for a request.

    Of one `tenant` those that are due first; of all tenants by id, those after `after`.
    """
    # `$gt` keeps out what is not to be retried: null is of another type, and sorts before every date.
    where: dict[str, Any] = {"retry_at": {"$gt": datetime.min, "$lte": now}}
    if tenant is not None:
        return await InvoiceDocument.find({"tenant": tenant, **where}).sort("retry_at", "_id").limit(limit).to_list()
    return await InvoiceDocument.find({"_id": {"$gt": after}, **where}).sort("_id").limit(limit).to_list()


async def drafts_to_finalize(now: datetime, limit: int, *, tenant: str | None = None, after: str = "") -> list[InvoiceDocument]:
    """Return up to `limit` consolidated drafts that are to be finalised by `now`: for background work, never for a request.

    Of one `tenant` those that are due first; of all tenants by id, those after `after`.
    """
    where: dict[str, Any] = {"finalize_at": {"$gt": datetime.min, "$lte": now}}
    if tenant is not None:
        return await InvoiceDocument.find({"tenant": tenant, **where}).sort("finalize_at", "_id").limit(limit).to_list()
    return await InvoiceDocument.find({"_id": {"$gt": after}, **where}).sort("_id").limit(limit).to_list()


async def open_receivables(tenant: str) -> list[Receivable]:
    """Return what is still owed of the tenant's open invoices, and since when: two numbers of each, however many there are."""
    shown = {"due_at": 1, "amount_due_minor": 1, "currency": 1}
    cursor = InvoiceDocument.get_pymongo_collection().find({"tenant": tenant, "status": InvoiceStatus.OPEN.value}, shown)
    return [
        Receivable(due_at=row["due_at"], amount=Money(row["amount_due_minor"], row["currency"]))
        async for row in cursor
        if row["due_at"] is not None
    ]
