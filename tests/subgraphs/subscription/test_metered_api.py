"""What usage comes to, over HTTP with the worker: transactions, thresholds, commitments, metered entitlements."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from subgraphs.kit.messaging.consumer import Received
from tests.subgraphs.subscription import test_app
from tests.subgraphs.subscription.test_app import Subscribing
from tests.testkit.received import received

subscribing = test_app.subscribing

SCOPES = "subscriptions:read subscriptions:write usage:write"
RECORD = """
mutation($input: UsageRecordBatchInput!) { usageRecordBatch(input: $input) { recorded userErrors { field message } } }"""
SHOWN = """
query($id: ID!) { planSubscription(id: $id) {
  usage { price { id } quantity transactions amount { amount } billed { amount } nextThreshold { amount } }
  commitment { committed { amount } billed { amount } remaining { amount } startedAt endsAt }
  currentPeriod { start end }
} }"""


def price(id: str, model: str, **more: Any) -> Received:
    data = {
        "priceId": id,
        "planId": "plan_1",
        "planName": "Team",
        "currency": "EUR",
        "model": model,
        "flatAmountMinor": None,
        "unitAmount": None,
        "intervalUnit": "MONTH",
        "intervalCount": 1,
        "version": 1,
        **more,
    }
    return received("price-created.v1", data, aggregate_id=id)


def meter(id: str, code: str, aggregation: str) -> Received:
    data = {"meterId": id, "code": code, "name": code, "aggregation": aggregation}
    return received("meter-created.v1", data, aggregate_id=id)


@pytest.fixture
async def known(subscribing: Subscribing) -> Subscribing:
    """With a base fee that commits to 300.00 EUR in three months, calls that are billed at 10.00, and a share of payments."""
    commitment = {"commitmentMinor": 30_000, "commitmentPeriods": 3}
    await subscribing.tell(
        "plan",
        meter("mtr_calls", "calls", "SUM"),
        meter("mtr_paid", "payments", "TRANSACTIONS"),
        price("price_base", "FLAT", flatAmountMinor=1900, details=commitment),
        price("price_calls", "PER_UNIT", unitAmount="0.01", meterId="mtr_calls", details={"usageThresholdsMinor": [1000]}),
        price("price_share", "PERCENTAGE", meterId="mtr_paid", details={"ratePercent": "1.2", "transactionFeeMinor": 10}),
    )
    created = {"customerId": "cus_1", "currency": "EUR", "timeZone": "UTC"}
    await subscribing.tell("customer", received("customer-created.v1", created, aggregate_id="cus_1"))
    return subscribing


async def subscribed(known: Subscribing) -> str:
    add_ons = [{"priceId": "price_calls"}, {"priceId": "price_share"}]
    started = await known.start(priceId="price_base", addOns=add_ons)
    assert started["userErrors"] == []
    id: str = started["planSubscription"]["id"]
    await known.payment("invoice-paid.v1", id)
    return id


async def record(known: Subscribing, id: str, *events: tuple[str, str, str]) -> None:
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    told = [{"id": one, "planSubscriptionId": id, "meter": code, "value": value, "at": at} for one, code, value in events]
    payload = (await known.data(RECORD, SCOPES, input={"events": told}))["usageRecordBatch"]
    assert payload == {"recorded": len(told), "userErrors": []}


async def test_usage_is_billed_at_a_threshold_by_the_worker_and_shown(known: Subscribing) -> None:
    id = await subscribed(known)
    await record(known, id, ("p1", "payments", "200"), ("p2", "payments", "50"), ("c1", "calls", "1500"))

    async def shown() -> dict[str, Any]:
        found = (await known.data(SHOWN, SCOPES, id=id))["planSubscription"]
        return {one["price"]["id"]: one for one in found["usage"]}

    async with asyncio.timeout(30):
        while (await shown())["price_calls"]["billed"]["amount"] == "0.00":
            await asyncio.sleep(0.05)
    assert await shown() == {
        "price_calls": {
            "price": {"id": "price_calls"},
            "quantity": "1500",
            "transactions": None,
            "amount": {"amount": "15.00"},
            "billed": {"amount": "15.00"},
            "nextThreshold": None,
        },
        "price_share": {
            "price": {"id": "price_share"},
            "quantity": "250",
            "transactions": 2,
            "amount": {"amount": "3.20"},  # 250 × 1.2 % and two fees
            "billed": {"amount": "0.00"},
            "nextThreshold": None,
        },
    }
    async with asyncio.timeout(30):
        while not (
            told := [
                event for envelope in await known.sent(1) for event in envelope.events if event.type == "adjustments-billed.v1"
            ]
        ):
            await asyncio.sleep(0.05)
    [billed] = told
    [line] = billed.data["adjustments"]
    assert (line["amountMinor"], line["description"]) == (1500, "Usage of calls (Team) that reached 10.00 EUR")


async def test_a_commitment_is_shown(known: Subscribing) -> None:
    found = (await known.data(SHOWN, SCOPES, id=await subscribed(known)))["planSubscription"]
    commitment, period = found["commitment"], found["currentPeriod"]
    assert commitment | {"endsAt": None} == {
        "committed": {"amount": "300.00"},
        "billed": {"amount": "19.00"},
        "remaining": {"amount": "281.00"},
        "startedAt": period["start"],
        "endsAt": None,
    }
    assert commitment["endsAt"] > period["end"]


CHANGE = """
mutation($input: PlanSubscriptionChangeInput!) { planSubscriptionChange(input: $input) { userErrors { message } } }"""
BALANCE = """
query($id: ID!) { entitlement(customerId: $id, feature: "calls") {
  granted limit
  balance {
    planSubscriptionId used remaining over soft resetsAt one: allows five: allows(amount: "5") all: allows(amount: "0.5")
  }
} }"""


async def test_a_customer_may_use_what_is_left_of_the_period(known: Subscribing) -> None:
    feature = {"featureId": "feat_1", "code": "calls", "name": "Calls"}
    limited = {"planId": "plan_1", "featureId": "feat_1", "limit": 10, "meterId": "mtr_calls", "soft": False}
    await known.tell(
        "plan",
        received("feature-created.v1", feature, aggregate_id="feat_1"),
        received("plan-feature-set.v1", limited, aggregate_id="plan_1", sequence=2),
    )

    async def ask() -> dict[str, Any]:
        found: dict[str, Any] = (await known.data(BALANCE, SCOPES, id="cus_1"))["entitlement"]
        return found

    assert await ask() == {"granted": False, "limit": None, "balance": None}
    id = await subscribed(known)
    period = (await known.data(SHOWN, SCOPES, id=id))["planSubscription"]["currentPeriod"]
    nothing = {"planSubscriptionId": id, "over": "0", "soft": False, "resetsAt": period["end"]}
    room = {"used": "0", "remaining": "10", "one": True, "five": True, "all": True}
    assert await ask() == {"granted": True, "limit": 10, "balance": nothing | room}
    await record(known, id, ("c1", "calls", "6"), ("c2", "calls", "3.25"))
    less = {"used": "9.25", "remaining": "0.75", "one": False, "five": False, "all": True}
    assert (await ask())["balance"] == nothing | less

    soft = limited | {"soft": True, "limit": 8}
    await known.tell("plan", received("plan-feature-set.v1", soft, aggregate_id="plan_1", sequence=3))
    over = {"used": "9.25", "remaining": "0", "over": "1.25", "soft": True, "one": True, "five": True, "all": True}
    assert (await ask())["balance"] == nothing | over
    more = limited | {"planId": "plan_2", "limit": 10}
    sold = price("price_more", "FLAT", flatAmountMinor=500, planId="plan_2")
    await known.tell("plan", sold, received("plan-feature-set.v1", more, aggregate_id="plan_2", sequence=2))
    add_ons = [{"priceId": one} for one in ("price_calls", "price_share", "price_more")]
    added = {"id": id, "addOns": add_ons, "when": "NOW"}
    await known.data(CHANGE, SCOPES, input=added)
    # 10 − 9.25 of the add-on's limit, which is more than the 8 of the plan
    assert await ask() == {"granted": True, "limit": 10, "balance": nothing | less}
    await known.data(CHANGE, SCOPES, input=added | {"addOns": add_ons[:2]})
    await known.tell("plan", received("plan-feature-set.v1", {**soft, "meterId": None}, aggregate_id="plan_1", sequence=4))
    assert await ask() == {"granted": True, "limit": 8, "balance": None}
