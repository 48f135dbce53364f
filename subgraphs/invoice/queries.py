"""What can be asked about invoices and payments."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from pymongo import ASCENDING

from subgraphs.invoice.documents import DisputeDocument, InvoiceDocument
from subgraphs.invoice.domain.dispute import DisputeStatus
from subgraphs.invoice.domain.receivables import Receivable
from subgraphs.invoice.domain.values import InvoiceStatus, PaymentStatus
from subgraphs.kit.domain.money import Money

__all__ = [
    "CreditNoteFilter",
    "DisputeFilter",
    "DueInvoiceStep",
    "InvoiceFilter",
    "MongoInvoiceSteps",
    "PaymentFilter",
    "StepKind",
    "UnfinishedPayment",
    "credit_note_filter",
    "dispute_filter",
    "disputes_to_look_at",
    "drafts_to_finalize",
    "find_unfinished_payments",
    "invoice_filter",
    "invoices_to_retry",
    "note_dispute_looked_at",
    "open_receivables",
    "payment_filter",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """Which invoices to list; every given condition must hold."""

    status: InvoiceStatus | None = None
    customer_id: str | None = None
    plan_subscription_id: str | None = None
    number: str | None = None
    finalized_from: datetime | None = None
    finalized_to: datetime | None = None


def invoice_filter(where: InvoiceFilter) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `invoices`, without the tenant, which the reader adds.

    Deleted drafts are listed only where they are asked for.
    """
    conditions: dict[str, Any] = {}
    if where.status is not None:
        conditions["status"] = where.status.value
    else:
        conditions["status"] = {"$ne": InvoiceStatus.DELETED.value}
    if where.customer_id is not None:
        conditions["customer_id"] = where.customer_id
    if where.plan_subscription_id is not None:
        conditions["plan_subscription_ids"] = where.plan_subscription_id
    if where.number is not None:
        conditions["number"] = where.number
    return conditions | within("finalized_at", where.finalized_from, where.finalized_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter:
    """Which payments to list; every given condition must hold."""

    status: PaymentStatus | None = None
    customer_id: str | None = None
    settled_from: datetime | None = None
    settled_to: datetime | None = None


def payment_filter(where: PaymentFilter) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `payments`, without the tenant."""
    conditions: dict[str, Any] = {}
    if where.status is not None:
        conditions["status"] = where.status.value
    if where.customer_id is not None:
        conditions["customer_id"] = where.customer_id
    return conditions | within("settled_at", where.settled_from, where.settled_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteFilter:
    """Which credit notes to list; every given condition must hold."""

    customer_id: str | None = None
    issued_from: datetime | None = None
    issued_to: datetime | None = None


def credit_note_filter(where: CreditNoteFilter) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `credit_notes`, without the tenant."""
    conditions: dict[str, Any] = {} if where.customer_id is None else {"customer_id": where.customer_id}
    return conditions | within("issued_at", where.issued_from, where.issued_to)


def within(field: str, start: datetime | None, end: datetime | None) -> dict[str, Any]:
    """Return the condition that a field's instant lies in [start, end), each end open where None."""
    bounds = {operator: at for operator, at in (("$gte", start), ("$lt", end)) if at is not None}
    if not bounds:
        return {}
    # A lower bound keeps out what has no such instant: null is of another type, and sorts before every date.
    return {field: {"$gte": datetime.min.replace(tzinfo=UTC), **bounds}}


@dataclass(frozen=True, slots=True)
class UnfinishedPayment:
    """An invoice whose payment, credit note or plan of a retry has been under way for longer than a live process takes."""

    tenant: str
    invoice_id: str


async def find_unfinished_payments(since_before: datetime, limit: int, without: Collection[str] = ()) -> list[UnfinishedPayment]:
    """Return up to `limit` of them, the longest waiting first, of all tenants: for background work, never for a request.

    Invoices `without` are left out.
    """
    left_out = {"_id": {"$nin": list(without)}} if without else {}
    # `$gt` keeps out what is finished: null is of another type, and sorts before every date.
    cursor = (
        InvoiceDocument.get_pymongo_collection()
        .find({"charging_since": {"$gt": datetime.min, "$lt": since_before}, **left_out}, {"tenant": 1})
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


async def invoices_to_remind(now: datetime, limit: int, *, after: str = "") -> list[InvoiceDocument]:
    """Return up to `limit` invoices that were sent and are overdue, or to be reminded of, by `now`, by id, those after `after`.

    Of all tenants: for background work, never for a request.
    """
    # `$gt` keeps out what nothing is due of: null is of another type, and sorts before every date.
    where: dict[str, Any] = {"_id": {"$gt": after}, "remind_at": {"$gt": datetime.min, "$lte": now}}
    return await InvoiceDocument.find(where).sort("_id").limit(limit).to_list()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFilter:
    """Which disputes to list; every given condition must hold."""

    status: DisputeStatus | None = None
    customer_id: str | None = None
    invoice_id: str | None = None
    payment_id: str | None = None


def dispute_filter(where: DisputeFilter) -> dict[str, Any]:
    """Return the conditions as a MongoDB filter on `disputes`, without the tenant, which the reader adds."""
    given = {name: getattr(where, name) for name in ("status", "customer_id", "invoice_id", "payment_id")}
    return {name: str(value) for name, value in given.items() if value is not None}


async def disputes_to_look_at(now: datetime, limit: int, *, tenant: str | None = None, after: str = "") -> list[DisputeDocument]:
    """Return up to `limit` disputes whose time for evidence is over by `now`, by id, those after `after`: for background work."""
    where: dict[str, Any] = {"look_at": {"$gt": datetime.min, "$lte": now}, "_id": {"$gt": after}}
    if tenant is not None:
        where["tenant"] = tenant
    return await DisputeDocument.find(where).sort("_id").limit(limit).to_list()


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


class StepKind(IntEnum):
    """What is done with an invoice when a tenant's own clock gets there; what is due at one instant, in this order."""

    FINALIZE = 0
    RETRY = 1
    LOOK_AT_DISPUTE = 2
    REMIND = 3


@dataclass(frozen=True, slots=True, order=True)
class DueInvoiceStep:
    """Something to do with an invoice, or with a dispute, whose `id` it is then."""

    at: datetime
    kind: StepKind
    id: str
    customer_id: str


class MongoInvoiceSteps:
    """What of a tenant's invoices waits for its own clock, by the documents."""

    async def due(self, tenant: str, until: datetime, limit: int) -> Sequence[DueInvoiceStep]:
        """Return what is due before `until`, in the order in which it is to happen, up to `limit`."""
        invoices = InvoiceDocument.get_pymongo_collection()
        disputes = DisputeDocument.get_pymongo_collection()
        found: list[DueInvoiceStep] = []
        for kind, collection, field in (
            (StepKind.FINALIZE, invoices, "finalize_at"),
            (StepKind.RETRY, invoices, "retry_at"),
            (StepKind.REMIND, invoices, "remind_at"),
            (StepKind.LOOK_AT_DISPUTE, disputes, "look_at"),
        ):
            # `$gt` keeps out what does not wait: null is of another type, and sorts before every date.
            where: dict[str, Any] = {"tenant": tenant, field: {"$gt": datetime.min, "$lt": until}}
            shown = {field: 1, "customer_id": 1, "looked_at": 1}
            # Disputes that were looked at stay: there are few, and they may still be answered.
            at_most = limit if kind is not StepKind.LOOK_AT_DISPUTE else 0
            cursor = collection.find(where, shown).sort([(field, ASCENDING), ("_id", ASCENDING)]).limit(at_most)
            found += [
                DueInvoiceStep(at=one[field], kind=kind, id=one["_id"], customer_id=one["customer_id"])
                async for one in cursor
                if one.get("looked_at") != one[field]
            ]
        return sorted(found)[:limit]

    async def half_done(self, tenant: str) -> bool:
        """Tell whether an invoice waits for credit, or for a payment provider, or what was begun with it is not finished."""
        charged = {"charging_since": {"$gt": datetime.min}, "tenant": tenant}
        for where in ({"tenant": tenant, "awaits_credit": True}, charged):
            if await InvoiceDocument.get_pymongo_collection().find_one(where, {"_id": 1}) is not None:
                return True
        return False


async def note_dispute_looked_at(tenant: str, id: str, at: datetime) -> None:
    """Remember that the tenant's own clock has passed a dispute's time for evidence: it is looked at then, and not again."""
    await DisputeDocument.get_pymongo_collection().update_one({"_id": id, "tenant": tenant}, {"$set": {"looked_at": at}})
