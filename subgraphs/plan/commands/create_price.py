"""Create a price version."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.currency import check_currency
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.plan.domain.price import Price
from subgraphs.plan.domain.values import PriceTerms, checked_terms
from subgraphs.plan.repository import PlanRepository, PriceRepository

__all__ = ["create_price"]


async def create_price(
    prices: PriceRepository,
    plans: PlanRepository,
    claims: ClaimStore,
    plan_id: str,
    terms: PriceTerms,
    context: CommandContext,
) -> Price:
    """Create the next version of what a plan costs in this currency and interval, and return it.

    Versions count 1, 2, 3 … per plan, currency and interval; earlier ones stay what their subscribers pay.

    Raises:
        NotFound: there is no such plan.
        InvalidInput: the terms are out of range.
        InvalidState: the plan is archived.
    """
    check_currency(terms.currency)
    checked_terms(terms)
    plan = await plans.get(context.tenant, plan_id, field=("planId",))
    plan.require_active()
    id = context.new_id("price")
    series = f"{plan.id}/{terms.currency}/{terms.interval.unit}/{terms.interval.count}"
    version = 1
    while await claims.claim(context.tenant, "price_version", f"{series}/{version}", id) != id:
        version += 1
    return await prices.create(Price.create(id, plan.id, plan.created.name, terms, version, context), context)
