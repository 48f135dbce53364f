"""Puts taxes on what is to be billed, by precedence: exemption, then what a line names, then the customer, then the place."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from subgraphs.invoice.domain.jurisdictions import NOWHERE, Jurisdiction
from subgraphs.invoice.domain.tax_configuration import TaxRate
from subgraphs.invoice.domain.values import InvoiceDraft, InvoiceLine, LineTax, TaxExemption
from subgraphs.pricing.tax import Rate, TaxedLine, TaxRule, tax_lines

__all__ = ["CustomerTaxation", "with_taxes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTaxation:
    """How a customer is taxed: where it is, which rates it bears whatever is charged there, and why it bears none."""

    customer_in: Jurisdiction = NOWHERE
    rate_ids: Collection[str] = ()
    exemption: TaxExemption | None = None


@dataclass(frozen=True, slots=True)
class _Rates:
    """Every rate of the tenant, and of them the customer's own and those of the place it is in."""

    all: Sequence[TaxRate]
    own: Sequence[TaxRate]
    of_place: Sequence[TaxRate]
    by_plan: Mapping[str, str] = field(default_factory=dict)


def with_taxes(
    draft: InvoiceDraft,
    rates: Sequence[TaxRate],
    rule: TaxRule,
    customer: CustomerTaxation,
    plan_categories: Mapping[str, str] | None = None,
) -> InvoiceDraft:
    """Return the draft with the taxes that each line bears, or with the reason why none is charged.

    An exemption wins over everything, and is told where nobody would be taxed as well: reverse charge is mostly due in countries
    where the tenant has no rates. A price that includes its tax is the same for an exempt customer. Else a line bears

    1. the rates that it names itself, as far as the tenant still has them,
    2. the customer's own rates, as far as the tenant still has them,
    3. the rates of the customer's country and region; without a known country there are none.

    Of 2 and 3, the rates of a country or region that are of the line's tax category come instead of those there that are of none;
    where it has no rate of the category, those of none apply. The category is the one that the line names, else that of its plan
    (`plan_categories`, by plan id). One that the line names itself finds rates of its own at 3 before those of none at 2.
    """
    if customer.exemption is not None:
        return replace(draft, tax_exemption=customer.exemption)
    known = _Rates(
        rates,
        [rate for rate in rates if rate.id in customer.rate_ids],
        [rate for rate in rates if customer.customer_in.has(rate.country, rate.region)],
        plan_categories or {},
    )
    borne = [_borne(line, known) for line in draft.lines]
    if not any(borne):
        return draft
    taxed = tax_lines([(line.amount, [_rate(rate) for rate in its]) for line, its in zip(draft.lines, borne, strict=True)], rule)
    return replace(draft, lines=tuple(_line(*line) for line in zip(draft.lines, taxed, borne, strict=True)))


def _borne(line: InvoiceLine, known: _Rates) -> Sequence[TaxRate]:
    named = [rate for rate in known.all if rate.id in line.tax_rate_ids]
    if named:
        return named
    category = line.tax_category or known.by_plan.get(line.plan_id or "")
    pools = [known.own, known.of_place]
    if line.tax_category is not None:
        pools.sort(key=lambda pool: all(rate.tax_category != line.tax_category for rate in pool))
    return next((found for pool in pools if (found := _of_category(pool, category))), ())


def _of_category(rates: Sequence[TaxRate], category: str | None) -> Sequence[TaxRate]:
    """Return what of the rates is for a category: in each place those of the category, else those of none."""
    special = {rate.place for rate in rates if category is not None and rate.tax_category == category}
    return [rate for rate in rates if rate.tax_category == (category if rate.place in special else None)]


def _rate(rate: TaxRate) -> Rate:
    return Rate(id=rate.id, percentage=rate.percentage, inclusive=rate.inclusive)


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
