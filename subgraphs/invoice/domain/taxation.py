"""Puts taxes on what is to be billed."""

from collections.abc import Sequence
from dataclasses import replace

from subgraphs.invoice.domain.jurisdictions import Jurisdiction
from subgraphs.invoice.domain.tax_configuration import TaxRate
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceLine, LineTax, TaxExemption
from subgraphs.pricing.tax import Rate, TaxedLine, TaxRule, tax_lines

__all__ = ["with_taxes"]


def with_taxes(
    draft: InvoiceDraft, rates: Sequence[TaxRate], rule: TaxRule, customer_in: Jurisdiction, exemption: TaxExemption | None
) -> InvoiceDraft:
    """Return the draft with the taxes of the customer's country and region on every line, or with the reason for none.

    An exemption wins over everything, and is told where nobody would be taxed as well: reverse charge is mostly due in countries
    where the tenant has no rates. A price that includes its tax is the same for an exempt customer. Without a known country there
    are no taxes.
    """
    if exemption is not None:
        return replace(draft, tax_exemption=exemption)
    charged = [rate for rate in rates if customer_in.has(rate.country, rate.region)]
    if not charged:
        return draft
    borne = [Rate(id=rate.id, percentage=rate.percentage, inclusive=rate.inclusive) for rate in charged]
    taxed = tax_lines([(line.amount, borne) for line in draft.lines], rule)
    return replace(draft, lines=tuple(_line(line, parts, charged) for line, parts in zip(draft.lines, taxed, strict=True)))


def _line(line: InvoiceLine, taxed: TaxedLine, rates: Sequence[TaxRate]) -> InvoiceLine:
    taxes = tuple(
        LineTax(
            rate_id=rate.id,
            name=rate.name,
            percentage=rate.percentage,
            inclusive=rate.inclusive,
            country=rate.country,
            amount=part.amount,
            category=rate.category,
            exemption_reason=rate.exemption_reason,
            region=rate.region,
        )
        for rate, part in zip(rates, taxed.parts, strict=True)
    )
    return replace(line, taxes=taxes)
