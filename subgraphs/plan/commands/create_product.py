"""Create a product."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.named import create_named
from subgraphs.plan.domain.product import Product
from subgraphs.plan.repository import ProductRepository

__all__ = ["create_product"]


async def create_product(
    products: ProductRepository,
    claims: ClaimStore,
    name: str,
    description: str | None,
    context: CommandContext,
    *,
    external_id: str | None = None,
) -> Product:
    """Create a product and return it.

    Raises:
        InvalidInput: a field is malformed.
        AlreadyExists: another product of the tenant has this external id.
    """

    def build(id: str) -> Product:
        return Product.create(id, name, description, context, external_id=external_id)

    id = context.new_id("prod")
    if external_id is None:
        return await products.create(build(id), context)
    return await create_named(products, claims, "product_external_id", external_id, id, build, context, field=("externalId",))
