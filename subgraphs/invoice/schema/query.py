"""Reading invoices, payments and credit notes."""

from datetime import datetime
from typing import Annotated

import strawberry

from subgraphs.invoice.domain import tax_configuration
from subgraphs.invoice.queries import (
    CreditNoteFilter,
    InvoiceFilter,
    PaymentFilter,
    credit_note_filter,
    invoice_filter,
    payment_filter,
)
from subgraphs.invoice.schema.billing_series import BillingSeriesQuery
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.disputes import DisputeQuery
from subgraphs.invoice.schema.dunning import DunningQuery
from subgraphs.invoice.schema.enums import InvoiceStatus, PaymentStatus
from subgraphs.invoice.schema.grouping import GroupingQuery
from subgraphs.invoice.schema.loaders import load_credit_note, load_invoice, load_payment
from subgraphs.invoice.schema.number_audit import NumberAuditQuery
from subgraphs.invoice.schema.receivables import ReceivablesQuery
from subgraphs.invoice.schema.revenue import RevenueQuery
from subgraphs.invoice.schema.seller import SellerQuery
from subgraphs.invoice.schema.tax_types import TaxConfiguration
from subgraphs.invoice.schema.types import (
    READ,
    CreditNote,
    CreditNoteConnection,
    CreditNoteEdge,
    Invoice,
    InvoiceConnection,
    InvoiceEdge,
    Payment,
    PaymentConnection,
    PaymentEdge,
)
from subgraphs.kit.graphql.pagination import After, Before, First, Last, PageArguments, connection
from subgraphs.kit.graphql.time_travel import AsOf

__all__ = ["InvoiceWhereInput", "Query"]


@strawberry.input(description="Which invoices to list; every given condition must hold.")
class InvoiceWhereInput:
    """Conditions on invoices."""

    status: InvoiceStatus | None = strawberry.field(default=None, description="Invoices in this status.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Invoices of this customer.")
    plan_subscription_id: strawberry.ID | None = strawberry.field(
        default=None, description="Invoices for this plan subscription."
    )
    number: str | None = strawberry.field(default=None, description="The invoice with this number.")
    finalized_from: datetime | None = strawberry.field(default=None, description="Invoices that got their number from then on.")
    finalized_to: datetime | None = strawberry.field(default=None, description="Invoices that got their number before then.")


@strawberry.input(description="Which payments to list; every given condition must hold.")
class PaymentWhereInput:
    """Conditions on payments."""

    status: PaymentStatus | None = strawberry.field(default=None, description="Payments in this status.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Payments of this customer.")
    settled_from: datetime | None = strawberry.field(default=None, description="Payments settled from then on.")
    settled_to: datetime | None = strawberry.field(default=None, description="Payments settled before then.")


@strawberry.input(description="Which credit notes to list; every given condition must hold.")
class CreditNoteWhereInput:
    """Conditions on credit notes."""

    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Credit notes of this customer.")
    issued_from: datetime | None = strawberry.field(default=None, description="Credit notes issued from then on.")
    issued_to: datetime | None = strawberry.field(default=None, description="Credit notes issued before then.")


@strawberry.type
class Query(
    BillingSeriesQuery, DisputeQuery, DunningQuery, GroupingQuery, NumberAuditQuery, ReceivablesQuery, RevenueQuery, SellerQuery
):
    """Root fields."""

    @strawberry.federation.field(requires_scopes=READ, description="One invoice, null when there is none with this id.")
    async def invoice(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The invoice's id, `inv_…`.")],
        as_of: AsOf = None,
    ) -> Invoice | None:
        document = await load_invoice(info.context, id, as_of)
        return Invoice.of(document) if document else None

    @strawberry.federation.field(
        requires_scopes=READ, description="Invoices, newest first; deleted drafts only with the status DELETED."
    )
    async def invoices(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Annotated[InvoiceWhereInput | None, strawberry.argument(description="Which invoices to list.")] = None,
    ) -> InvoiceConnection | None:
        page = PageArguments.parse(first, after, last, before)
        conditions = invoice_filter(InvoiceFilter(**vars(where)) if where else InvoiceFilter())
        rows = await info.context.deps.reader.page(info.context.tenant, conditions, **page.reading())
        return connection(InvoiceConnection, InvoiceEdge, page, rows, Invoice.of)

    @strawberry.federation.field(requires_scopes=READ, description="One payment, null when there is none with this id.")
    async def payment(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The payment's id, `pay_…`.")]
    ) -> Payment | None:
        document = await load_payment(info.context, id)
        return Payment.of(document) if document else None

    @strawberry.federation.field(requires_scopes=READ, description="Payments, newest first.")
    async def payments(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Annotated[PaymentWhereInput | None, strawberry.argument(description="Which payments to list.")] = None,
    ) -> PaymentConnection | None:
        page = PageArguments.parse(first, after, last, before)
        conditions = payment_filter(PaymentFilter(**vars(where))) if where else {}
        rows = await info.context.deps.payment_reader.page(info.context.tenant, conditions, **page.reading())
        return connection(PaymentConnection, PaymentEdge, page, rows, Payment.of)

    @strawberry.federation.field(requires_scopes=READ, description="Credit notes, newest first.")
    async def credit_notes(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Annotated[CreditNoteWhereInput | None, strawberry.argument(description="Which credit notes to list.")] = None,
    ) -> CreditNoteConnection | None:
        page = PageArguments.parse(first, after, last, before)
        conditions = credit_note_filter(CreditNoteFilter(**vars(where))) if where else {}
        rows = await info.context.deps.credit_note_reader.page(info.context.tenant, conditions, **page.reading())
        return connection(CreditNoteConnection, CreditNoteEdge, page, rows, CreditNote.of)

    @strawberry.federation.field(requires_scopes=READ, description="One credit note, null when there is none with this id.")
    async def credit_note(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The credit note's id, `cn_…`.")]
    ) -> CreditNote | None:
        document = await load_credit_note(info.context, id)
        return CreditNote.of(document) if document else None

    @strawberry.federation.field(
        requires_scopes=READ, description="Which taxes you charge, and how they are rounded; null when nothing was configured."
    )
    async def tax_configuration(self, info: Info) -> TaxConfiguration | None:
        tenant = info.context.tenant
        found = await info.context.deps.tax_configuration_reader.find(tenant, tax_configuration.TaxConfiguration.id_of(tenant))
        return TaxConfiguration.of(found) if found else None
