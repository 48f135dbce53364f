"""Batched reads of invoices, payments and credit notes, within the caller's tenant."""

from datetime import datetime
from functools import partial

from subgraphs.invoice.documents import CreditNoteDocument, DisputeDocument, InvoiceDocument, PaymentDocument
from subgraphs.invoice.projections import invoice_document
from subgraphs.invoice.schema.context import Context
from subgraphs.kit.graphql.time_travel import past_instant

__all__ = ["load_credit_note", "load_dispute", "load_invoice", "load_payment"]


async def load_invoice(context: Context, id: str, as_of: datetime | None = None) -> InvoiceDocument | None:
    """Return the tenant's invoice, now or `as_of`; all asked for as they are now at the same time are one query.

    Raises:
        InvalidInput: `as_of` lies ahead.
    """
    if as_of is not None:
        invoice = await context.deps.invoices.as_of(context.tenant, id, await past_instant(context, as_of))
        return invoice_document(invoice) if invoice else None
    return await context.loader("invoice", partial(context.deps.reader.find_many, context.tenant)).load(id)


async def load_payment(context: Context, id: str) -> PaymentDocument | None:
    """Return the tenant's payment; all asked for at the same time are one query."""
    return await context.loader("payment", partial(context.deps.payment_reader.find_many, context.tenant)).load(id)


async def load_credit_note(context: Context, id: str) -> CreditNoteDocument | None:
    """Return the tenant's credit note; all asked for at the same time are one query."""
    return await context.loader("credit_note", partial(context.deps.credit_note_reader.find_many, context.tenant)).load(id)


async def load_dispute(context: Context, id: str) -> DisputeDocument | None:
    """Return the tenant's dispute; all asked for at the same time are one query."""
    return await context.loader("dispute", partial(context.deps.dispute_reader.find_many, context.tenant)).load(id)
