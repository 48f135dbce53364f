"""Changing and giving up drafts."""

from typing import Annotated

import strawberry

from subgraphs.invoice.commands.revise_draft import revise_draft
from subgraphs.invoice.projections import invoice_document
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.create_mutation import InvoiceLineInput, wanted_lines
from subgraphs.invoice.schema.types import Invoice
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.writes import KEPT_FOR_GOOD, WriteInput, write

__all__ = ["DraftMutation"]

WRITE = [["invoices:write"]]


@strawberry.input(description="What invoiceUpdate takes. What is left out stays as it is.")
class InvoiceUpdateInput(WriteInput):
    """Input of invoiceUpdate."""

    id: strawberry.ID = strawberry.field(description="The draft, of invoiceCreate with DRAFT.")
    lines: list[InvoiceLineInput] | None = strawberry.field(
        default=None, description="All charges, 1 to 250, in the place of those it has."
    )
    days_until_due: int | None = strawberry.field(
        default=None, description="The payment term: how many days after it is finalised it is due, 0 to 365."
    )


@strawberry.input(description="What invoiceDelete takes.")
class InvoiceDeleteInput(WriteInput):
    """Input of invoiceDelete."""

    id: strawberry.ID = strawberry.field(description="The draft that is not needed.")
    reason: str = strawberry.field(description=f"Why, for the record; 1 to 500 characters. {KEPT_FOR_GOOD}")


@strawberry.type
class InvoiceUpdatePayload:
    """Answer of invoiceUpdate."""

    invoice: Invoice | None = strawberry.field(default=None, description="The draft afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class InvoiceDeletePayload:
    """Answer of invoiceDelete."""

    invoice: Invoice | None = strawberry.field(default=None, description="The draft, DELETED; null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class DraftMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Change what a draft of yours bills, with the taxes of now. What bills a plan subscription is changed there instead, "
            "and what has its number is taken back with a credit note, or voided."
        ),
    )
    @write(InvoiceUpdatePayload)
    async def invoice_update(
        self, info: Info, input: Annotated[InvoiceUpdateInput, strawberry.argument(description="What is to be different.")]
    ) -> InvoiceUpdatePayload:
        services, context = info.context.deps, await info.context.command()
        lines = None if input.lines is None else await wanted_lines(info, input.lines)
        invoice = await revise_draft(services.invoices, services.taxes, input.id, lines, input.days_until_due, context)
        return InvoiceUpdatePayload(invoice=Invoice.of(invoice_document(invoice)))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Give up a draft of yours. It has no number, so none is missing; it is kept as DELETED and not listed any more. "
            "Repeating it changes nothing."
        ),
    )
    @write(InvoiceDeletePayload)
    async def invoice_delete(
        self, info: Info, input: Annotated[InvoiceDeleteInput, strawberry.argument(description="What is given up.")]
    ) -> InvoiceDeletePayload:
        context = await info.context.command()
        invoice = await info.context.deps.invoices.update(input.id, context, lambda draft: draft.delete(input.reason, context))
        return InvoiceDeletePayload(invoice=Invoice.of(invoice_document(invoice)))
