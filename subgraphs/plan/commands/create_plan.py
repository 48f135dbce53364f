"""Create a plan."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import AlreadyExists
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.plan.domain.plan import Plan
from subgraphs.plan.repository import PlanRepository, ProductRepository

__all__ = ["create_plan"]


async def create_plan(
    plans: PlanRepository,
    products: ProductRepository,
    claims: ClaimStore,
    product_id: str,
    code: str,
    name: str,
    description: str | None,
    context: CommandContext,
) -> Plan:
    """Create a plan of a product and return it.

    Raises:
        NotFound: there is no such product.
        InvalidInput: a field is malformed.
        AlreadyExists: another plan of the tenant has this code.
    """
    product = await products.get(context.tenant, product_id, field=("productId",))
    plan = Plan.create(new_id("plan", context.at), product.id, code, name, description, context)
    owner = await claims.claim(context.tenant, "plan_code", code, plan.id)
    if owner != plan.id:
        raise AlreadyExists(f"plan {owner!r} already has the code {code!r}", field=("code",))
    return await plans.create(plan, context)
