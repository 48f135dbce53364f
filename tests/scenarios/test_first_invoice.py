"""From a new customer to a paid invoice, seen through the router by clients of the public API."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

from tests.testkit.shop import Shop, operation
from tests.testkit.system import RunningSystem
from tests.testkit.websocket import subscribe

SECONDS = 30


async def until_paid(events: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes of an invoice up to its payment."""
    seen = []
    async with asyncio.timeout(SECONDS):
        async for event in events:
            seen.append(event["invoiceChanged"])
            if seen[-1]["event"] == "invoice-paid.v1":
                return seen
    raise AssertionError(seen)


async def test_subscription_is_paid_and_a_graphql_client_sees_it_live(system: RunningSystem, shop: Shop, price_id: str) -> None:
    customer_id = await shop.create_customer("Pied Piper")
    socket = WebsocketsTransport(
        system.graphql_url.replace("http://", "ws://"),
        init_payload={"Authorization": f"Bearer {await shop.token()}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=socket) as client:
        live = gql(operation("InvoiceChanged"))
        live.variable_values = {"customerId": customer_id}
        watching = asyncio.create_task(until_paid(client.subscribe(live)))
        # The feed tells what happens from now on; the subscription is on its way.
        await asyncio.sleep(0.5)
        plan_subscription_id = await shop.start(customer_id, price_id, quantity=3)
        seen = await watching
    state = await shop.settled(plan_subscription_id)
    (invoice,) = state["invoices"]["nodes"]
    assert (state["status"], invoice["status"], invoice["total"]["amount"]) == ("ACTIVE", "PAID", "37.50")  # 3 * 12.50
    assert [change["event"] for change in seen] == [
        "invoice-drafted.v1",
        "invoice-finalized.v1",
        "payment-succeeded.v1",
        "invoice-paid.v1",
    ]
    paid = seen[-1]["invoice"]
    assert [change["gap"] for change in seen] == [False] * len(seen)
    assert (paid["id"], paid["number"], paid["status"]) == (invoice["id"], invoice["number"], "PAID")
    # Fields of the customer, subscription and plan subgraphs, filled in by the router for each event.
    assert paid["customer"] == {"name": "Pied Piper"}
    assert paid["planSubscription"]["plan"] == {"name": "Team"}


async def test_plan_subscription_is_seen_starting_and_becoming_active(system: RunningSystem, shop: Shop, price_id: str) -> None:
    customer_id = await shop.create_customer("Aviato")
    query = """
    subscription ($customerId: ID) {
      planSubscriptionChanged(customerId: $customerId) {
        event
        planSubscription { id status customer { name } plan { name } invoices(first: 1) { nodes { status } } }
      }
    }"""
    variables = {"customerId": customer_id}
    async with (
        aiohttp.ClientSession() as session,
        subscribe(session, system.graphql_url, await shop.token(), query, variables) as live,
    ):
        await asyncio.sleep(0.5)
        plan_subscription_id = await shop.start(customer_id, price_id)
        seen = [(await live.data())["planSubscriptionChanged"]]
        while seen[-1]["event"] != "plan-subscription-activated.v1":
            seen.append((await live.data())["planSubscriptionChanged"])
    assert seen[0]["event"] == "plan-subscription-started.v1"
    assert {change["planSubscription"]["id"] for change in seen} == {plan_subscription_id}
    # Fields of the customer, plan and invoice subgraphs, filled in by the router for each event.
    assert seen[-1]["planSubscription"] == {
        "id": plan_subscription_id,
        "status": "ACTIVE",
        "customer": {"name": "Aviato"},
        "plan": {"name": "Team"},
        "invoices": {"nodes": [{"status": "PAID"}]},
    }


async def test_one_query_reads_all_five_subgraphs(shop: Shop, price_id: str) -> None:
    customer_id = await shop.create_customer("Hooli")
    plan_subscription_id = await shop.start(customer_id, price_id, quantity=2)
    await shop.settled(plan_subscription_id)
    customer = (await shop.data(operation("CustomerOverview"), {"id": customer_id}))["customer"]
    (subscription,), (invoice,) = customer["planSubscriptions"]["nodes"], customer["invoices"]["nodes"]
    (payment,) = invoice["payments"]["nodes"]
    assert customer == {
        "id": customer_id,
        "name": "Hooli",
        "email": "billing@hooli.example",
        "currencyCode": "EUR",
        "createdBy": {"id": shop.client[0], "name": "First client"},
        "planSubscriptions": {
            "nodes": [
                {
                    "id": plan_subscription_id,
                    "status": "ACTIVE",
                    "quantity": 2,
                    "currentPeriod": subscription["currentPeriod"],
                    "plan": {
                        "id": subscription["plan"]["id"],
                        "name": "Team",
                        "features": {"nodes": [{"feature": {"code": "team-seats", "name": "Seats"}, "limit": 25}]},
                    },
                    "price": {"id": price_id, "model": "PER_UNIT", "unitAmount": "12.50", "flatAmount": None},
                }
            ]
        },
        "invoices": {
            "nodes": [
                {
                    "id": invoice["id"],
                    "number": invoice["number"],
                    "status": "PAID",
                    "total": {"amount": "25.00", "currencyCode": "EUR"},  # 2 * 12.50
                    "lines": [{"description": "Team", "quantity": 2, "amount": {"amount": "25.00"}}],
                    "payments": {"nodes": [{"id": payment["id"], "status": "SUCCEEDED", "failureCode": None}]},
                }
            ]
        },
    }


async def test_declined_payment_leaves_the_subscription_incomplete_and_its_invoice_open(shop: Shop, price_id: str) -> None:
    customer_id = await shop.create_customer("Broke Ltd", token="sandbox_declined")
    state = await shop.settled(await shop.start(customer_id, price_id))
    (invoice,) = state["invoices"]["nodes"]
    assert (state["status"], state["incompleteReason"], invoice["status"]) == ("INCOMPLETE", "card_declined", "OPEN")
