"""How a customer pays, as far as the customer's events have told."""

import asyncio

from subgraphs.invoice.documents import CustomerReplica, PaymentMethodPart
from subgraphs.invoice.domain.values import PaymentMethod
from subgraphs.kit.domain.errors import InvalidState, NotFound, NotReady
from subgraphs.kit.persistence.documents import TenantReader

__all__ = ["PaymentMethods"]

LONGEST_PAUSE_SECONDS = 0.2
# A card that was attached before the charge was asked for arrives at about the same time.
LONGEST_DEFAULT_WAIT_SECONDS = 0.5


class PaymentMethods:
    """Finds what to charge, waiting a moment for what may just have been attached: customers' events take a way of their own."""

    def __init__(self, customers: TenantReader[CustomerReplica], wait_seconds: float) -> None:
        self._customers, self._wait = customers, wait_seconds

    async def choose(self, tenant: str, customer_id: str, id: str | None) -> PaymentMethod:
        """Return the customer's payment method `id`, the default when it is None.

        Raises:
            NotFound: the customer has no such payment method.
            InvalidState: the customer has no default payment method.
        """
        _, wanted, part = await self._known(tenant, customer_id, id)
        if wanted is None:
            raise InvalidState("the customer has no payment method; attach one first", field=("paymentMethodId",))
        if part is None or not part.attached:
            raise NotFound("PaymentMethod", wanted, field=("paymentMethodId",))
        return _method(wanted, part)

    async def find(self, tenant: str, customer_id: str, id: str | None, *, wait_for_default: bool = True) -> PaymentMethod | None:
        """Return the customer's payment method `id`, the default when it is None; None when there is none or it was detached.

        Whoever never told how to pay is waited for at most LONGEST_DEFAULT_WAIT_SECONDS, or not at all, lest many of them hold up
        all others.

        Raises:
            NotReady: the customer or the payment method is not known yet.
        """
        wait = LONGEST_DEFAULT_WAIT_SECONDS if wait_for_default else 0.0
        customer, wanted, part = await self._known(tenant, customer_id, id, default_seconds=min(wait, self._wait))
        if customer is None:
            raise NotReady(f"customer {customer_id!r} has not arrived")
        if wanted is None:
            return None
        if part is None:
            raise NotReady(f"payment method {wanted!r} has not arrived")
        return _method(wanted, part) if part.attached else None

    async def _known(
        self, tenant: str, customer_id: str, id: str | None, *, default_seconds: float | None = None
    ) -> tuple[CustomerReplica | None, str | None, PaymentMethodPart | None]:
        began = asyncio.get_running_loop().time()
        deadline, default_by = began + self._wait, began + (self._wait if default_seconds is None else default_seconds)
        pause = 0.01
        while True:
            customer = await self._customers.find(tenant, customer_id)
            default = customer.default_payment_method if customer else None
            wanted = id or (default.payment_method_id if default else None)
            part = customer.payment_methods.get(wanted) if customer and wanted else None
            now = asyncio.get_running_loop().time()
            has_none = wanted is None and customer is not None and (default is not None or now >= default_by)
            if part is not None or has_none or now >= deadline:
                return customer, wanted, part
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _method(id: str, part: PaymentMethodPart) -> PaymentMethod:
    return PaymentMethod(id=id, provider=part.provider, token=part.token, label=part.label)
