"""Change how a customer is taxed."""

from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.tax_ids import TaxIdType
from subgraphs.customer.domain.tax_status import TaxExemption
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["add_tax_id", "remove_tax_id", "set_tax_exemption"]


async def add_tax_id(customers: CustomerRepository, id: str, type: TaxIdType, value: str, context: CommandContext) -> Customer:
    """Give the customer a tax id; one it already has changes nothing.

    Raises:
        NotFound: there is no such customer.
        InvalidTaxId: no such tax id can exist.
        InvalidState: the customer is not active or has too many tax ids.
    """
    return await customers.update(id, context, lambda customer: customer.add_tax_id(type, value), field=("customerId",))


async def remove_tax_id(customers: CustomerRepository, id: str, tax_id_id: str, context: CommandContext) -> Customer:
    """Take a tax id away.

    Raises:
        NotFound: there is no such customer, or it has no such tax id.
        InvalidState: the customer is not active, or reverse charge applies and it is the last one.
    """
    return await customers.update(id, context, lambda customer: customer.remove_tax_id(tax_id_id), field=("customerId",))


async def set_tax_exemption(
    customers: CustomerRepository, id: str, exemption: TaxExemption, reason: str | None, context: CommandContext
) -> Customer:
    """Charge the customer tax or not from now on.

    Raises:
        NotFound: there is no such customer.
        InvalidInput: a reason is missing, or there is one where tax is charged.
        InvalidState: the customer is not active, or reverse charge is wanted without a tax id.
    """
    return await customers.update(
        id, context, lambda customer: customer.set_tax_exemption(exemption, reason), field=("customerId",)
    )
