"""Create a plan."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.named import create_named
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
    *,
    tax_category: str | None = None,
) -> Plan:
    """Create a plan of a product and return it.

    Raises:
        NotFound: there is no such product.
        InvalidInput: a field is malformed.
        AlreadyExists: another plan of the tenant has this code.
        InvalidState: the product is archived.
    """
    product = await products.get(context.tenant, product_id, field=("productId",))
    product.require_active()

    def build(id: str) -> Plan:
        return Plan.create(id, product.id, code, name, description, context, tax_category=tax_category)

    return await create_named(plans, claims, "plan_code", code, context.new_id("plan"), build, context, field=("code",))
