"""Values that custom scalars do not take: whoever is asked, the answer says which field it is and what is expected."""

from typing import Any

import pytest

from tests.testkit.shop import Shop
from tests.testkit.system import RunningSystem

BILL = "mutation ($input: InvoiceCreateInput!) { invoiceCreate(input: $input) { invoice { id } } }"
PART = """
mutation ($amount: Decimal!) { invoiceCreate(input: {
  customerId: "cus_1", currencyCode: EUR_, lines: [{description: "Setup", quantity: 1, unitAmount: $amount}]
}) { invoice { id } } }""".replace("EUR_", '"EUR"')


def bill(**more: Any) -> dict[str, Any]:
    line = {"description": "Setup", "quantity": 1, "unitAmount": more.pop("unitAmount", "1")}
    return {"input": {"customerId": "cus_1", "currencyCode": "EUR", "lines": [line], **more}}


@pytest.mark.parametrize(
    ("query", "variables", "message"),
    [
        (
            BILL,
            bill(unitAmount="12,5"),
            "Variable '$input' has invalid value at .lines[0].unitAmount: '12,5' is not a decimal number such as \"19.99\"",
        ),
        (
            BILL,
            bill(currencyCode="eur"),
            "Variable '$input' has invalid value at .currencyCode: 'eur' is not an ISO 4217 currency code such as EUR or USD",
        ),
        (PART, {"amount": "12,5"}, "Variable '$amount' has invalid value: '12,5' is not a decimal number such as \"19.99\""),
        (
            PART.replace("$amount}", '"12,5"}').replace("($amount: Decimal!)", ""),
            {},
            "Argument 'input' has invalid value at .lines[0].unitAmount: '12,5' is not a decimal number such as \"19.99\"",
        ),
        (
            'mutation { testClockAdvance(input: {to: "tomorrow"}) { userErrors { code } } }',
            {},
            "Argument 'input' has invalid value at .to: 'tomorrow' is not an RFC 3339 date and time such as 2026-01-31T12:00:00Z",
        ),
    ],
    ids=["in a variable", "another scalar", "a part of an input", "a literal", "another subgraph"],
)
async def test_the_field_is_named_through_the_router_and_by_the_subgraph(
    system: RunningSystem, shop: Shop, query: str, variables: dict[str, Any], message: str
) -> None:
    subgraph = "subscription" if "testClock" in query else "invoice"
    for url in (system.graphql_url, system.service_url(subgraph) + "/graphql"):
        answer = await system.graphql(query, variables, token=await shop.token(), url=url)
        [error] = answer["errors"]
        assert (error["message"], error["extensions"]["code"]) == (message, "BAD_USER_INPUT")
