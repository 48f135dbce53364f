"""Keeps what invoices change of revenue and of what is owed: derived from each one's commits, however often they are told."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from subgraphs.invoice.documents import BillingEntryDocument, RevenueEntryDocument
from subgraphs.invoice.domain.billing_totals import billing_changes
from subgraphs.invoice.domain.events import (
    InvoiceCarriedForward,
    InvoiceCreditApplied,
    InvoiceCredited,
    InvoiceCreditNoteSettled,
    InvoiceDisputeLost,
    InvoiceFinalized,
    InvoiceMarkedUncollectible,
    InvoicePaid,
    InvoicePartPaid,
    InvoiceRefundNoted,
    InvoiceVoided,
)
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.revenue import RecognisedMonth, recognised_by_month, revenue_changes
from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.ids import derived_id
from subgraphs.kit.domain.series import day_of
from subgraphs.kit.persistence.commit import Commit
from subgraphs.kit.persistence.event_store import EventStore
from subgraphs.kit.persistence.ledger import DailySums, Ledger, told_streams

__all__ = ["CREDITED", "INVOICED", "RECOGNISED", "TELLING", "Books", "billing_documents", "revenue_documents"]

INVOICED, CREDITED, RECOGNISED = "invoiced", "credited", "recognised"
# Events that change what the entries are made of: a commit without any of them needs none.
TELLING = frozenset(
    event.__name__
    for event in (
        InvoiceFinalized,
        InvoiceCreditApplied,
        InvoiceCarriedForward,
        InvoicePartPaid,
        InvoicePaid,
        InvoiceRefundNoted,
        InvoiceCredited,
        InvoiceCreditNoteSettled,
        InvoiceMarkedUncollectible,
        InvoiceDisputeLost,
        InvoiceVoided,
    )
)


class Books:
    """The entries of all invoices. Part of what the relay brings up to date before a commit is told of."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], store: EventStore, clock: Clock) -> None:
        self._revenue = Ledger(database, RevenueEntryDocument, clock)
        self._billing = Ledger(database, BillingEntryDocument, clock)
        self._store = store

    async def ensure_indexes(self) -> None:
        """Create what the ledgers need."""
        await self._revenue.ensure_indexes()
        await self._billing.ensure_indexes()

    async def catch_up(self, *commits: Commit) -> None:
        """Store the entries of these commits; those of earlier ones were stored with them."""
        streams = await told_streams(self._store, Invoice.kind, commits, TELLING)
        await asyncio.gather(
            self._revenue.record([one for told in streams for one in told.of(revenue_documents)], expected_new=True),
            self._billing.record([one for told in streams for one in told.of(billing_documents)], expected_new=True),
        )

    async def follow(self, tenant: str, invoice_id: str) -> int:
        """Store the entries of an invoice that are not stored yet; return how many that were."""
        commits = await self._store.load(tenant, Invoice.kind, invoice_id)
        return await self._revenue.record(revenue_documents(commits)) + await self._billing.record(billing_documents(commits))

    async def revenue(self, tenant: str, currency: str, start: date, end: date) -> DailySums:
        """Return what is invoiced, credited and recognised before `start`, and on each day up to `end`."""
        return await self._revenue.daily(tenant, currency, start, end)

    async def billing(self, tenant: str, currency: str, start: date, end: date) -> DailySums:
        """Return what the totals of invoices changed by before `start`, and on each day up to `end`."""
        return await self._billing.daily(tenant, currency, start, end)

    async def schedule(self, tenant: str, invoice_id: str) -> list[RecognisedMonth]:
        """Return the months in which an invoice is recognised, as it is now; empty when there is none with this id."""
        commits = await self._store.load(tenant, Invoice.kind, invoice_id)
        if not commits:
            return []
        invoice, plans, _ = revenue_changes(invoice_id, tenant, _decoded(commits))
        return recognised_by_month(plans, invoice.currency)


def revenue_documents(commits: Sequence[Commit]) -> list[RevenueEntryDocument]:
    """Return the entries of one invoice's commits, by month: the same commits always give the same ones."""
    if not commits:
        return []
    tenant, id = commits[0].tenant, commits[0].aggregate_id
    invoice, _, changes = revenue_changes(id, tenant, _decoded(commits))
    draft, found = invoice.drafted.draft, list[RevenueEntryDocument]()
    for change in changes:
        months: dict[str, dict[str, dict[str, int]]] = {}
        of_commit = {INVOICED: change.invoiced, CREDITED: change.credited}
        for day, sums in (
            (day_of(change.at), {name: amount for name, amount in of_commit.items() if amount}),
            *((day, {RECOGNISED: part}) for day, part in change.recognised.items()),
        ):
            if sums:
                days = months.setdefault(day.replace(day=1).isoformat(), {})
                days.setdefault(day.isoformat(), {}).update(sums)
        found += [
            RevenueEntryDocument(
                id=derived_id("rev", change.at, tenant, id, str(change.version), month),
                tenant=tenant,
                version=change.version,
                currency=draft.currency,
                bucket=month,
                sums=days,
                at=change.at,
                invoice_id=id,
                customer_id=draft.customer_id,
                plan_subscription_id=draft.plan_subscription_id,
            )
            for month, days in sorted(months.items())
        ]
    return found


def billing_documents(commits: Sequence[Commit]) -> list[BillingEntryDocument]:
    """Return the entries of one invoice's commits, one of each that changes its totals: the same commits, the same entries."""
    if not commits:
        return []
    tenant, id = commits[0].tenant, commits[0].aggregate_id
    invoice, changes = billing_changes(id, tenant, _decoded(commits))
    draft, found = invoice.drafted.draft, list[BillingEntryDocument]()
    for change in changes:
        day = day_of(change.at).isoformat()
        found.append(
            BillingEntryDocument(
                id=derived_id("ble", change.at, tenant, id, str(change.version)),
                tenant=tenant,
                version=change.version,
                currency=draft.currency,
                bucket=day,
                sums={day: change.difference.changed()},
                at=change.at,
                invoice_id=id,
                customer_id=draft.customer_id,
                plan_subscription_id=draft.plan_subscription_id,
            )
        )
    return found


def _decoded(commits: Sequence[Commit]) -> list[tuple[datetime, list[Event]]]:
    decode = Invoice.codec.decode
    return [(commit.context.at, [decode(event.type, event.data) for event in commit.events]) for commit in commits]
