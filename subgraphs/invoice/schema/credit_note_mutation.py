"""Taking back what was billed."""

from typing import Annotated

import strawberry

from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.dun_invoice import plan_retry
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit
from subgraphs.invoice.projections import credit_note_document, invoice_document
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.types import CreditNote, Invoice
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.scalars import MoneyInput
from subgraphs.kit.graphql.writes import KEPT_FOR_GOOD, WriteInput, write

__all__ = ["CreditNoteMutation"]

# It may refund: what moving money needs, this needs, too.
WRITE_AND_PAY = [["invoices:write", "payments:write"]]


@strawberry.input(description="How much of one line to take back.")
class CreditNoteLineInput:
    """A line of creditNoteCreate."""

    line_number: int = strawberry.field(description="The line's place on the invoice, from 1.")
    amount: MoneyInput = strawberry.field(description="Above zero, and at most what is left of the line.")


@strawberry.input(description="What creditNoteCreate takes.")
class CreditNoteCreateInput(WriteInput):
    """Input of creditNoteCreate."""

    invoice_id: strawberry.ID = strawberry.field(description="The OPEN, UNCOLLECTIBLE or PAID invoice to take back from.")
    reason: str = strawberry.field(description=f"Why, for the record and the customer; 1 to 500 characters. {KEPT_FOR_GOOD}")
    lines: list[CreditNoteLineInput] | None = strawberry.field(
        default=None, description="What to take back of which line; by default all that is left of the invoice."
    )
    refund: MoneyInput | None = strawberry.field(
        default=None, description="What of the paid part goes back to where the payment came from, with what did so by itself."
    )
    out_of_band: MoneyInput | None = strawberry.field(
        default=None,
        description="What of the paid part you give back yourself, such as by bank transfer; it is only recorded.",
    )
    balance: MoneyInput | None = strawberry.field(
        default=None,
        description=(
            "What of the paid part goes to the customer's balance, for coming invoices. `refund`, `outOfBand` and `balance` must "
            "come to the paid part of the credit exactly; without all three, all of it goes to the balance."
        ),
    )


@strawberry.type
class CreditNoteCreatePayload:
    """Answer of creditNoteCreate."""

    credit_note: CreditNote | None = strawberry.field(default=None, description="The credit note, null when refused.")
    invoice: Invoice | None = strawberry.field(default=None, description="The invoice afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class CreditNoteMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE_AND_PAY,
        description=(
            "Take back what a finalised invoice billed. What the payment provider has refunded by itself is accounted for first, "
            "then what is still due falls; what was paid is refunded, given back by you, or goes to the customer's balance. A "
            "payment that "
            "waits for the customer is canceled. With an idempotencyKey a repeated request credits and refunds once."
        ),
    )
    @write(CreditNoteCreatePayload)
    async def credit_note_create(
        self, info: Info, input: Annotated[CreditNoteCreateInput, strawberry.argument(description="What to take back.")]
    ) -> CreditNoteCreatePayload:
        wanted = (
            None
            if input.lines is None
            else tuple(LineCredit(line_number=line.line_number, amount=line.amount.to_domain()) for line in input.lines)
        )
        request = CreditRequest(
            reason=input.reason,
            lines=wanted,
            refund=input.refund.to_domain() if input.refund else None,
            balance=input.balance.to_domain() if input.balance else None,
            out_of_band=input.out_of_band.to_domain() if input.out_of_band else None,
        )
        services, context = info.context.deps, await info.context.command()
        await services.customer_credit.settled(info.context.tenant, input.invoice_id, field=("invoiceId",))
        invoice, note = await create_credit_note(services, input.invoice_id, request, context)
        invoice = await plan_retry(services, invoice.id, context, loaded=invoice)
        return CreditNoteCreatePayload(
            credit_note=CreditNote.of(credit_note_document(note)), invoice=Invoice.of(invoice_document(invoice))
        )
