"""Note that an invoice that was sent is overdue, remind the customer of it, and end its campaign."""

from subgraphs.invoice.commands.dun_invoice import DunningStores
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.kit.domain.command import CommandContext

__all__ = ["remind_customer"]


async def remind_customer(stores: DunningStores, id: str, context: CommandContext) -> Invoice:
    """Take the one step that is due by `context.at`, by the campaign of the invoice's currency; nothing happens when none is.

    Raises:
        NotFound: there is no such invoice.
    """
    invoice = await stores.invoices.get(context.tenant, id)
    if invoice.remind_at is None or invoice.remind_at > context.at:
        return invoice
    campaign = await stores.campaigns.of(context.tenant, invoice.currency)
    return await stores.invoices.update(id, context, lambda current: current.remind(campaign, context), loaded=invoice)
