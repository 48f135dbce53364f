"""Archive a price version."""

from subgraphs.kit.domain.command import CommandContext
from subgraphs.plan.domain.price import Price
from subgraphs.plan.repository import PriceRepository

__all__ = ["archive_price"]


async def archive_price(prices: PriceRepository, id: str, context: CommandContext) -> Price:
    """Sell at this price no longer; who pays it goes on paying it. Repeating it changes nothing.

    Raises:
        NotFound: there is no such price.
    """
    return await prices.update(id, context, lambda price: price.archive(context))
