"""Create a customer."""

from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.values import CustomerProfile
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import AlreadyExists
from subgraphs.kit.domain.ids import new_id
from subgraphs.kit.persistence.claims import ClaimStore

__all__ = ["create_customer"]


async def create_customer(
    customers: CustomerRepository,
    claims: ClaimStore,
    profile: CustomerProfile,
    currency: str,
    external_id: str | None,
    context: CommandContext,
) -> Customer:
    """Create a customer and return it.

    Raises:
        InvalidInput: a field is malformed.
        AlreadyExists: another customer of the tenant has this external id.
    """
    customer = Customer.create(new_id("cus", context.at), profile, currency, external_id, context)
    if external_id is not None:
        owner = await claims.claim(context.tenant, "external_id", external_id, customer.id)
        if owner != customer.id:
            raise AlreadyExists(f"customer {owner!r} already has the external id {external_id!r}", field=("externalId",))
    return await customers.create(customer, context)
