"""Keeps which subscriptions and invoices of a customer are open, from the events of the subgraphs that own them."""

from subgraphs.customer.documents import OpenItemDocument
from subgraphs.kit.messaging.consumer import EventHandler, Received
from subgraphs.kit.persistence.documents import TenantReader, put_forward

__all__ = ["OpenItems", "open_item", "open_item_handlers"]

# More than enough to tell what is in the way.
_SHOWN = 5


class OpenItems:
    """What of a customer cannot be moved to another one, nor forgotten, because it is still being billed or paid.

    An uncollectible invoice is not: nobody expects its money any more.
    """

    def __init__(self, reader: TenantReader[OpenItemDocument]) -> None:
        self._reader = reader

    async def of(self, tenant: str, customer_id: str) -> list[str]:
        """Return the ids of some of the customer's open subscriptions and invoices; none when there are none."""
        found = await self._reader.page(tenant, {"customer_id": customer_id, "open": True}, limit=_SHOWN)
        return [item.id for item in found]

    async def is_voided(self, tenant: str, invoice_id: str) -> bool:
        """Tell whether the invoice is known not to be paid."""
        found = await self._reader.find(tenant, invoice_id)
        return found is not None and found.voided


def open_item_handlers() -> dict[str, EventHandler]:
    """Return what is kept of each public event of other subgraphs."""
    return dict.fromkeys(_TOLD, _keep)


def open_item(received: Received) -> OpenItemDocument:
    """Return what an event tells of the subscription or invoice that it is about."""
    id_field, is_open, voided = _TOLD[received.event.type]
    data = received.event.data
    return OpenItemDocument(
        id=data[id_field],
        tenant=received.tenant,
        version=received.event.sequence,
        customer_id=data["customerId"],
        open=is_open,
        voided=voided,
    )


async def _keep(received: Received) -> None:
    # A later event of the same thing is never overwritten by an earlier one that comes after it.
    await put_forward(open_item(received))


# Where the id is, whether the thing is open, whether it is known not to be paid.
_TOLD = {
    "plan-subscription-started.v1": ("planSubscriptionId", True, False),
    "plan-subscription-expired.v1": ("planSubscriptionId", False, False),
    "plan-subscription-canceled.v1": ("planSubscriptionId", False, False),
    "invoice-drafted.v1": ("invoiceId", True, False),
    "invoice-finalized.v1": ("invoiceId", True, False),
    "invoice-paid.v1": ("invoiceId", False, False),
    "invoice-marked-uncollectible.v1": ("invoiceId", False, False),
    "invoice-voided.v1": ("invoiceId", False, True),
    "invoice-deleted.v1": ("invoiceId", False, False),
}
