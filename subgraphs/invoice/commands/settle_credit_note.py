"""Refund what an invoice's pending credit note says, and issue the note.

The invoice reserves itself for the credit note first, so this can be interrupted anywhere and done again, by any process:

    invoice: credited → note: requested → provider (keyed by the note's id) → number → note: issued → payment: refunded
    → invoice: settled

The number is claimed when nothing can stop the note any more, so that its series has no gap.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Protocol

from subgraphs.invoice.commands.settle_payment import PROVIDER_SECONDS, PaymentProviders
from subgraphs.invoice.domain.credit_note import CreditNote
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.numbering import CREDIT_NOTE_SERIES, InvoiceNumbers, format_number
from subgraphs.invoice.domain.payment import Payment
from subgraphs.invoice.domain.payment_provider import Declined, RefundOutcome, Succeeded
from subgraphs.invoice.domain.values import CreditNoteStatus, RefundPart
from subgraphs.invoice.repository import CreditNoteRepository, InvoiceRepository, PaymentRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import total

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
        outcomes = [await _refund(stores, note, number) for number in range(len(note.terms.refund_parts))]
        number = format_number(CREDIT_NOTE_SERIES, await stores.numbers.claim(context.tenant, CREDIT_NOTE_SERIES, id))
        note = await stores.credit_notes.update(id, context, lambda current: current.issue(number, outcomes, context))
    refunds = note.refunds
    for payment_id in dict.fromkeys(part.payment_id for part in refunds if not part.made):
        await stores.payments.update(payment_id, context, partial(_note_refund, id, refunds, context))
    return await stores.invoices.update(invoice_id, context, lambda current: current.settle_credit_note(id, refunds))


def _note_refund(id: str, refunds: Sequence[RefundPart], context: CommandContext, payment: Payment) -> None:
    parts = [part for part in refunds if part.payment_id == payment.id and not part.made]
    amount, out_of_band = (
        total([part.amount for part in some], payment.subject.amount.currency)
        for some in (parts, [part for part in parts if part.out_of_band])
    )
    payment.note_refund(id, amount, context, out_of_band=out_of_band)


async def _refund(stores: CreditNoteStores, note: CreditNote, number: int) -> RefundOutcome:
    """Make the note's refund part of that number; the refund has the note's id, further ones their number with it."""
    part = note.terms.refund_parts[number]
    if part.made or part.out_of_band:
        return Succeeded("")
    payment = await stores.payments.get(note.tenant, part.payment_id)
    refund_id = note.id if number == 0 else f"{note.id}-{number + 1}"
    provider = stores.providers.get(payment.method.provider) if payment.method else None
    if provider is None:
        return Declined("provider_not_configured", "Refunds through the provider of the payment are not set up.")
    async with asyncio.timeout(PROVIDER_SECONDS):
        return await provider.refund(note.tenant, refund_id, payment.id, part.amount)
