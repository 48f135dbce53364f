"""Stories of usage, through the router: a share of payments, calls billed on the way, a commitment, a limit."""

from typing import Any

from tests.scenarios import test_stories
from tests.scenarios.test_stories import METER, RECORD, START, Story

story = test_stories.story

FEATURE = "mutation($input: FeatureCreateInput!) { featureCreate(input: $input) { feature { id } userErrors { message } } }"
INCLUDE = "mutation($input: PlanFeatureSetInput!) { planFeatureSet(input: $input) { plan { id } userErrors { field message } } }"
STANDS = """
query($id: ID!, $customer: ID!) {
  planSubscription(id: $id) {
    commitment { committed { amount } billed { amount } remaining { amount } endsAt }
    usage { price { meter { code } } quantity transactions amount { amount } billed { amount } }
  }
  entitlement(customerId: $customer, feature: "calls") { limit balance { used remaining allows(amount: "500") } }
}"""


def euros(minor_units: int) -> dict[str, str]:
    return {"minorUnits": str(minor_units), "currencyCode": "EUR"}


def lines(invoice: dict[str, Any]) -> list[tuple[str, str]]:
    return [(line["description"], line["amount"]["amount"]) for line in invoice["lines"]]


async def test_a_marketplace_is_billed_by_what_it_turns_over(story: Story) -> None:
    calls_meter = (await story.do(METER, code="calls", name="API calls", aggregation="SUM"))["meter"]["id"]
    payments_meter = (await story.do(METER, code="payments", name="Payments", aggregation="TRANSACTIONS"))["meter"]["id"]
    plan, base = await story.price(
        "base", model="FLAT", flatAmount=euros(5000), minimumCommitment={"amount": euros(20_000), "periods": 2}
    )
    _, calls = await story.price(
        "calls", model="PER_UNIT", unitAmount="0.01", meterId=calls_meter, usageThresholds={"amounts": [euros(1000)]}
    )
    _, share = await story.price(
        "payments",
        model="PERCENTAGE",
        meterId=payments_meter,
        transactions={"ratePercent": "1.2", "fee": euros(10)},
        free={"transactions": 3, "amount": euros(50_000)},
    )
    feature = (await story.do(FEATURE, code="calls", name="Calls"))["feature"]["id"]
    await story.do(INCLUDE, planId=plan, featureId=feature, limit=2000, meterId=calls_meter)
    customer = await story.shop.create_customer()
    add_ons = [{"priceId": calls}, {"priceId": share}]
    id = (await story.do(START, customerId=customer, priceId=base, addOns=add_ons))["planSubscription"]["id"]
    await story.until_told(id, lambda told: told["status"] == "ACTIVE")

    await story.advance("2026-01-20T00:00:00Z")
    paid = [("200", "05"), ("100", "06"), ("100", "07"), ("50", "08")]
    events = [("payments", value, f"2026-01-{day}T00:00:00Z") for value, day in paid]
    events += [("calls", "1500", "2026-01-10T00:00:00Z")]
    recorded = [
        {"id": f"e{number}", "planSubscriptionId": id, "meter": meter, "value": value, "at": at}
        for number, (meter, value, at) in enumerate(events)
    ]
    assert (await story.shop.data(RECORD, {"input": {"events": recorded}}))["usageRecordBatch"]["recorded"] == 5
    told = await story.until_told(id, lambda told: len(told["invoices"]["nodes"]) == 2)
    assert lines(told["invoices"]["nodes"][0]) == [("Usage of Calls that reached 10.00 EUR", "15.00")]
    stands = await story.shop.data(STANDS, {"id": id, "customer": customer})
    assert stands["entitlement"] == {"limit": 2000, "balance": {"used": "1500", "remaining": "500", "allows": True}}
    assert stands["planSubscription"]["commitment"] == {
        "committed": {"amount": "200.00"},
        "billed": {"amount": "50.00"},
        "remaining": {"amount": "150.00"},
        "endsAt": "2026-03-01T00:00:00.000Z",
    }
    used = {one["price"]["meter"]["code"]: one for one in stands["planSubscription"]["usage"]}
    assert (used["calls"]["billed"]["amount"], used["payments"]["transactions"]) == ("15.00", 4)
    more = {"id": "more", "planSubscriptionId": id, "meter": "calls", "value": "100", "at": "2026-01-19T00:00:00Z"}
    await story.shop.data(RECORD, {"input": {"events": [more]}})

    await story.advance("2026-02-01T00:00:00Z")
    told = await story.until_told(id, lambda told: len(told["invoices"]["nodes"]) == 3)
    # W11: 50 × 1.2 % + 0.10
    february = [("Base", "50.00"), ("Calls", "16.00"), ("Payments", "0.70"), ("Usage of Calls billed before", "-15.00")]
    assert lines(told["invoices"]["nodes"][0]) == february
    await story.until_told(id, lambda told: all(one["status"] == "PAID" for one in told["invoices"]["nodes"]))

    await story.advance("2026-03-01T00:00:00Z")
    told = await story.until_told(id, lambda told: len(told["invoices"]["nodes"]) == 4)
    # 200.00 − 2 × 50.00 − 16.00 − 0.70
    missing = ("Minimum commitment of Base", "83.30")
    assert lines(told["invoices"]["nodes"][0]) == [("Base", "50.00"), ("Calls", "0.00"), ("Payments", "0.00"), missing]
