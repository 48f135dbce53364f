"""Invoices, payments and credit notes as the API shows them."""

import asyncio
from base64 import b64encode
from datetime import datetime

import strawberry

from subgraphs.invoice.billing_details import BillToKey, exemption_of, exemption_on
from subgraphs.invoice.commands.settle_payment import PROVIDER_SECONDS
from subgraphs.invoice.documents import CreditNoteDocument, DisputeDocument, InvoiceDocument, PaymentDocument
from subgraphs.invoice.domain.seller_profile import SellerProfile
from subgraphs.invoice.domain.values import TaxExemption
from subgraphs.invoice.pdf.paper import Paper, credit_note_paper, paper_of
from subgraphs.invoice.pdf.render import render_paper
from subgraphs.invoice.projections import invoice_document
from subgraphs.invoice.schema.bill_to import BillTo, load_bill_to
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.e_invoice import EInvoice, EInvoiceFormat, credit_note_file, invoice_file
from subgraphs.invoice.schema.enums import (
    CollectionMethod,
    CreditNoteStatus,
    DisputeStatus,
    InvoiceStatus,
    PaymentStatus,
    TaxExemptionKind,
)
from subgraphs.invoice.schema.line_types import CreditNoteLine, InvoiceLine, InvoiceTax
from subgraphs.invoice.schema.loaders import load_credit_note, load_dispute, load_invoice, load_payment
from subgraphs.invoice.schema.revenue_types import RevenueMonth
from subgraphs.invoice.schema.tax_types import TaxRate, load_customer_tax_rates
from subgraphs.kit.domain import money, period
from subgraphs.kit.graphql.children import children
from subgraphs.kit.graphql.pagination import After, Before, Connection, Edge, First, Last, PageArguments, connection
from subgraphs.kit.graphql.scalars import CurrencyCode, Money, Period

__all__ = [
    "READ",
    "PAY",
    "CreditNote",
    "Customer",
    "CreditNoteConnection",
    "CreditNoteEdge",
    "Dispute",
    "DisputeConnection",
    "DisputeEdge",
    "Invoice",
    "InvoiceConnection",
    "InvoiceEdge",
    "Payment",
    "PaymentConnection",
    "PaymentEdge",
    "PlanSubscription",
]

READ = [["invoices:read"]]
PAY = [["payments:write"]]


@strawberry.federation.type(keys=["id"], description="Someone who is billed.")
class Customer:
    """The customer subgraph's entity, with what it was billed."""

    id: strawberry.ID = strawberry.field(description="The customer's id, `cus_…`.")

    @strawberry.federation.field(requires_scopes=READ, description="What the customer was billed, newest first.")
    async def invoices(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> "InvoiceConnection | None":
        page = PageArguments.parse(first, after, last, before)
        rows = await children(info.context, info.context.deps.reader, "customer_id", self.id, page)
        return connection(InvoiceConnection, InvoiceEdge, page, rows, Invoice.of)

    @strawberry.federation.field(requires_scopes=READ, description="What was taken back of its invoices, newest first.")
    async def credit_notes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> "CreditNoteConnection | None":
        page = PageArguments.parse(first, after, last, before)
        rows = await children(info.context, info.context.deps.credit_note_reader, "customer_id", self.id, page)
        return connection(CreditNoteConnection, CreditNoteEdge, page, rows, CreditNote.of)

    @strawberry.federation.field(
        requires_scopes=READ,
        description="Its own tax rates (customerTaxRatesSet), as far as you have them still; empty: it bears those of its place.",
    )
    async def tax_rates(self, info: Info) -> list[TaxRate] | None:
        return await load_customer_tax_rates(info.context, self.id)

    @classmethod
    def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Customer":
        return cls(id=id)


@strawberry.federation.type(keys=["id"], description="A customer's subscription to a price.")
class PlanSubscription:
    """The subscription subgraph's entity, with what was billed for it."""

    id: strawberry.ID = strawberry.field(description="The plan subscription's id, `psub_…`.")

    @strawberry.federation.field(requires_scopes=READ, description="What was billed for it, newest first.")
    async def invoices(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> "InvoiceConnection | None":
        page = PageArguments.parse(first, after, last, before)
        rows = await children(info.context, info.context.deps.reader, "plan_subscription_ids", self.id, page)
        return connection(InvoiceConnection, InvoiceEdge, page, rows, Invoice.of)

    @classmethod
    def resolve_reference(cls, info: Info, id: strawberry.ID) -> "PlanSubscription":
        return cls(id=id)


@strawberry.federation.type(
    keys=["id"], requires_scopes=READ, description="One try to collect an invoice. Card data never reaches this API."
)
class Payment:
    """The Payment entity."""

    id: strawberry.ID = strawberry.field(description="The payment's id, `pay_…`; also its name at the provider.")
    status: PaymentStatus = strawberry.field(description="How far it is.")
    amount: Money = strawberry.field(description="What was to be paid.")
    payment_method_label: str | None = strawberry.field(description="What was charged, such as Visa •••• 4242.")
    provider: str | None = strawberry.field(
        description="Which payment provider was asked, such as sandbox or stripe; null for a payment that came without one."
    )
    reference: str | None = strawberry.field(
        description="What a payment that came without a provider is called there, kept for good."
    )
    received_at: datetime | None = strawberry.field(description="When a payment that came without a provider arrived.")
    amount_refunded: Money = strawberry.field(description="What of it went back to where it came from.")
    amount_lost: Money = strawberry.field(description="What of it the payer's bank took back, by a dispute that was lost.")
    failure_code: str | None = strawberry.field(description="Why it failed, as a code such as card_declined.")
    failure_message: str | None = strawberry.field(description="Why it failed, in English.")
    created_at: datetime = strawberry.field(description="When it was started.")
    settled_at: datetime | None = strawberry.field(description="When it succeeded or failed.")
    customer: Customer | None = strawberry.field(description="Who pays.")
    invoice_id: strawberry.Private[str]

    @strawberry.federation.field(
        requires_scopes=PAY,
        description=(
            "What the provider's own client, such as Stripe.js, needs to let the customer confirm the payment; null unless it "
            "waits for that (ACTION_REQUIRED). For the customer's eyes only: never log or store it."
        ),
    )
    async def client_secret(self, info: Info) -> str | None:
        provider = info.context.deps.providers.get(self.provider or "")
        if provider is None or self.status is not PaymentStatus.ACTION_REQUIRED:
            return None
        async with asyncio.timeout(PROVIDER_SECONDS):
            return await provider.client_secret(info.context.tenant, self.id)

    @strawberry.field(description="Its disputes, newest first.")
    async def disputes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> "DisputeConnection":
        page = PageArguments.parse(first, after, last, before)
        rows = await children(info.context, info.context.deps.dispute_reader, "payment_id", self.id, page)
        return connection(DisputeConnection, DisputeEdge, page, rows, Dispute.of)

    @strawberry.field(description="The invoice it is for.")
    async def invoice(self, info: Info) -> "Invoice | None":
        document = await load_invoice(info.context, self.invoice_id)
        return Invoice.of(document) if document else None

    @classmethod
    def of(cls, document: PaymentDocument) -> "Payment":
        return cls(
            id=strawberry.ID(document.id),
            status=document.status,
            amount=Money.of(money.Money(document.amount_minor, document.currency)),
            payment_method_label=document.payment_method_label,
            provider=document.provider,
            amount_lost=Money.of(money.Money(document.amount_lost_minor, document.currency)),
            reference=document.reference,
            received_at=document.received_at,
            amount_refunded=Money.of(money.Money(document.amount_refunded_minor, document.currency)),
            failure_code=document.failure_code,
            failure_message=document.failure_message,
            created_at=document.created_at,
            settled_at=document.settled_at,
            customer=Customer(id=strawberry.ID(document.customer_id)),
            invoice_id=document.invoice_id,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Payment | None":
        document = await load_payment(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One payment of a list and its place in it.")
class PaymentEdge(Edge[Payment]):
    """Edge of Payment."""


@strawberry.type(description="A page of payments, newest first.")
class PaymentConnection(Connection[Payment]):
    """Connection of Payment."""


@strawberry.type(description="A credit note as a PDF file.")
class CreditNotePdf:
    """As the API shows it."""

    file_name: str = strawberry.field(description="A name for the file, such as CN-000042.pdf.")
    language: str = strawberry.field(description="The language, by which numbers and dates are written.")
    content_base64: str = strawberry.field(description="The file's bytes in base64.")


@strawberry.federation.type(
    keys=["id"], requires_scopes=READ, description="A customer's bank questions a payment, and takes it back unless it is won."
)
class Dispute:
    """The Dispute entity."""

    id: strawberry.ID = strawberry.field(description="The dispute's id, `dsp_…`.")
    status: DisputeStatus = strawberry.field(description="How far it is.")
    reason: str = strawberry.field(description="Why, as the bank's code, such as fraudulent.")
    amount: Money = strawberry.field(description="What is disputed.")
    evidence_due_at: datetime | None = strawberry.field(description="Until when the bank takes evidence.")
    submitted_at: datetime | None = strawberry.field(description="When evidence was given by disputeSubmitEvidence.")
    opened_at: datetime = strawberry.field(description="When it was opened.")
    closed_at: datetime | None = strawberry.field(description="When it was won or lost.")
    customer: Customer | None = strawberry.field(description="Who paid.")
    payment_id: strawberry.Private[str]
    invoice_id: strawberry.Private[str]

    @strawberry.field(description="The payment that is disputed.")
    async def payment(self, info: Info) -> Payment | None:
        document = await load_payment(info.context, self.payment_id)
        return Payment.of(document) if document else None

    @strawberry.field(description="The invoice that the payment paid.")
    async def invoice(self, info: Info) -> "Invoice | None":
        document = await load_invoice(info.context, self.invoice_id)
        return Invoice.of(document) if document else None

    @classmethod
    def of(cls, document: DisputeDocument) -> "Dispute":
        return cls(
            id=strawberry.ID(document.id),
            status=document.status,
            reason=document.reason,
            amount=Money.of(money.Money(document.amount_minor, document.currency)),
            evidence_due_at=document.evidence_due_at,
            submitted_at=document.submitted_at,
            opened_at=document.opened_at,
            closed_at=document.closed_at,
            customer=Customer(id=strawberry.ID(document.customer_id)),
            payment_id=document.payment_id,
            invoice_id=document.invoice_id,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Dispute | None":
        document = await load_dispute(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One dispute of a list and its place in it.")
class DisputeEdge(Edge[Dispute]):
    """Edge of Dispute."""


@strawberry.type(description="A page of disputes, newest first.")
class DisputeConnection(Connection[Dispute]):
    """Connection of Dispute."""


@strawberry.federation.type(
    keys=["id"], requires_scopes=READ, description="What was taken back of a finalised invoice, and where it went."
)
class CreditNote:
    """The CreditNote entity."""

    id: strawberry.ID = strawberry.field(description="The credit note's id, `cn_…`; also the refund's name at the provider.")
    number: str | None = strawberry.field(
        description="The number on paper, in a series of its own without gaps; null while PENDING."
    )
    status: CreditNoteStatus = strawberry.field(description="How far it is.")
    reason: str = strawberry.field(description="Why, kept for good.")
    lines: list[CreditNoteLine] = strawberry.field(description="What is taken back of which line.")
    total: Money = strawberry.field(
        description="The sum of the lines, with the taxes on top of them: `fromAmountDue` + `refund` + `outOfBand` + `balance`."
    )
    from_amount_due: Money = strawberry.field(description="What the invoice's amount due fell by.")
    refund: Money = strawberry.field(description="What goes back to where the payment came from.")
    out_of_band: Money = strawberry.field(description="What was given back otherwise, such as by bank transfer.")
    balance: Money = strawberry.field(description="What goes to the customer's balance, with a refund that the provider refused.")
    refund_failure_code: str | None = strawberry.field(description="Why the refund was refused, as a code.")
    refund_failure_message: str | None = strawberry.field(description="Why the refund was refused, in English.")
    customer: Customer | None = strawberry.field(description="Who gets it.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    issued_at: datetime | None = strawberry.field(description="When it got its number.")
    invoice_id: strawberry.Private[str]

    @strawberry.field(description="The invoice it takes back from.")
    async def invoice(self, info: Info) -> "Invoice | None":
        document = await load_invoice(info.context, self.invoice_id)
        return Invoice.of(document) if document else None

    @strawberry.field(
        description=("The credit note on paper, in the language of its invoice and to whom that is billed; null while PENDING.")
    )
    async def pdf(self, info: Info) -> CreditNotePdf | None:
        services, tenant = info.context.deps, info.context.tenant
        if self.number is None:
            return None
        note, invoice = await services.credit_notes.get(tenant, self.id), await services.invoices.get(tenant, self.invoice_id)
        seller = await services.seller_profile_reader.find(tenant, SellerProfile.id_of(tenant))
        bill_to = await load_bill_to(info.context, BillToKey.of(invoice_document(invoice)))
        paper = credit_note_paper(note, invoice, bill_to, seller)
        return CreditNotePdf(file_name=f"{self.number}.pdf", language=paper.language, content_base64=await _printed(paper))

    @strawberry.field(description="The credit note as e-invoice by EN 16931 (type code 381), or why there is none.")
    async def e_invoice(self, info: Info, format: EInvoiceFormat = EInvoiceFormat.FACTUR_X) -> EInvoice:
        return await credit_note_file(info.context, self.id, self.invoice_id, format)

    @classmethod
    def of(cls, document: CreditNoteDocument) -> "CreditNote":
        def amount(minor_units: int) -> Money:
            return Money.of(money.Money(minor_units, document.currency))

        return cls(
            id=strawberry.ID(document.id),
            number=document.number,
            status=document.status,
            reason=document.reason,
            lines=[CreditNoteLine.of(line, document.currency) for line in document.lines],
            total=amount(document.amount_minor),
            from_amount_due=amount(document.from_due_minor),
            refund=amount(document.refund_minor - document.out_of_band_minor),
            out_of_band=amount(document.out_of_band_minor),
            balance=amount(document.balance_minor),
            refund_failure_code=document.refund_failure_code,
            refund_failure_message=document.refund_failure_message,
            customer=Customer(id=strawberry.ID(document.customer_id)),
            created_at=document.created_at,
            issued_at=document.issued_at,
            invoice_id=document.invoice_id,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "CreditNote | None":
        document = await load_credit_note(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One credit note of a list and its place in it.")
class CreditNoteEdge(Edge[CreditNote]):
    """Edge of CreditNote."""


@strawberry.type(description="A page of credit notes, newest first.")
class CreditNoteConnection(Connection[CreditNote]):
    """Connection of CreditNote."""


@strawberry.type(description="An invoice as a PDF file.")
class InvoicePdf:
    """As the API shows it."""

    file_name: str = strawberry.field(description="A name for the file, such as INV-000042.pdf.")
    language: str = strawberry.field(description="The customer's language, by which numbers and dates are written.")
    content_base64: str = strawberry.field(description="The file's bytes in base64.")


@strawberry.type(description="What a customer's credit paid of an invoice. Of a void invoice it was given back.")
class InvoiceCredit:
    """Credit used for an invoice."""

    total: Money = strawberry.field(description="All of it.")
    from_wallets: Money = strawberry.field(description="By prepaid wallets, in the order of their priority and expiry.")
    from_balance: Money = strawberry.field(description="By the customer's balance.")

    @classmethod
    def of(cls, document: InvoiceDocument) -> "InvoiceCredit | None":
        if document.finalized_at is None or document.awaits_credit:
            return None
        used, wallets = document.credit_applied_minor, document.credit_from_wallets_minor

        def amount(minor_units: int) -> Money:
            return Money.of(money.Money(minor_units, document.currency))

        return cls(total=amount(used), from_wallets=amount(wallets), from_balance=amount(used - wallets))


@strawberry.type(description="What a customer owed before, and an invoice collects beside its total.")
class BroughtForward:
    """As the API shows it."""

    amount: Money = strawberry.field(description="How much.")
    number: str | None = strawberry.field(
        description="The number of the invoice that left it because it was too little to charge; null: it was owed otherwise."
    )
    invoice_id: strawberry.Private[str | None]

    @strawberry.field(description="The invoice that left it because it was too little to charge; null: it was owed otherwise.")
    async def invoice(self, info: Info) -> "Invoice | None":
        document = await load_invoice(info.context, self.invoice_id) if self.invoice_id else None
        return Invoice.of(document) if document else None


@strawberry.federation.type(
    keys=["id"], requires_scopes=READ, description="What a customer owes for something. Nothing changes once it has a number."
)
class Invoice:
    """The Invoice entity."""

    id: strawberry.ID = strawberry.field(description="The invoice's id, `inv_…`.")
    number: str | None = strawberry.field(description="The number on paper, without gaps in your tenant; null for a draft.")
    status: InvoiceStatus = strawberry.field(description="Where it is in its life.")
    currency_code: CurrencyCode = strawberry.field(description="The currency of all its amounts.")
    lines: list[InvoiceLine] = strawberry.field(description="The charges; at most 250.")
    period: Period | None = strawberry.field(description="The time the lines pay for, from the first start to the last end.")
    subtotal: Money = strawberry.field(description="The total without any tax.")
    tax: Money = strawberry.field(description="All tax in the total.")
    taxes: list[InvoiceTax] = strawberry.field(description="What every tax comes to on all lines.")
    total: Money = strawberry.field(description="The sum of the lines and of the taxes on top of them.")
    credit_applied: "InvoiceCredit | None" = strawberry.field(
        description="What the customer's wallets and balance paid of it; null while they are being asked, and before that."
    )
    brought_forward: list[BroughtForward] = strawberry.field(
        description="What the customer owed before, and this invoice collects beside its total; of a void one it is owed again."
    )
    amount_brought_forward: Money = strawberry.field(description="All of `broughtForward`: `amountDue` was the total and this.")
    amount_carried_forward: Money = strawberry.field(
        description=(
            "What was due and too little to charge: it moved to the customer's balance, where the customer owes it, and the next "
            "invoice collects it. No payment; the invoice is PAID."
        )
    )
    retries: int = strawberry.field(description="How often it was charged again after the first try failed.")
    next_retry_at: datetime | None = strawberry.field(description="When it is charged again, where that is planned.")
    amount_due: Money = strawberry.field(description="What is still to be paid.")
    amount_paid: Money = strawberry.field(
        description="What payments have paid, with what was refunded since, and without what lost disputes took back."
    )
    amount_remaining: Money = strawberry.field(
        description="What payments have not paid yet: the same as `amountDue`. The invoice is PAID when nothing remains."
    )
    amount_credited: Money = strawberry.field(description="What credit notes took back: at most the total.")
    amount_refunded: Money = strawberry.field(
        description="What went back to where the payment came from, or was given back otherwise."
    )
    customer: Customer | None = strawberry.field(description="Who is billed.")
    plan_subscription: PlanSubscription | None = strawberry.field(
        description="The one that is billed; null where it is several, or something else."
    )
    plan_subscriptions: list[PlanSubscription] = strawberry.field(
        description="Every plan subscription that is billed: several on a consolidated invoice."
    )
    finalizes_at: datetime | None = strawberry.field(
        description="When a consolidated draft gets its number and is charged; until then it takes further bills of that day."
    )
    created_at: datetime = strawberry.field(description="When it was drafted.")
    finalized_at: datetime | None = strawberry.field(description="When it got its number.")
    due_at: datetime | None = strawberry.field(description="When it is to be paid.")
    collection_method: CollectionMethod | None = strawberry.field(
        description="How it is collected, as the plan subscription that it bills had it; null where it bills none."
    )
    days_until_due: int = strawberry.field(
        description=(
            "How many days after it is finalised it is due, at the same time of day on the customer's calendar; 0: it is "
            "charged, or due, then."
        )
    )
    paid_at: datetime | None = strawberry.field(description="When it was paid.")
    uncollectible_at: datetime | None = strawberry.field(description="When its money was given up.")
    uncollectible_reason: str | None = strawberry.field(description="Why its money was given up, kept for good.")
    voided_at: datetime | None = strawberry.field(description="When it was voided.")
    void_reason: str | None = strawberry.field(description="Why it was voided, kept for good.")
    deleted_at: datetime | None = strawberry.field(description="When the draft was deleted.")
    deletion_reason: str | None = strawberry.field(description="Why the draft was deleted, kept for good.")
    replaces_id: strawberry.Private[str | None]
    bill_to_key: strawberry.Private[BillToKey]
    drafted_exemption: strawberry.Private[TaxExemption | None]
    is_taxed: strawberry.Private[bool]

    @strawberry.field(
        description=(
            "Why no tax was charged: EXEMPT or REVERSE_CHARGE, wherever the customer is; null when taxes were charged as "
            "configured. Its paper and e-invoice say the same."
        )
    )
    async def tax_exemption(self, info: Info) -> TaxExemptionKind | None:
        exemption = await self._exemption(info)
        return exemption.kind if exemption else None

    @strawberry.field(description="What was noted with the customer's exemption.")
    async def tax_exemption_reason(self, info: Info) -> str | None:
        exemption = await self._exemption(info)
        return exemption.reason if exemption else None

    async def _exemption(self, info: Info) -> TaxExemption | None:
        if self.drafted_exemption is not None or self.is_taxed:
            return self.drafted_exemption
        return exemption_on(None, False, await load_bill_to(info.context, self.bill_to_key))

    @strawberry.field(
        description=(
            "Whom it is billed to: the customer's name, address and tax ids as they were when it got its number, of a draft as "
            "they are now. Null while nothing is known of the customer."
        )
    )
    async def bill_to(self, info: Info) -> BillTo | None:
        return BillTo.of(await load_bill_to(info.context, self.bill_to_key))

    @strawberry.field(
        description="The invoice on paper, in the customer's language where that is en, de, fr or es, else in English."
    )
    async def pdf(self, info: Info) -> InvoicePdf | None:
        services, tenant = info.context.deps, info.context.tenant
        document = await load_invoice(info.context, self.id)
        if document is None:
            return None
        seller = await services.seller_profile_reader.find(tenant, SellerProfile.id_of(tenant))
        paper = paper_of(document, await load_bill_to(info.context, self.bill_to_key), seller)
        name = f"{document.number or document.id}.pdf"
        return InvoicePdf(file_name=name, language=paper.language, content_base64=await _printed(paper))

    @strawberry.field(
        description=(
            "The invoice as e-invoice by EN 16931 (type code 380), or why there is none. It stands as it was issued: what credit "
            "paid is prepaid, and what was paid or taken back since is not on it."
        )
    )
    async def e_invoice(self, info: Info, format: EInvoiceFormat = EInvoiceFormat.FACTUR_X) -> EInvoice:
        return await invoice_file(info.context, self.id, format)

    @strawberry.field(
        description="When it becomes revenue, by month on the calendar of UTC, without tax and what credit notes took back; "
        "empty for a draft."
    )
    async def revenue_schedule(self, info: Info) -> list[RevenueMonth]:
        months = await info.context.deps.books.schedule(info.context.tenant, self.id)
        return [RevenueMonth.of(one) for one in months]

    @strawberry.field(description="The void invoice whose place it takes; null: it takes none.")
    async def replaces(self, info: Info) -> "Invoice | None":
        document = await load_invoice(info.context, self.replaces_id) if self.replaces_id else None
        return Invoice.of(document) if document else None

    @strawberry.field(description="The invoice that takes the place of this void one; null: none does.")
    async def replaced_by(self, info: Info) -> "Invoice | None":
        if self.status is not InvoiceStatus.VOID:
            return None
        found = await children(
            info.context, info.context.deps.reader, "replaces", self.id, PageArguments.parse(1, None, None, None)
        )
        return Invoice.of(found[0]) if found else None

    @strawberry.field(description="The tries to collect it, newest first.")
    async def payments(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> PaymentConnection:
        page = PageArguments.parse(first, after, last, before)
        rows = await children(info.context, info.context.deps.payment_reader, "invoice_id", self.id, page)
        return connection(PaymentConnection, PaymentEdge, page, rows, Payment.of)

    @strawberry.field(description="What was taken back of it, newest first.")
    async def credit_notes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> CreditNoteConnection:
        page = PageArguments.parse(first, after, last, before)
        rows = await children(info.context, info.context.deps.credit_note_reader, "invoice_id", self.id, page)
        return connection(CreditNoteConnection, CreditNoteEdge, page, rows, CreditNote.of)

    @classmethod
    def of(cls, document: InvoiceDocument) -> "Invoice":
        def amount(minor_units: int) -> Money:
            return Money.of(money.Money(minor_units, document.currency))

        subscription = document.plan_subscription_id
        return cls(
            id=strawberry.ID(document.id),
            number=document.number,
            status=document.status,
            currency_code=CurrencyCode(document.currency),
            lines=[
                InvoiceLine.of(number, line, document.currency, line.plan_subscription_id or subscription)
                for number, line in enumerate(document.lines, 1)
            ],
            period=_period(document),
            subtotal=amount(document.total_minor - document.tax_minor),
            tax=amount(document.tax_minor),
            taxes=_taxes(document),
            total=amount(document.total_minor),
            credit_applied=InvoiceCredit.of(document),
            brought_forward=[
                BroughtForward(amount=amount(part.amount_minor), number=part.number, invoice_id=part.invoice_id)
                for part in document.brought_forward
            ],
            amount_brought_forward=amount(sum(part.amount_minor for part in document.brought_forward)),
            amount_carried_forward=amount(document.carried_forward_minor),
            retries=document.retries,
            next_retry_at=document.retry_at,
            amount_due=amount(document.amount_due_minor),
            amount_paid=amount(document.amount_paid_minor),
            amount_remaining=amount(document.amount_due_minor),
            amount_credited=amount(document.amount_credited_minor),
            amount_refunded=amount(document.amount_refunded_minor),
            customer=Customer(id=strawberry.ID(document.customer_id)),
            plan_subscription=PlanSubscription(id=strawberry.ID(subscription)) if subscription else None,
            plan_subscriptions=[PlanSubscription(id=strawberry.ID(id)) for id in document.plan_subscription_ids],
            finalizes_at=document.finalize_at,
            created_at=document.created_at,
            finalized_at=document.finalized_at,
            due_at=document.due_at,
            collection_method=collection_method_of(document),
            days_until_due=document.days_until_due,
            paid_at=document.paid_at,
            uncollectible_at=document.uncollectible_at,
            uncollectible_reason=document.uncollectible_reason,
            voided_at=document.voided_at,
            void_reason=document.void_reason,
            deleted_at=document.deleted_at,
            deletion_reason=document.deletion_reason,
            replaces_id=document.replaces,
            bill_to_key=BillToKey.of(document),
            drafted_exemption=exemption_of(document),
            is_taxed=any(line.taxes for line in document.lines),
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "Invoice | None":
        document = await load_invoice(info.context, id)
        return cls.of(document) if document else None


def collection_method_of(document: InvoiceDocument) -> CollectionMethod | None:
    """Return how the invoice is collected: what bills a plan subscription and was drafted before that was told, was charged."""
    bills = document.plan_subscription_ids or document.plan_subscription_id
    return document.collection_method or (CollectionMethod.CHARGE_AUTOMATICALLY if bills else None)


async def _printed(paper: Paper) -> str:
    return b64encode(await asyncio.to_thread(render_paper, paper)).decode()


def _taxes(document: InvoiceDocument) -> list[InvoiceTax]:
    sums: dict[str, tuple[int, int]] = {}
    rates = {}
    for line in document.lines:
        for tax in line.taxes:
            amount, taxable = sums.get(tax.rate_id, (0, 0))
            sums[tax.rate_id], rates[tax.rate_id] = (amount + tax.amount_minor, taxable + line.net_minor), tax
    return [InvoiceTax.of(rates[id], *both, document.currency) for id, both in sums.items()]


def _period(document: InvoiceDocument) -> Period | None:
    starts = [line.period_start for line in document.lines if line.period_start is not None]
    ends = [line.period_end for line in document.lines if line.period_end is not None]
    return Period.of(period.Period(min(starts), max(ends))) if starts and ends else None


@strawberry.type(description="One invoice of a list and its place in it.")
class InvoiceEdge(Edge[Invoice]):
    """Edge of Invoice."""


@strawberry.type(description="A page of invoices, newest first.")
class InvoiceConnection(Connection[Invoice]):
    """Connection of Invoice."""
