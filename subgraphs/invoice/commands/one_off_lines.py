"""Find the prices and tax rates that lines of an invoice about no subscription name."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import msgspec

from subgraphs.invoice.documents import PlanReplica, PriceReplica
from subgraphs.invoice.domain.one_off import MOST_LINES, CataloguePrice, OneOffLine
from subgraphs.invoice.domain.tax_configuration import checked_rate_ids
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.pricing.charge import NO_DETAILS, Charge, ChargeDetails, PriceModel

__all__ = ["KnownPrices", "WantedLine", "one_off_lines"]


class KnownPrices(Protocol):
    """What is known of the catalogue; a price is waited for a moment, as it may just have been created."""

    async def price(self, tenant: str, id: str) -> PriceReplica | None: ...
    async def plan(self, tenant: str, id: str) -> PlanReplica | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLine:
    """A line as it is asked for, with the id of a one-time price or a unit amount in major units.

    `tax_rate_ids` None: its taxes follow from its tax category, its plan and the customer.
    """

    description: str | None
    quantity: int
    unit_amount: Decimal | None = None
    price_id: str | None = None
    tax_rate_ids: Sequence[str] | None = None
    tax_category: str | None = None


async def one_off_lines(
    known: KnownPrices, tenant: str, wanted: Sequence[WantedLine], tax_rate_ids: Collection[str] = ()
) -> list[OneOffLine]:
    """Return the lines with their prices as they are sold now; `tax_rate_ids` are those of the tenant.

    Raises:
        NotFound: there is no such price or tax rate.
        InvalidInput: there are too many lines, a price recurs, or a line names no or too many tax rates.
        InvalidState: a price or its plan is archived.
    """
    if len(wanted) > MOST_LINES:
        raise InvalidInput(f"an invoice has 1 to {MOST_LINES} lines", field=("lines",))
    ids = list(dict.fromkeys(line.price_id for line in wanted if line.price_id is not None))
    found = dict(zip(ids, await asyncio.gather(*(known.price(tenant, id) for id in ids)), strict=True))
    lines = []
    for number, line in enumerate(wanted):
        price = None
        if line.price_id is not None:
            price = await _sold(known, tenant, line.price_id, found[line.price_id], ("lines", str(number), "priceId"))
        lines.append(
            OneOffLine(
                description=line.description,
                quantity=line.quantity,
                unit_amount=line.unit_amount,
                price=price,
                tax_rate_ids=_named_rates(line, tax_rate_ids, ("lines", str(number), "taxRateIds")),
                tax_category=line.tax_category,
            )
        )
    return lines


def _named_rates(line: WantedLine, known: Collection[str], field: tuple[str, ...]) -> tuple[str, ...]:
    return () if line.tax_rate_ids is None else checked_rate_ids(line.tax_rate_ids, known, field)


async def _sold(known: KnownPrices, tenant: str, id: str, price: PriceReplica | None, field: tuple[str, ...]) -> CataloguePrice:
    if price is not None and price.recurs:
        raise InvalidInput(
            f"price {id!r} is billed every interval, to who subscribes to it: an invoice line takes a ONE_TIME price", field=field
        )
    if price is None or price.terms is None:
        raise NotFound("Price", id, field=field)
    terms = price.terms
    plan = await known.plan(tenant, terms.plan_id)
    if price.archived or (plan is not None and plan.archived):
        raise InvalidState(f"price {id!r} or its plan is archived and not sold any more", field=field)
    return CataloguePrice(
        id=id,
        plan_id=terms.plan_id,
        plan_name=(plan.name if plan is not None else None) or terms.plan_name,
        charge=Charge(
            currency=terms.currency,
            model=PriceModel(terms.model),
            flat_amount_minor=terms.flat_amount_minor,
            unit_amount=None if terms.unit_amount is None else Decimal(terms.unit_amount),
            details=msgspec.convert(terms.details, ChargeDetails) if terms.details else NO_DETAILS,
        ),
    )
