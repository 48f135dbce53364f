"""Refund what an invoice's pending credit note says, and issue the note.

The invoice reserves itself for the credit note first, so this can be interrupted anywhere and done again, by any process:

    invoice: credited → note: requested → provider (keyed by the note's id) → number → note: issued → payment: refunded
    → invoice: settled

The number is claimed when nothing can stop the note any more, so that its series has no gap.
"""

import asyncio
from typing import Protocol

from subgraphs.invoice.commands.settle_payment import PROVIDER_SECONDS, PaymentProviders
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.numbering import CREDIT_NOTE_SERIES, InvoiceNumbers, format_number
from subgraphs.invoice.domain.payment_provider import Declined, RefundOutcome
from subgraphs.invoice.domain.values import CreditNoteStatus
from subgraphs.invoice.repository import CreditNoteRepository, InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["CreditNoteStores", "settle_credit_note"]


class CreditNoteStores(Protocol):
    """What credit notes are made with."""

    @property
    def invoices(self) -> InvoiceRepository: ...
    @property
    def payments(self) -> PaymentRepository: ...
    @property
    def credit_notes(self) -> CreditNoteRepository: ...
    @property
    def numbers(self) -> InvoiceNumbers: ...
    @property
    def providers(self) -> PaymentProviders: ...


async def settle_credit_note(stores: CreditNoteStores, invoice_id: str, context: CommandContext) -> Invoice:
    """Finish the invoice's pending credit note and return the invoice; with none pending, just return it.

    Raises:
        NotFound: there is no such invoice.
        TimeoutError: the provider did not answer; ask again later.
    """
    invoice = await stores.invoices.get(context.tenant, invoice_id, field=("invoiceId",))
    pending = invoice.pending_credit_note
    if pending is None:
        return invoice
    id = pending.credit_note_id
    note = await stores.credit_notes.create(CreditNote.request(id, pending.terms, context), context)
    if note.status is CreditNoteStatus.PENDING:
        outcome = await _refund(stores, note) if note.terms.refund else None
        number = format_number(CREDIT_NOTE_SERIES, await stores.numbers.claim(context.tenant, CREDIT_NOTE_SERIES, id))
        note = await stores.credit_notes.update(id, context, lambda current: current.issue(number, outcome, context))
    refunded = note.refunded
    if refunded and note.terms.payment_id is not None:
        await stores.payments.update(note.terms.payment_id, context, lambda payment: payment.note_refund(id, refunded, context))
    return await stores.invoices.update(invoice_id, context, lambda current: current.settle_credit_note(id, refunded))


async def _refund(stores: CreditNoteStores, note: CreditNote) -> RefundOutcome:
    payment = await stores.payments.get(note.tenant, note.terms.payment_id or "")
    provider = stores.providers.get(payment.method.provider) if payment.method else None
    if provider is None:
        return Declined("provider_not_configured", "Refunds through the provider of the payment are not set up.")
    async with asyncio.timeout(PROVIDER_SECONDS):
        return await provider.refund(note.tenant, note.id, payment.id, note.terms.refund)
