"""Change which ways to pay a customer has and which is charged."""

from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["detach_payment_method", "make_payment_method_default"]


async def make_payment_method_default(
    customers: CustomerRepository, id: str, payment_method_id: str, context: CommandContext
) -> Customer:
    """Charge this payment method from now on.

    Raises:
        NotFound: there is no such customer, or it has no such payment method.
        InvalidState: the customer is archived.
    """
    return await customers.update(id, context, lambda customer: customer.make_default(payment_method_id), field=("customerId",))


async def detach_payment_method(
    customers: CustomerRepository, id: str, payment_method_id: str, context: CommandContext
) -> Customer:
    """Remove the payment method; the oldest remaining one becomes the default where it was.

    Raises:
        NotFound: there is no such customer, or it has no such payment method.
    """
    return await customers.update(
        id, context, lambda customer: customer.detach_payment_method(payment_method_id), field=("customerId",)
    )
