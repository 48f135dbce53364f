"""Live changes of invoices."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import strawberry

from subgraphs.invoice.schema.context import Info
from subgraphs.invoice.schema.types import READ, Invoice
from subgraphs.kit.messaging.feed import Gap

__all__ = ["InvoiceChange", "Subscription"]


@strawberry.type(description="Something happened to an invoice or a payment of it, or may have been missed.")
class InvoiceChange:
    """One event of the feed."""

    id: strawberry.ID | None = strawberry.field(
        description="Unique for good. Give the last one as `after` to go on behind it when you were away; null for a gap."
    )
    event: str | None = strawberry.field(description="The public event, such as invoice-paid.v1; null for a gap.")
    occurred_at: datetime | None = strawberry.field(description="When it happened; null for a gap.")
    gap: bool = strawberry.field(description="True where events may be missing: read the current state again.")
    invoice: Invoice | None = strawberry.field(description="The invoice as it is now; null for a gap.")


@strawberry.type
class Subscription:
    """Root fields."""

    @strawberry.subscription(
        description=(
            "Changes of invoices and their payments from now on; with `after`, those since then, too. Without it nothing is "
            "replayed: read the current state first."
        ),
        directives=[strawberry.federation.schema_directives.RequiresScopes(scopes=READ)],
    )
    async def invoice_changed(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Only this invoice.")] = None,
        customer_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only this customer's.")] = None,
        after: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="The id of the last change that you had: those since come first, with a gap where they are not all "
                "there any more. The last million events are kept, and 100,000 of them looked through."
            ),
        ] = None,
    ) -> AsyncIterator[InvoiceChange]:
        services, tenant = info.context.deps, info.context.tenant
        async with services.feed.subscribe(tenant, after) as messages:
            async for message in messages:
                if isinstance(message, Gap):
                    yield InvoiceChange(id=None, event=None, occurred_at=None, gap=True, invoice=None)
                    continue
                for event in message.events:
                    if "invoiceId" not in event.data or event.type == "invoice-credit-requested.v1":
                        continue
                    invoice_id = str(event.data["invoiceId"])
                    if (id or invoice_id) != invoice_id or customer_id not in {None, event.data.get("customerId")}:
                        continue
                    # Read anew per event: the request's loaders would answer what was true before.
                    document = await services.reader.find(tenant, invoice_id)
                    yield InvoiceChange(
                        id=strawberry.ID(event.id),
                        event=event.type,
                        occurred_at=event.occurred_at,
                        gap=False,
                        invoice=Invoice.of(document) if document else None,
                    )
