"""Tell that cards of a customer are about to expire."""

from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["tell_expiring_cards"]


async def tell_expiring_cards(customers: CustomerRepository, id: str, context: CommandContext) -> Customer:
    """Tell of each payment method whose time for that has come by `context.at`, once per expiry.

    Raises:
        NotFound: there is no such customer.
    """
    return await customers.update(id, context, lambda customer: customer.tell_expiring(context))
