"""Set whether renewals of a tenant's or a customer's plan subscriptions come on one invoice."""

from subgraphs.invoice.domain.invoice_grouping import Grouping, InvoiceGrouping
from subgraphs.invoice.repository import InvoiceGroupingRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["remove_invoice_grouping", "set_invoice_grouping"]


async def set_invoice_grouping(
    groupings: InvoiceGroupingRepository, customer_id: str | None, grouping: Grouping, context: CommandContext
) -> InvoiceGrouping:
    """Group like this from now on, for one customer or for all without a grouping of their own; return it.

    Raises:
        InvalidInput: the minutes are out of range.
    """
    created = await groupings.create(InvoiceGrouping.create(customer_id, grouping, context), context)
    return await groupings.update(created.id, context, lambda current: current.change(grouping, context))


async def remove_invoice_grouping(
    groupings: InvoiceGroupingRepository, customer_id: str | None, context: CommandContext
) -> InvoiceGrouping | None:
    """Follow again what counts for all customers, or without a customer the default; return it, None where there was none."""
    id = InvoiceGrouping.id_of(context.tenant, customer_id)
    if await groupings.find(context.tenant, id) is None:
        return None
    return await groupings.update(id, context, lambda current: current.remove(context))
