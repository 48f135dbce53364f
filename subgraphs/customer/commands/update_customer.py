"""Change a customer's profile."""

from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["update_customer"]


async def update_customer(
    customers: CustomerRepository, id: str, changes: dict[str, object], context: CommandContext
) -> Customer:
    """Replace the given parts of the profile (fields of `CustomerProfile`) and return the customer.

    Raises:
        NotFound: there is no such customer.
        InvalidInput: a part is malformed.
        InvalidState: the customer is archived.
    """
    return await customers.update(id, context, lambda customer: customer.update(customer.changed_profile(**changes)))
