"""Keeps which subscriptions and invoices of a customer are open, from the events of the subgraphs that own them."""

from subgraphs.customer.documents import OpenItemDocument
from subgraphs.kit.messaging.consumer import EventHandler, Received
from subgraphs.kit.persistence.documents import TenantReader, put_forward

__all__ = ["OpenItems", "open_item_handlers"]

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
    return {
        "plan-subscription-started.v1": _subscription(True),
        "plan-subscription-expired.v1": _subscription(False),
        "plan-subscription-canceled.v1": _subscription(False),
        "invoice-drafted.v1": _invoice(True),
        "invoice-finalized.v1": _invoice(True),
        "invoice-paid.v1": _invoice(False),
        "invoice-marked-uncollectible.v1": _invoice(False),
        "invoice-voided.v1": _invoice(False, voided=True),
    }


def _subscription(is_open: bool) -> EventHandler:
    return _keeping("planSubscriptionId", is_open)


def _invoice(is_open: bool, *, voided: bool = False) -> EventHandler:
    return _keeping("invoiceId", is_open, voided)


def _keeping(id_field: str, is_open: bool, voided: bool = False) -> EventHandler:
    async def keep(received: Received) -> None:
        data = received.event.data
        # A later event of the same thing is never overwritten by an earlier one that comes after it.
        await put_forward(
            OpenItemDocument(
                id=data[id_field],
                tenant=received.tenant,
                version=received.event.sequence,
                customer_id=data["customerId"],
                open=is_open,
                voided=voided,
            )
        )

    return keep
