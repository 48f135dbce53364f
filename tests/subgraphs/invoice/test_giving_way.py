"""A payment that waits for the customer gives way to something else: what remains is collected like what was declined."""

from datetime import timedelta
from typing import Any

import pytest

from subgraphs.invoice.schema import schema
from subgraphs.invoice.services import InvoiceServices
from tests.testkit.invoicing import customer_events, deliver, period_opened
from tests.testkit.memory import AT
from tests.testkit.querying import asking

RECORD = """
mutation($id: ID!) { done: invoicePaymentRecord(input: {
  invoiceId: $id, amount: {minorUnits: "2000", currencyCode: "EUR"}, reference: "SEPA 4711", receivedAt: "2026-01-30T00:00:00Z"
}) { invoice { amountDue { amount } nextRetryAt } userErrors { message } } }"""
PAY = """
mutation($id: ID!) { done: invoicePay(input: {id: $id, paymentMethodId: "pm_sandbox_declined"}) {
  invoice { amountDue { amount } nextRetryAt } userErrors { message }
} }"""
CREDIT = """
mutation($id: ID!) { done: creditNoteCreate(input: {
  invoiceId: $id, reason: "late", lines: [{lineNumber: 2, amount: {minorUnits: "650", currencyCode: "EUR"}}]
}) { invoice { amountDue { amount } nextRetryAt } userErrors { message } } }"""


@pytest.mark.parametrize(("mutation", "due"), [(RECORD, "36.50"), (PAY, "56.50"), (CREDIT, "50.00")])
async def test_the_rest_is_charged_again_by_the_campaign(services: InvoiceServices, mutation: str, due: str) -> None:
    await deliver(services, *customer_events("sandbox_requires_action", "sandbox_declined"), period_opened(1))
    [invoice] = await services.reader.page("acme", {}, limit=2)
    ask = asking(schema, services, "invoices:read invoices:write payments:write")
    told: dict[str, Any] = (await ask(mutation, {"id": invoice.id}))["done"]
    assert told["userErrors"] == []
    assert told["invoice"]["amountDue"]["amount"] == due
    [invoice] = await services.reader.page("acme", {}, limit=2)
    # The first retry is a day after the failure, which the services' clock puts a minute after the renewal.
    assert invoice.retry_at == AT + timedelta(days=1, minutes=1)
    assert told["invoice"]["nextRetryAt"] is not None
