"""What other subgraphs tell the invoice subgraph, for tests of what follows from it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from redis.asyncio import Redis

from subgraphs.invoice.domain.values import InvoiceStatus
from subgraphs.invoice.services import InvoiceServices
from subgraphs.invoice.worker import event_handlers
from subgraphs.kit.messaging.consumer import Received
from subgraphs.kit.messaging.envelope import Envelope, events_stream
from tests.testkit.memory import AT
from tests.testkit.received import received

__all__ = [
    "FEE",
    "FLAT_ITEM",
    "SEAT_ITEM",
    "answer_without_credit",
    "canceled",
    "customer_events",
    "deliver",
    "fees_billed",
    "no_credit",
    "period_opened",
]

FLAT_ITEM = {
    "priceId": "price_1",
    "planId": "plan_1",
    "description": "Team",
    "quantity": 1,
    "model": "FLAT",
    "flatAmountMinor": 1900,
    "unitAmount": None,
}
SEAT_ITEM = {
    **FLAT_ITEM,
    "description": "Seats",
    "quantity": 3,
    "model": "PER_UNIT",
    "flatAmountMinor": None,
    "unitAmount": "12.50",
}


FEE = {
    "feeId": "fee_1",
    "priceId": "price_router",
    "planId": "plan_router",
    "description": "Router",
    "quantity": 2,
    "model": "PER_UNIT",
    "flatAmountMinor": None,
    "unitAmount": "49.905",
    "details": None,
}


def no_credit(requested: Mapping[str, Any], tenant: str = "acme", at: datetime = AT) -> Received:
    """Return the customer's answer to invoice-credit-requested.v1: there is no credit."""
    data = {
        "invoiceId": requested["invoiceId"],
        "customerId": requested["customerId"],
        "currency": requested["currency"],
        "amountMinor": 0,
        "walletMinor": 0,
        "balanceMinor": 0,
    }
    return received("invoice-credit-applied.v1", data, aggregate_id=f"cap_{requested['invoiceId']}", tenant=tenant, at=at)


async def answer_without_credit(redis: Redis) -> None:
    """Be the customer subgraph that answers every invoice-credit-requested.v1, until canceled: nobody has credit."""
    last = b"0"
    while True:
        for _, entries in await redis.xread({events_stream("invoice"): last}, block=1000):
            for entry, fields in entries:
                last, envelope = entry, msgspec.json.decode(fields[b"envelope"], type=Envelope)
                for event in envelope.events:
                    if event.type == "invoice-credit-requested.v1":
                        answer = no_credit(event.data, envelope.tenant).envelope
                        await redis.xadd(events_stream("customer"), {"envelope": msgspec.json.encode(answer)})


async def deliver(services: InvoiceServices, *events: Received) -> None:
    """Hand each event to its handlers, as the worker does, and the answer that no customer has credit."""
    handlers = event_handlers(services)
    for event in events:
        for handler in handlers[event.event.type]:
            await handler(event)
        if event.event.type in ("billing-period-opened.v1", "adjustments-billed.v1"):
            for invoice in await services.reader.page(event.tenant, {"status": InvoiceStatus.OPEN}, limit=100):
                asked = {"invoiceId": invoice.id, "customerId": invoice.customer_id, "currency": invoice.currency}
                for handler in handlers["invoice-credit-applied.v1"]:
                    await handler(no_credit(asked, event.tenant))


def customer_events(
    *tokens: str, customer_id: str = "cus_1", tenant: str = "acme", default: str | None = None
) -> Sequence[Received]:
    """Return what is told of a new customer with payment methods `pm_<token>`; the default is the first unless given."""
    told: list[tuple[str, dict[str, Any]]] = [("customer-created.v1", {"name": "Hooli", "email": None, "currency": "EUR"})]
    for token in tokens:
        attached = {"paymentMethodId": f"pm_{token}", "provider": "sandbox", "token": token, "label": "Visa •••• 4242"}
        told.append(("payment-method-attached.v1", attached))
    if tokens:
        told.append(("default-payment-method-changed.v1", {"paymentMethodId": f"pm_{default or tokens[0]}"}))
    return [
        received(type, {"customerId": customer_id, **data}, aggregate_id=customer_id, sequence=number, tenant=tenant)
        for number, (type, data) in enumerate(told, 1)
    ]


def period_opened(
    number: int = 0,
    *,
    items: Sequence[dict[str, Any]] = (FLAT_ITEM, SEAT_ITEM),
    payment_method_id: str | None = None,
    customer_id: str = "cus_1",
    plan_subscription_id: str = "psub_1",
    tenant: str = "acme",
    at: datetime = AT,
    fees: Sequence[dict[str, Any]] = (),
    **more: Any,
) -> Received:
    """Return the event that a billing period has begun; by default it costs 19.00 + 3 * 12.50 = 56.50 EUR."""
    data = {
        "planSubscriptionId": plan_subscription_id,
        "customerId": customer_id,
        "periodNumber": number,
        "periodStart": "2026-02-01T00:00:00Z",
        "periodEnd": "2026-03-01T00:00:00Z",
        "currency": "EUR",
        "paymentMethodId": payment_method_id,
        "items": list(items),
        "fees": list(fees),
        **more,
    }
    return received(
        "billing-period-opened.v1", data, aggregate_id=plan_subscription_id, sequence=number + 1, tenant=tenant, at=at
    )


def fees_billed(*fees: dict[str, Any], number: int = 1, sequence: int = 2) -> Received:
    """Return the event that fees are billed by themselves."""
    data = {
        "planSubscriptionId": "psub_1",
        "customerId": "cus_1",
        "number": number,
        "currency": "EUR",
        "adjustments": [],
        "fees": list(fees),
    }
    return received("adjustments-billed.v1", data, aggregate_id="psub_1", sequence=sequence)


def canceled(*, ever_active: bool, plan_subscription_id: str = "psub_1", **more: Any) -> Received:
    """Return the event that a subscription has ended."""
    data = {
        "planSubscriptionId": plan_subscription_id,
        "customerId": "cus_1",
        "canceledAt": "2026-02-02T00:00:00Z",
        "everActive": ever_active,
        **more,
    }
    return received("plan-subscription-canceled.v1", data, aggregate_id=plan_subscription_id, sequence=9)
