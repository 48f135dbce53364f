"""A customer pays, is merged into another one, and is forgotten: what stays is what was billed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tests.testkit.shop import Shop

SECONDS = 60
TAX_ID_ADD = "mutation($input: TaxIdAddInput!) { taxIdAdd(input: $input) { customer { id } userErrors { code message } } }"
ADJUST = """
mutation($input: CustomerBalanceAdjustInput!) {
  customerBalanceAdjust(input: $input) { balance { id } userErrors { code message } }
}"""
CANCEL = """
mutation($input: PlanSubscriptionCancelInput!) {
  planSubscriptionCancel(input: $input) { planSubscription { status } userErrors { code message } }
}"""
MERGE = "mutation($input: CustomerMergeInput!) { customerMerge(input: $input) { customer { id } userErrors { code message } } }"
ERASE = "mutation($input: CustomerEraseInput!) { customerErase(input: $input) { customer { id } userErrors { code message } } }"
CUSTOMER = """
query($id: ID!) {
  customer(id: $id) {
    id name status taxIds { value } balances { amount { amount } }
    mergedCustomers { id name status invoices(first: 5) {
      nodes { status total { amount } creditApplied { fromBalance { amount } } amountPaid { amount } }
    } }
  }
}"""
INVOICES = "{ invoices(first: 50) { nodes { status total { amount } customer { id name email } billTo { name taxIds } } } }"


async def until(ask: Callable[[], Awaitable[dict[str, Any]]], wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return the answer as soon as it is as wanted: other subgraphs follow by events."""
    deadline = time.monotonic() + SECONDS
    while not wanted(answer := await ask()):
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(0.1)
    return answer


async def test_a_paid_customer_is_merged_when_nothing_is_open_and_erased_with_its_alias(shop: Shop, price_id: str) -> None:
    duplicate, kept = await shop.create_customer("Gavin Belson"), await shop.create_customer("Gavin Belson Private")
    await shop.do(TAX_ID_ADD, customerId=duplicate, type="EU_VAT", value="DE 136 695 976")
    favour = {"minorUnits": "500", "currencyCode": "EUR"}
    await shop.do(ADJUST, customerId=duplicate, amount=favour, description="sorry, Gavin")
    subscription = await shop.start(duplicate, price_id)
    assert (await shop.settled(subscription))["status"] == "ACTIVE"
    await shop.do(ADJUST, customerId=duplicate, amount=favour, description="sorry once more, Gavin")

    async def merge() -> dict[str, Any]:
        input = {"id": duplicate, "intoId": kept}
        payload: dict[str, Any] = (await shop.data(MERGE, {"input": input}))["customerMerge"]
        return payload

    refused = await merge()
    assert [error["code"] for error in refused["userErrors"]] == ["HAS_OPEN_BILLING"]
    assert subscription in refused["userErrors"][0]["message"]
    await shop.do(CANCEL, id=subscription, when="NOW")
    merged = await until(merge, lambda payload: payload["userErrors"] == [])
    assert merged["customer"] == {"id": kept}
    # 3 * 12.50, of which the balance paid 5.00
    credit = {"fromBalance": {"amount": "5.00"}}
    bill = {"status": "PAID", "total": {"amount": "37.50"}, "creditApplied": credit, "amountPaid": {"amount": "32.50"}}
    assert (await shop.data(CUSTOMER, {"id": duplicate}))["customer"] == {
        "id": kept,
        "name": "Gavin Belson Private",
        "status": "ACTIVE",
        "taxIds": [{"value": "DE136695976"}],
        "balances": [{"amount": {"amount": "5.00"}}],
        "mergedCustomers": [{"id": duplicate, "name": "Gavin Belson", "status": "MERGED", "invoices": {"nodes": [bill]}}],
    }

    await shop.do(ERASE, id=kept)
    forgotten = (await shop.data(CUSTOMER, {"id": kept}))["customer"]
    assert forgotten == {
        "id": kept,
        "name": "[erased]",
        "status": "ERASED",
        "taxIds": [],
        "balances": [{"amount": {"amount": "5.00"}}],
        "mergedCustomers": [{"id": duplicate, "name": "[erased]", "status": "ERASED", "invoices": {"nodes": [bill]}}],
    }

    async def billed() -> dict[str, Any]:
        nodes = (await shop.data(INVOICES))["invoices"]["nodes"]
        [invoice] = [invoice for invoice in nodes if invoice["customer"]["id"] == duplicate]
        found: dict[str, Any] = invoice
        return found

    assert await until(billed, lambda invoice: invoice["billTo"]["name"] == "[erased]") == {
        "status": "PAID",
        "total": {"amount": "37.50"},
        "customer": {"id": duplicate, "name": "[erased]", "email": None},
        "billTo": {"name": "[erased]", "taxIds": []},
    }
