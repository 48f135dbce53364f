"""Archive a customer."""

from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["archive_customer"]


async def archive_customer(customers: CustomerRepository, id: str, context: CommandContext) -> Customer:
    """Archive the customer; archiving again changes nothing.

    Raises:
        NotFound: there is no such customer.
    """
    return await customers.update(id, context, lambda customer: customer.archive(context))
