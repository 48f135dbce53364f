"""Create a customer."""

from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.values import CustomerProfile
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.persistence.claims import ClaimStore
from subgraphs.kit.persistence.named import create_named

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

    def build(id: str) -> Customer:
        return Customer.create(id, profile, currency, external_id, context)

    id = context.new_id("cus")
    if external_id is None:
        return await customers.create(build(id), context)
    return await create_named(customers, claims, "external_id", external_id, id, build, context, field=("externalId",))
