"""Changing invoices and payments."""

from datetime import datetime
from typing import Annotated

import strawberry

from subgraphs.invoice.commands.confirm_payment import confirm_payment
from subgraphs.invoice.commands.dun_invoice import plan_retry
from subgraphs.invoice.commands.finalize_invoice import finalize_invoice
from subgraphs.invoice.commands.mark_invoice_uncollectible import mark_invoice_uncollectible
from subgraphs.invoice.commands.pay_invoice import pay_invoice
from subgraphs.invoice.commands.record_payment import record_payment
from subgraphs.invoice.commands.replace_invoice import replace_invoice
from subgraphs.invoice.commands.void_invoice import void_invoice
from subgraphs.invoice.domain.invoice import Invoice as InvoiceAggregate
from subgraphs.invoice.domain.values import ReceivedPayment
from subgraphs.invoice.projections import invoice_document, payment_document
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.create_mutation import CreateMutation
from subgraphs.invoice.schema.credit_note_mutation import CreditNoteMutation
from subgraphs.invoice.schema.disputes import DisputeMutation
from subgraphs.invoice.schema.draft_mutation import DraftMutation
from subgraphs.invoice.schema.dunning import DunningMutation
from subgraphs.invoice.schema.grouping import GroupingMutation
from subgraphs.invoice.schema.seller import SellerMutation
from subgraphs.invoice.schema.tax_mutation import TaxMutation
from subgraphs.invoice.schema.types import Invoice, Payment
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import NotFound
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.scalars import MoneyInput
from subgraphs.kit.graphql.writes import KEPT_FOR_GOOD, WriteInput, write

__all__ = ["Mutation"]

WRITE = [["invoices:write"]]
PAY = [["payments:write"]]
WHAT = strawberry.argument(description="What to do.")


@strawberry.input(description="What invoiceFinalize takes.")
class InvoiceFinalizeInput(WriteInput):
    """Input of invoiceFinalize."""

    id: strawberry.ID = strawberry.field(description="The draft to open for payment.")


@strawberry.input(description="What invoiceVoid takes.")
class InvoiceVoidInput(WriteInput):
    """Input of invoiceVoid."""

    id: strawberry.ID = strawberry.field(description="The open or uncollectible invoice that is not owed after all.")
    reason: str = strawberry.field(description=f"Why, for the record; 1 to 500 characters. {KEPT_FOR_GOOD}")
    replace: bool = strawberry.field(
        default=False, description="Whether to draft an invoice with the same lines, and the taxes of now, to take its place."
    )


@strawberry.input(description="What invoiceMarkUncollectible takes.")
class InvoiceMarkUncollectibleInput(WriteInput):
    """Input of invoiceMarkUncollectible."""

    id: strawberry.ID = strawberry.field(description="The open invoice whose money nobody expects any more.")
    reason: str = strawberry.field(description=f"Why, for the record; 1 to 500 characters. {KEPT_FOR_GOOD}")


@strawberry.input(description="What invoicePay takes.")
class InvoicePayInput(WriteInput):
    """Input of invoicePay."""

    id: strawberry.ID = strawberry.field(description="The open or uncollectible invoice.")
    payment_method_id: strawberry.ID | None = strawberry.field(
        default=None, description="What to charge, one of the customer's; by default the customer's default."
    )
    amount: MoneyInput | None = strawberry.field(
        default=None, description="How much to charge: above zero, at most what is due, by default all of it."
    )


@strawberry.input(description="What invoicePaymentRecord takes.")
class InvoicePaymentRecordInput(WriteInput):
    """Input of invoicePaymentRecord."""

    invoice_id: strawberry.ID = strawberry.field(description="The open or uncollectible invoice that was paid.")
    amount: MoneyInput = strawberry.field(
        description="What came: above zero, at most what is due. Put what is paid beyond that on the customer's balance."
    )
    reference: str = strawberry.field(
        description=f"What it is called where it came from, such as a bank's transaction id, 1 to 200 characters. {KEPT_FOR_GOOD}"
    )
    received_at: datetime = strawberry.field(description="When it arrived, not later than now.")


@strawberry.input(description="What paymentConfirm takes.")
class PaymentConfirmInput(WriteInput):
    """Input of paymentConfirm."""

    id: strawberry.ID = strawberry.field(description="The payment that waits for the customer (ACTION_REQUIRED).")


@strawberry.type
class InvoiceFinalizePayload:
    """Answer of invoiceFinalize."""

    invoice: Invoice | None = strawberry.field(default=None, description="The invoice afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class InvoiceVoidPayload:
    """Answer of invoiceVoid."""

    invoice: Invoice | None = strawberry.field(default=None, description="The invoice afterwards, null when refused.")
    replacement: Invoice | None = strawberry.field(default=None, description="The draft that takes its place, where wanted.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class InvoiceMarkUncollectiblePayload:
    """Answer of invoiceMarkUncollectible."""

    invoice: Invoice | None = strawberry.field(default=None, description="The invoice afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class InvoicePayPayload:
    """Answer of invoicePay."""

    invoice: Invoice | None = strawberry.field(default=None, description="The invoice afterwards, null when refused.")
    payment: Payment | None = strawberry.field(
        default=None, description="The payment: it tells whether the invoice was paid. Null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when the charge was made, whatever came of it."
    )


@strawberry.type
class InvoicePaymentRecordPayload:
    """Answer of invoicePaymentRecord."""

    invoice: Invoice | None = strawberry.field(default=None, description="The invoice afterwards, null when refused.")
    payment: Payment | None = strawberry.field(default=None, description="The payment as it was recorded, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class PaymentConfirmPayload:
    """Answer of paymentConfirm."""

    invoice: Invoice | None = strawberry.field(default=None, description="The invoice afterwards, null when refused.")
    payment: Payment | None = strawberry.field(default=None, description="The payment afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class Mutation(
    CreateMutation,
    CreditNoteMutation,
    DisputeMutation,
    DraftMutation,
    DunningMutation,
    GroupingMutation,
    SellerMutation,
    TaxMutation,
):
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Give a draft its number and open it for payment, for good. Repeating it changes nothing.",
    )
    @write(InvoiceFinalizePayload)
    async def invoice_finalize(self, info: Info, input: Annotated[InvoiceFinalizeInput, WHAT]) -> InvoiceFinalizePayload:
        services = info.context.deps
        invoice = await finalize_invoice(
            services.invoices, services.numbers, services.billing_details, input.id, await _command(info)
        )
        return InvoiceFinalizePayload(invoice=_shown(invoice))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Void an open or uncollectible invoice that nothing was paid of, nor given to the balance: it is not owed after all. "
            "Its number stays used. The plan subscription is no longer PAST_DUE or UNPAID for it, unless another invoice takes "
            "its place. Repeating it changes nothing."
        ),
    )
    @write(InvoiceVoidPayload)
    async def invoice_void(self, info: Info, input: Annotated[InvoiceVoidInput, WHAT]) -> InvoiceVoidPayload:
        services = info.context.deps
        context = await _command(info)
        stores = services.invoices, services.payments, services.providers
        invoice = await void_invoice(*stores, input.id, input.reason, context, replaced=input.replace)
        if not input.replace:
            return InvoiceVoidPayload(invoice=_shown(invoice))
        replacement = await replace_invoice(services.invoices, services.taxes, input.id, context)
        return InvoiceVoidPayload(invoice=_shown(invoice), replacement=_shown(replacement))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Give up expecting an open invoice's money: a bad debt. It is still owed, and can be paid or voided. A payment that "
            "waits for the customer is canceled. The plan subscription is no longer PAST_DUE for it; one that is UNPAID stays "
            "so until the invoice is paid or void. Repeating it changes nothing."
        ),
    )
    @write(InvoiceMarkUncollectiblePayload)
    async def invoice_mark_uncollectible(
        self, info: Info, input: Annotated[InvoiceMarkUncollectibleInput, WHAT]
    ) -> InvoiceMarkUncollectiblePayload:
        services = info.context.deps
        context = await _command(info)
        await services.customer_credit.settled(info.context.tenant, input.id)
        invoice = await mark_invoice_uncollectible(
            services.invoices, services.payments, services.providers, input.id, input.reason, context
        )
        return InvoiceMarkUncollectiblePayload(invoice=_shown(invoice))

    @strawberry.federation.field(
        requires_scopes=PAY,
        description=(
            "Charge an open invoice now, again or with another payment method, all that is due or a part of it. A request that "
            "comes again while the first is under way never charges twice; with an idempotencyKey none does. Less than the "
            "payment provider charges is refused with BELOW_MINIMUM_CHARGE."
        ),
    )
    @write(InvoicePayPayload)
    async def invoice_pay(self, info: Info, input: Annotated[InvoicePayInput, WHAT]) -> InvoicePayPayload:
        services, tenant = info.context.deps, info.context.tenant
        known = await services.reader.find(tenant, input.id)
        if known is None:
            raise NotFound("Invoice", input.id, field=("id",))
        method = await services.payment_methods.choose(tenant, known.customer_id, input.payment_method_id)
        await services.customer_credit.settled(tenant, input.id)
        amount, context = input.amount.to_domain() if input.amount else None, await _command(info)
        invoice, payment_id = await pay_invoice(
            services.invoices, services.payments, services.providers, input.id, method, context, amount
        )
        invoice = await plan_retry(services, invoice.id, context, loaded=invoice)
        payment = await services.payments.get(tenant, payment_id)
        return InvoicePayPayload(invoice=_shown(invoice), payment=Payment.of(payment_document(payment)))

    @strawberry.federation.field(
        requires_scopes=PAY,
        description=(
            "Record a payment of an open invoice that came without a provider, such as a bank transfer: all that is due or a "
            "part of it. Each request is a payment of its own, unless it repeats an idempotencyKey."
        ),
    )
    @write(InvoicePaymentRecordPayload)
    async def invoice_payment_record(
        self, info: Info, input: Annotated[InvoicePaymentRecordInput, WHAT]
    ) -> InvoicePaymentRecordPayload:
        services, tenant = info.context.deps, info.context.tenant
        await services.customer_credit.settled(tenant, input.invoice_id, field=("invoiceId",))
        received, context = ReceivedPayment(reference=input.reference, received_at=input.received_at), await _command(info)
        invoice, payment_id = await record_payment(
            services.invoices,
            services.payments,
            services.providers,
            input.invoice_id,
            input.amount.to_domain(),
            received,
            context,
        )
        # A payment that waited for the customer was canceled for this one: what remains is collected as if it was declined.
        invoice = await plan_retry(services, invoice.id, context, loaded=invoice)
        payment = await services.payments.get(tenant, payment_id)
        return InvoicePaymentRecordPayload(invoice=_shown(invoice), payment=Payment.of(payment_document(payment)))

    @strawberry.federation.field(
        requires_scopes=PAY,
        description="Tell the provider that the customer has confirmed a payment. Repeating it changes nothing.",
    )
    @write(PaymentConfirmPayload)
    async def payment_confirm(self, info: Info, input: Annotated[PaymentConfirmInput, WHAT]) -> PaymentConfirmPayload:
        services, context = info.context.deps, await _command(info)
        invoice, payment = await confirm_payment(services.invoices, services.payments, services.providers, input.id, context)
        invoice = await plan_retry(services, invoice.id, context, loaded=invoice)
        return PaymentConfirmPayload(invoice=_shown(invoice), payment=Payment.of(payment_document(payment)))


def _shown(invoice: InvoiceAggregate) -> Invoice:
    return Invoice.of(invoice_document(invoice))


async def _command(info: Info) -> CommandContext:
    return await info.context.command()
