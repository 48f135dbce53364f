"""Batched reads of invoices, payments and credit notes, within the caller's tenant."""

from functools import partial

from subgraphs.invoice.documents import CreditNoteDocument, InvoiceDocument, PaymentDocument
from subgraphs.invoice.schema.context import Context

__all__ = ["load_credit_note", "load_invoice", "load_payment"]


async def load_invoice(context: Context, id: str) -> InvoiceDocument | None:
    """Return the tenant's invoice; all asked for at the same time are one query."""
    return await context.loader("invoice", partial(context.deps.reader.find_many, context.tenant)).load(id)


async def load_payment(context: Context, id: str) -> PaymentDocument | None:
    """Return the tenant's payment; all asked for at the same time are one query."""
    return await context.loader("payment", partial(context.deps.payment_reader.find_many, context.tenant)).load(id)


async def load_credit_note(context: Context, id: str) -> CreditNoteDocument | None:
    """Return the tenant's credit note; all asked for at the same time are one query."""
    return await context.loader("credit_note", partial(context.deps.credit_note_reader.find_many, context.tenant)).load(id)
