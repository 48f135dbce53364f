"""Put an invoice together."""

from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceDraft
from subgraphs.invoice.repository import InvoiceRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["draft_invoice"]


async def draft_invoice(invoices: InvoiceRepository, id: str, draft: InvoiceDraft, context: CommandContext) -> Invoice:
    """Draft the invoice; when it exists already, return it as it is now.

    Raises:
        InvalidInput: there are too many lines, or one is in another currency.
    """
    return await invoices.create(Invoice.create(id, draft, context), context)
