"""How a customer pays, as far as the customer's events have told."""

import asyncio

from subgraphs.invoice.documents import CustomerReplica
from subgraphs.invoice.domain.values import PaymentMethod
from subgraphs.kit.domain.errors import InvalidState, NotFound
from subgraphs.kit.persistence.documents import TenantReader

__all__ = ["PaymentMethods"]

LONGEST_PAUSE_SECONDS = 0.2


class PaymentMethods:
    """Finds what to charge, waiting a moment for what may just have been attached."""

    def __init__(self, customers: TenantReader[CustomerReplica], wait_seconds: float) -> None:
        self._customers, self._wait = customers, wait_seconds

    async def choose(self, tenant: str, customer_id: str, id: str | None) -> PaymentMethod:
        """Return the customer's payment method `id`, the default when it is None.

        Raises:
            NotFound: the customer has no such payment method.
            InvalidState: the customer has no default payment method.
        """
        deadline = asyncio.get_running_loop().time() + self._wait
        pause = 0.01
        while True:
            customer = await self._customers.find(tenant, customer_id)
            default = customer.default_payment_method if customer else None
            wanted = id or (default.payment_method_id if default else None)
            part = customer.payment_methods.get(wanted) if customer and wanted else None
            if wanted is not None and part is not None and part.attached:
                return PaymentMethod(id=wanted, provider=part.provider, token=part.token, label=part.label)
            if part is not None or asyncio.get_running_loop().time() >= deadline:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        if wanted is None:
            raise InvalidState("the customer has no payment method; attach one first", field=("paymentMethodId",))
        raise NotFound("PaymentMethod", wanted, field=("paymentMethodId",))
