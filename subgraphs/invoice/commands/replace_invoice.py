"""Draft what takes the place of a void invoice."""

from dataclasses import replace
from typing import Protocol

from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceStatus
from subgraphs.invoice.repository import InvoiceRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidState
from subgraphs.kit.domain.ids import derived_id

__all__ = ["DraftTaxes", "replace_invoice", "replacement_id"]


class DraftTaxes(Protocol):
    """Puts taxes on drafts, as they are now."""

    async def on(self, tenant: str, draft: InvoiceDraft) -> InvoiceDraft: ...


async def replace_invoice(invoices: InvoiceRepository, taxes: DraftTaxes, id: str, context: CommandContext) -> Invoice:
    """Return a draft with the lines of the void invoice and the taxes of now; repeated, it is the same draft.

    Raises:
        NotFound: there is no such invoice.
        InvalidState: it is not void.
        NotReady: the customer is not known yet.
    """
    void = await invoices.get(context.tenant, id)
    if void.status is not InvoiceStatus.VOID:
        raise InvalidState(f"invoice {id!r} is {void.status}, not VOID: only a void one is replaced", field=("id",))
    lines = tuple(replace(line, taxes=()) for line in void.lines)
    draft = replace(void.drafted.draft, lines=lines, tax_exemption=None, replaces=id, finalize_at=None, charge=None)
    return await invoices.create(Invoice.create(replacement_id(void), await taxes.on(context.tenant, draft), context), context)


def replacement_id(invoice: Invoice) -> str:
    """Return the id of the invoice that takes the place of this one, if one does."""
    return derived_id("inv", invoice.drafted.created_at, invoice.tenant, f"replace/{invoice.id}")
