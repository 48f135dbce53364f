"""Give a customer a way to pay."""

from datetime import date

from subgraphs.customer.domain.customer import Customer
from subgraphs.customer.domain.values import PaymentMethod
from subgraphs.customer.repository import CustomerRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.ids import derived_id
from subgraphs.sandbox import SANDBOX, SandboxToken

__all__ = ["attach_payment_method"]


async def attach_payment_method(
    customers: CustomerRepository,
    id: str,
    provider: str,
    token: str,
    label: str,
    *,
    default: bool,
    context: CommandContext,
    expires_on: date | None = None,
) -> Customer:
    """Attach the payment method that `provider` knows as `token`; attaching the same one again only makes it the default, where
    that is wanted, and takes over another expiry.

    Raises:
        NotFound: there is no such customer.
        InvalidInput: the token or label is empty or too long, or the sandbox does not know the token.
        InvalidState: the customer is archived or has too many payment methods.
    """
    for name, value in (("provider", provider), ("token", token), ("label", label)):
        if not 1 <= len(value) <= 200:
            raise InvalidInput(f"{name} has 1 to 200 characters", field=(name,))
    if provider == SANDBOX and token not in set(SandboxToken):
        raise InvalidInput(
            f"the sandbox does not know {token!r}: its tokens are {', '.join(SandboxToken)}; "
            "name the `provider` where it is one of another",
            field=("token",),
        )

    def attach(customer: Customer) -> None:
        method_id = derived_id("pm", customer.created.created_at, customer.id, provider, token)
        method = PaymentMethod(id=method_id, provider=provider, token=token, label=label, expires_on=expires_on)
        customer.attach_payment_method(method, default=default)

    return await customers.update(id, context, attach, field=("customerId",))
