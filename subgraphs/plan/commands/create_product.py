"""Create a product."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.product import Product
from subgraphs.plan.repository import ProductRepository

__all__ = ["create_product"]


async def create_product(products: ProductRepository, name: str, description: str | None, context: CommandContext) -> Product:
    """Create a product and return it.

    Raises:
        InvalidInput: a field is malformed.
    """
    return await products.create(Product.create(context.new_id("prod"), name, description, context), context)
