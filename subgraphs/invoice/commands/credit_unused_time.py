"""Give back what was billed for time that a canceled subscription does not use."""

from dataclasses import replace
from datetime import datetime

from subgraphs.invoice.commands.create_credit_note import create_credit_note
from subgraphs.invoice.commands.settle_credit_note import CreditNoteStores
from subgraphs.invoice.domain.crediting import CreditRequest, LineCredit, shared_up_to
from subgraphs.invoice.domain.invoice import Invoice
from subgraphs.invoice.domain.values import InvoiceLine, InvoiceStatus
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.money import Money

__all__ = ["credit_unused_time"]

REASON = "Unused time after the cancellation."


async def credit_unused_time(
    stores: CreditNoteStores,
    id: str,
    unused: Money,
    refund: bool,
    after: datetime,
    context: CommandContext,
    plan_subscription_id: str | None = None,
) -> Invoice:
    """Credit `unused`, before taxes, of the invoice; repeated with the same `context.write`, it is credited once.

    It comes from the lines that billed time after `after` in advance, in proportion to their amounts, each up to what is
    left of it. What they cannot give, because another invoice billed it or it was credited before, comes from the other lines, in
    proportion to what is left of them. Of a consolidated invoice those of the plan subscription count.

    What is due falls first; of what was paid, what a payment paid is refunded where `refund` says so, and the rest goes to the
    customer's balance. Nothing happens to a draft or a void invoice.

    Raises:
        NotFound: there is no such invoice.
        InvalidState: a payment is under way, the customer's credit has not answered, or another note is not issued yet.
        TimeoutError: the provider did not answer; the note is taken up again later.
    """
    invoice = await stores.invoices.get(context.tenant, id)
    credit_id = context.new_id("cn")
    if invoice.status in (InvoiceStatus.DRAFT, InvoiceStatus.DELETED, InvoiceStatus.VOID) or credit_id in invoice.credit_note_ids:
        return invoice
    lines_left = [
        (line, (line.amount - before).minor_units) for line, before in zip(invoice.lines, invoice.line_credits, strict=True)
    ]
    mine = [minor_units if plan_subscription_id in (None, line.plan_subscription_id) else 0 for line, minor_units in lines_left]
    left = [max(minor_units, 0) for minor_units in mine]
    whole = sum(minor_units for _, minor_units in lines_left)
    amount = min(unused, Money(min(sum(left), sum(mine), whole), unused.currency))
    if amount.minor_units <= 0:
        return invoice
    ahead = [line.amount.minor_units if _in_advance(line, after) else 0 for line in invoice.lines]
    first = shared_up_to(amount, ahead, [part if weight > 0 else 0 for part, weight in zip(left, ahead, strict=True)])
    others = [part - taken for part, taken in zip(left, first, strict=True)]
    rest = shared_up_to(amount - Money(sum(first), unused.currency), others, others)
    lines = tuple(
        LineCredit(line_number=number, amount=Money(one + other, unused.currency))
        for number, (one, other) in enumerate(zip(first, rest, strict=True), 1)
        if one + other
    )
    request = CreditRequest(reason=REASON, lines=lines, ends_period=True)
    if refund:
        terms = invoice.credit_terms(request)
        back = min(terms.balance, invoice.refundable)
        request = replace(request, refund=terms.refund + back, balance=terms.balance - back)
    credited, _ = await create_credit_note(stores, id, request, context)
    return credited


def _in_advance(line: InvoiceLine, after: datetime) -> bool:
    """Tell whether the line billed time after that in advance: what was used, or is of the past, is not given back."""
    return line.usage is None and line.period is not None and line.period.end > after
