"""Which taxes a credit note gives back: its lines know how much, its invoice's lines of which."""

from collections.abc import Sequence
from dataclasses import replace

from subgraphs.invoice.domain.values import CreditNoteLine, InvoiceLine, LineTax
from subgraphs.kit.domain.money import Money

__all__ = ["credit_note_taxes"]


def credit_note_taxes(lines: Sequence[CreditNoteLine], billed: Sequence[InvoiceLine]) -> tuple[tuple[LineTax, ...], ...]:
    """Return the taxes that each line of a credit note gives back, which add up to the line's tax exactly.

    `billed` are all lines of its invoice. A line with several taxes gives them back in the proportion in which the invoice's line
    bears them, those within its amount and those on top apart (largest remainder).
    """
    return tuple(_of_line(line, billed) for line in lines)


def _of_line(line: CreditNoteLine, billed: Sequence[InvoiceLine]) -> tuple[LineTax, ...]:
    bears = billed[line.line_number - 1].taxes
    everywhere = {tax.rate_id: tax for other in billed for tax in other.taxes}.values()
    taxes: list[LineTax] = []
    for inclusive, amount in ((True, line.tax - line.added_tax), (False, line.added_tax)):
        of_kind = [tax for tax in bears if tax.inclusive is inclusive]
        if amount and not of_kind:
            # The last note takes what is left of the taxes, which lines below zero may have borne otherwise.
            of_kind = [tax for tax in everywhere if tax.inclusive is inclusive]
        taxes += _shares(of_kind, amount)
    return tuple(taxes)


def _shares(taxes: Sequence[LineTax], whole: Money) -> list[LineTax]:
    if not taxes:
        return []
    weights = [abs(tax.amount.minor_units) for tax in taxes]
    parts = whole.allocate(weights if any(weights) else [1] * len(taxes))
    return [replace(tax, amount=part) for tax, part in zip(taxes, parts, strict=True)]
