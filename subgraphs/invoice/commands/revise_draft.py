"""Let a draft bill something else."""

from collections.abc import Sequence
from dataclasses import replace

from subgraphs.invoice.commands.replace_invoice import DraftTaxes
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.one_off import OneOffLine, check_payment_term, one_off_draft
from subgraphs.invoice.repository import InvoiceRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["revise_draft"]


async def revise_draft(
    invoices: InvoiceRepository,
    taxes: DraftTaxes,
    id: str,
    lines: Sequence[OneOffLine] | None,
    days_until_due: int | None,
    context: CommandContext,
) -> Invoice:
    """Put other lines or another payment term in the place of those the draft has, None: keep them; taxes are those of now.

    Raises:
        NotFound: there is no such invoice.
        InvalidInput: a line or the payment term is malformed, or the sum is out of range.
        InvalidState: it is no draft any more, or bills a plan subscription.
        NotReady: the customer is not known yet.
    """
    invoice = await invoices.get(context.tenant, id)
    invoice.check_revisable()
    before = invoice.drafted.draft
    days = before.days_until_due if days_until_due is None else days_until_due
    check_payment_term(days)
    wanted = before.lines if lines is None else one_off_draft(before.customer_id, before.currency, lines, days).lines
    untaxed = replace(before, lines=tuple(replace(line, taxes=()) for line in wanted), tax_exemption=None, days_until_due=days)
    draft = await taxes.on(context.tenant, untaxed)
    return await invoices.update(id, context, lambda current: current.revise(draft, context), loaded=invoice)
