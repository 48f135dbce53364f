"""Archive a product."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.product import Product
from subgraphs.plan.repository import ProductRepository

__all__ = ["archive_product"]


async def archive_product(products: ProductRepository, id: str, context: CommandContext) -> Product:
    """Give the product no further plans; those that it has are sold on. Repeating it changes nothing.

    Raises:
        NotFound: there is no such product.
    """
    return await products.update(id, context, lambda product: product.archive(context))
