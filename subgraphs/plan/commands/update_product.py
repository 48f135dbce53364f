"""Change what a product is called."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.product import Product
from subgraphs.plan.domain.values import Naming
from subgraphs.plan.repository import ProductRepository

__all__ = ["update_product"]


async def update_product(products: ProductRepository, id: str, changes: Naming, context: CommandContext) -> Product:
    """Call the product something else.

    Raises:
        NotFound: there is no such product.
        InvalidInput: the name or the description is malformed.
    """

    def update(product: Product) -> None:
        product.update(changes.get("name", product.name), changes.get("description", product.description))

    return await products.update(id, context, update)
