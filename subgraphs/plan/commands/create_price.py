"""Create a price version."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.domain.errors import InvalidState
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.named import claimed_id
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.values import PriceTerms, State, check_meter, checked_external_id, checked_terms
from subgraphs.plan.repository import MeterRepository, PlanRepository, PriceRepository

__all__ = ["create_price"]


async def create_price(
    prices: PriceRepository,
    plans: PlanRepository,
    meters: MeterRepository,
    claims: ClaimStore,
    plan_id: str,
    terms: PriceTerms,
    context: CommandContext,
    *,
    external_id: str | None = None,
) -> Price:
    """Create the next version of what a plan costs in this currency and interval, or once, and return it.

    Versions count 1, 2, 3 … per plan, currency and interval; earlier ones stay what their subscribers pay. One-time prices
    of a plan count by themselves.

    Raises:
        NotFound: there is no such plan or meter.
        AlreadyExists: another price of the tenant has this external id.
        InvalidInput: the terms are out of range, the external id is malformed, or the meter does not count what the model takes.
        InvalidState: the plan or meter is archived.
    """
    check_currency(terms.currency)
    checked_terms(terms)
    checked_external_id(external_id)
    plan = await plans.get(context.tenant, plan_id, field=("planId",))
    plan.require_active()
    if terms.meter_id is not None:
        meter = await meters.get(context.tenant, terms.meter_id, field=("meterId",))
        if meter.state is not State.ACTIVE:
            raise InvalidState(f"meter {meter.id!r} is archived", field=("meterId",))
        check_meter(terms, meter.created.aggregation)
    id = context.new_id("price")
    if external_id is not None:
        id = await claimed_id(prices, claims, "price_external_id", external_id, id, context, field=("externalId",))
    recurs = "once" if terms.interval is None else f"{terms.interval.unit}/{terms.interval.count}"
    series = f"{plan.id}/{terms.currency}/{recurs}"
    version = 1
    while await claims.claim(context.tenant, "price_version", f"{series}/{version}", id) != id:
        version += 1
    price = Price.create(id, plan.id, plan.name, terms, version, context, external_id=external_id)
    return await prices.create(price, context)
