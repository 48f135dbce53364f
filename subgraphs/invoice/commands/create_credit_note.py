"""Take back what an invoice billed."""

from subgraphs.invoice.commands.cancel_pending_payment import cancel_pending_payment
from subgraphs.invoice.commands.settle_credit_note import CreditNoteStores, settle_credit_note
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.crediting import CreditRequest
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.kit.domain.command import CommandContext

__all__ = ["create_credit_note"]


async def create_credit_note(
    stores: CreditNoteStores, invoice_id: str, request: CreditRequest, context: CommandContext
) -> tuple[Invoice, CreditNote]:
    """Credit the invoice, refund what is to be refunded, and return the invoice with the issued note.

    A payment that waits for the customer is canceled first: it was for more than is due now. A note that an earlier request
    left half done is finished first.

    Raises:
        NotFound: there is no such invoice.
        InvalidInput: the reason, a line or an amount is malformed, or more than is left; the parts do not add up.
        InvalidState: the invoice is a draft or void, nothing is left to credit, or a payment or another note is under way.
        TimeoutError: the provider did not answer; the note is taken up again later.
    """
    id = context.new_id("cn")
    invoice = await settle_credit_note(stores, invoice_id, context)
    if id not in invoice.credit_note_ids:
        invoice.credit_terms(request)  # before anything is changed for a request that is refused
        await cancel_pending_payment(stores.invoices, stores.payments, stores.providers, invoice_id, context)
        await stores.invoices.update(
            invoice_id, context, lambda invoice: invoice.credit(id, request, context), field=("invoiceId",)
        )
    invoice = await settle_credit_note(stores, invoice_id, context)
    return invoice, await stores.credit_notes.get(context.tenant, id)
