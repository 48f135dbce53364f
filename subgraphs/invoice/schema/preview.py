"""An invoice to come, as the invoice will be: drafted by the same code, with its taxes."""

import strawberry

from subgraphs.invoice.commands.draft_bill import draft_of_bill
from subgraphs.invoice.domain.invoice import Invoice as InvoiceAggregate
from subgraphs.invoice.projections import invoice_document
from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.enums import CollectionMethod, TaxExemptionKind
from subgraphs.invoice.schema.line_types import InvoiceLine, InvoiceTax
from subgraphs.invoice.schema.types import READ, Invoice
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.graphql.scalars import Money

__all__ = ["InvoicePreview"]


@strawberry.federation.type(
    keys=["bill"], requires_scopes=READ, description="An invoice to come, by the code that drafts it; nothing is kept of it."
)
class InvoicePreview:
    """The InvoicePreview entity: its key is what the subscription would be billed with."""

    bill: strawberry.ID = strawberry.federation.field(inaccessible=True)
    lines: list[InvoiceLine] = strawberry.field(description="Its charges.")
    subtotal: Money = strawberry.field(description="The total without any tax.")
    tax: Money = strawberry.field(description="All tax in the total.")
    taxes: list[InvoiceTax] = strawberry.field(description="What every tax comes to on all lines.")
    tax_exemption: TaxExemptionKind | None = strawberry.field(
        description="Why no tax would be charged: EXEMPT or REVERSE_CHARGE; null when taxes are charged as configured."
    )
    total: Money = strawberry.field(
        description=(
            "The sum of the lines and of the taxes on top of them, before the customer's credit pays a part of it, and what is "
            "owed in the customer's balance is added."
        )
    )
    collection_method: CollectionMethod | None = strawberry.field(description="How it would be collected.")
    days_until_due: int = strawberry.field(
        description="How many days after it is finalised it would be due; 0: it would be charged, or due, then."
    )

    @classmethod
    async def resolve_reference(cls, info: Info, bill: strawberry.ID) -> "InvoicePreview | None":
        context = await info.context.command()
        try:
            draft = await info.context.deps.taxes.on(context.tenant, draft_of_bill(bill))
        except NotReady:
            return None  # the customer is not known here yet
        shown = Invoice.of(invoice_document(InvoiceAggregate.create("preview", draft, context)))
        return cls(
            bill=bill,
            lines=shown.lines,
            subtotal=shown.subtotal,
            tax=shown.tax,
            taxes=shown.taxes,
            tax_exemption=draft.tax_exemption.kind if draft.tax_exemption else None,
            total=shown.total,
            collection_method=shown.collection_method,
            days_until_due=shown.days_until_due,
        )
