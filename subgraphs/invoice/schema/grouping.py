"""Whether renewals come on one invoice, as the API shows and changes it."""

from typing import Annotated

import strawberry

from subgraphs.invoice.commands.set_invoice_grouping import remove_invoice_grouping, set_invoice_grouping
from subgraphs.invoice.domain import invoice_grouping
from subgraphs.invoice.schema.context import Info
from subgraphs.kit.domain.errors import NotFound
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.writes import WriteInput, write

__all__ = ["GroupingMutation", "GroupingQuery", "require_customer"]

READ = [["invoices:read"]]
WRITE = [["invoices:write"]]
WHAT = strawberry.argument(description="What to change.")
CUSTOMER = "The customer it is for; null: all customers without a grouping of their own."


@strawberry.type(description="Whether what several plan subscriptions of a customer renew with comes on one invoice.")
class InvoiceGrouping:
    """As the API shows it."""

    consolidate_invoices: bool = strawberry.field(
        description=(
            "True: renewals in one currency, by one payment method and on one day of the customer's calendar share an invoice "
            "while that is a draft. First periods, and what is invoiced at once, have invoices of their own."
        )
    )
    draft_minutes: int = strawberry.field(description="How long such a draft takes further renewals before it is charged.")

    @classmethod
    def of(cls, grouping: invoice_grouping.Grouping) -> "InvoiceGrouping":
        return cls(consolidate_invoices=grouping.consolidate, draft_minutes=grouping.draft_minutes)


@strawberry.type
class GroupingQuery:
    """Root fields."""

    @strawberry.federation.field(requires_scopes=READ, description="How renewals of a customer, or of all others, are invoiced.")
    async def invoice_grouping(
        self,
        info: Info,
        customer_id: Annotated[strawberry.ID | None, strawberry.argument(description=CUSTOMER)] = None,
    ) -> InvoiceGrouping | None:
        return InvoiceGrouping.of(await _counting(info, customer_id))


@strawberry.input(description="What invoiceGroupingSet takes.")
class InvoiceGroupingSetInput(WriteInput):
    """Input of invoiceGroupingSet."""

    consolidate_invoices: bool = strawberry.field(
        description="Whether renewals on one day of the customer's calendar share an invoice while that is a draft."
    )
    draft_minutes: int = strawberry.field(
        default=60, description="How long a draft takes further renewals before it is charged: 1 to 1440 minutes."
    )
    customer_id: strawberry.ID | None = strawberry.field(default=None, description=CUSTOMER)


@strawberry.input(description="What invoiceGroupingRemove takes.")
class InvoiceGroupingRemoveInput(WriteInput):
    """Input of invoiceGroupingRemove."""

    customer_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The customer for whom to follow all others again; null: for all, which have invoices of their own.",
    )


@strawberry.type
class InvoiceGroupingPayload:
    """Base of every payload with an invoice grouping."""

    invoice_grouping: InvoiceGrouping | None = strawberry.field(
        default=None, description="What counts afterwards, null when refused."
    )
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type(description="Answer of invoiceGroupingSet.")
class InvoiceGroupingSetPayload(InvoiceGroupingPayload):
    """Answer of invoiceGroupingSet."""


@strawberry.type(description="Answer of invoiceGroupingRemove.")
class InvoiceGroupingRemovePayload(InvoiceGroupingPayload):
    """Answer of invoiceGroupingRemove."""


@strawberry.type
class GroupingMutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description=(
            "Set whether renewals of a customer, or of all others, come on one invoice. It counts for renewals from now on. "
            "Repeating it changes nothing."
        ),
    )
    @write(InvoiceGroupingSetPayload)
    async def invoice_grouping_set(
        self, info: Info, input: Annotated[InvoiceGroupingSetInput, WHAT]
    ) -> InvoiceGroupingSetPayload:
        if input.customer_id is not None:
            await require_customer(info, input.customer_id)
        grouping = invoice_grouping.Grouping(consolidate=input.consolidate_invoices, draft_minutes=input.draft_minutes)
        groupings, context = info.context.deps.invoice_groupings, await info.context.command()
        await set_invoice_grouping(groupings, input.customer_id, grouping, context)
        return InvoiceGroupingSetPayload(invoice_grouping=InvoiceGrouping.of(grouping))

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Invoice a customer's renewals as those of all others again. Repeating it changes nothing.",
    )
    @write(InvoiceGroupingRemovePayload)
    async def invoice_grouping_remove(
        self, info: Info, input: Annotated[InvoiceGroupingRemoveInput, WHAT]
    ) -> InvoiceGroupingRemovePayload:
        if input.customer_id is not None:
            await require_customer(info, input.customer_id)
        groupings, context = info.context.deps.invoice_groupings, await info.context.command()
        await remove_invoice_grouping(groupings, input.customer_id, context)
        return InvoiceGroupingRemovePayload(invoice_grouping=InvoiceGrouping.of(await _counting(info, input.customer_id)))


async def _counting(info: Info, customer_id: str | None) -> invoice_grouping.Grouping:
    return await info.context.deps.groupings.of(info.context.tenant, customer_id)


async def require_customer(info: Info, customer_id: str) -> None:
    """Raise NotFound unless the customer is known; one that may just have been created is waited for."""
    services, tenant = info.context.deps, info.context.tenant
    found = await services.customers.wait_for(tenant, customer_id, services.stores.settings.replica_wait_seconds)
    if found is None or found.profile is None:
        raise NotFound("Customer", customer_id, field=("customerId",))
