"""Take a customer back from the archive."""

from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["unarchive_customer"]


async def unarchive_customer(customers: CustomerRepository, id: str, context: CommandContext) -> Customer:
    """Let the customer be billed and changed again; nothing happens when it is not archived.

    Raises:
        NotFound: there is no such customer.
        InvalidState: it was merged or erased.
    """
    return await customers.update(id, context, lambda customer: customer.unarchive(context))
