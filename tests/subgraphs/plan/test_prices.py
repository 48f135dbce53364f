"""Prices of every model over HTTP: created, read back, estimated, refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from subgraphs.kit.settings import Settings
from subgraphs.plan.app import create_app
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

BOTH = "plans:read plans:write"
SHOWN = """
  id model unitAmount flatAmount { amount } packageSize firstTierAtZero
  tiers { upTo unitAmount ratePercent flatAmount { amount } }
  transactions { ratePercent fee { amount } minimum { amount } maximum { amount } }
  free { units transactions amount { amount } } minimum { amount } maximum { amount }"""
CREATE = f"""
mutation($input: PriceCreateInput!) {{
  priceCreate(input: $input) {{ price {{ {SHOWN} }} userErrors {{ field code message }} }}
}}"""
BY_ID = f"query($id: ID!) {{ price(id: $id) {{ {SHOWN} }} }}"
ESTIMATE = """
query($id: ID!, $quantity: BigInt, $transactions: [Decimal!]) { price(id: $id) {
  estimate(quantity: $quantity, transactions: $transactions) { amount { amount } trueUp { amount } explanation }
} }"""
NOTHING = {
    "unitAmount": None,
    "flatAmount": None,
    "packageSize": None,
    "firstTierAtZero": True,
    "tiers": [],
    "transactions": None,
    "free": {"units": "0", "transactions": None, "amount": None},
    "minimum": None,
    "maximum": None,
}


def euros(minor_units: int, currency: str = "EUR") -> dict[str, Any]:
    return {"minorUnits": minor_units, "currencyCode": currency}


class Catalogue:
    def __init__(self, running: RunningSubgraph) -> None:
        self.running, self.plan_id = running, ""

    async def create(self, model: str, **more: Any) -> dict[str, Any]:
        input = {"planId": self.plan_id, "model": model, "currencyCode": "EUR", "interval": {"unit": "MONTH"}, **more}
        payload: dict[str, Any] = (await self.running.data(CREATE, {"input": input}, scopes=BOTH))["priceCreate"]
        return payload

    async def price(self, model: str, **more: Any) -> dict[str, Any]:
        payload = await self.create(model, **more)
        assert payload["userErrors"] == []
        price: dict[str, Any] = payload["price"]
        return price

    async def estimate(self, id: str, **arguments: Any) -> dict[str, Any]:
        data = await self.running.data(ESTIMATE, {"id": id, **arguments}, scopes=BOTH)
        found: dict[str, Any] = data["price"]["estimate"]
        return found


@pytest.fixture
async def catalogue(settings: Settings) -> AsyncIterator[Catalogue]:
    async with run_subgraph(create_app, settings) as running:
        made = Catalogue(running)
        product = await running.data('mutation { productCreate(input: {name: "X"}) { product { id } } }', scopes=BOTH)
        input = {"productId": product["productCreate"]["product"]["id"], "code": "team", "name": "Team"}
        plan = await running.data(
            "mutation($input: PlanCreateInput!) { planCreate(input: $input) { plan { id } } }", {"input": input}, scopes=BOTH
        )
        made.plan_id = plan["planCreate"]["plan"]["id"]
        yield made


async def test_a_price_says_when_a_period_is_billed(catalogue: Catalogue) -> None:
    query = "query($id: ID!) { price(id: $id) { billed } }"
    for more, shown in (({}, "IN_ADVANCE"), ({"billed": "IN_ARREARS"}, "IN_ARREARS")):
        price = await catalogue.price("FLAT", flatAmount=euros(1900), **more)
        data = await catalogue.running.data(query, {"id": price["id"]}, scopes=BOTH)
        assert data == {"price": {"billed": shown}}


TIERS = [{"upTo": "5", "unitAmount": "7"}, {"unitAmount": "6.5", "flatAmount": euros(1000)}]
SHOWN_TIERS = [
    {"upTo": "5", "unitAmount": "7", "ratePercent": None, "flatAmount": {"amount": "0.00"}},
    {"upTo": None, "unitAmount": "6.5", "ratePercent": None, "flatAmount": {"amount": "10.00"}},
]


@pytest.mark.parametrize(
    ("model", "input", "shown", "arguments", "amount", "explanation"),
    [
        ("FLAT", {"flatAmount": euros(1900)}, {"flatAmount": {"amount": "19.00"}}, {"quantity": 3}, "19.00", "19.00 EUR flat"),
        (
            "PER_UNIT",
            {"unitAmount": "0.000000000001", "minimum": euros(1), "maximum": euros(2)},
            {"unitAmount": "0.000000000001", "minimum": {"amount": "0.01"}, "maximum": {"amount": "0.02"}},
            {"quantity": "500"},
            "0.01",
            "500 × 0.000000000001 EUR, raised to the minimum of 0.01 EUR",
        ),
        (
            "PACKAGE",
            {"unitAmount": "5", "packageSize": 100, "free": {"units": 100}},
            {"unitAmount": "5", "packageSize": "100", "free": {"units": "100", "transactions": None, "amount": None}},
            {"quantity": 201},
            "10.00",
            "2 × 5.00 EUR per 100 (100 of 201 free)",
        ),
        (
            "GRADUATED",
            {"tiers": TIERS},
            {"tiers": SHOWN_TIERS},
            {"quantity": 6},
            "51.50",
            "5 × 7.00 EUR + 1 × 6.50 EUR + 10.00 EUR flat",
        ),
        (
            "VOLUME",
            {"tiers": TIERS, "firstTierAtZero": False},
            {"tiers": SHOWN_TIERS, "firstTierAtZero": False},
            {"quantity": 6},
            "49.00",
            "6 × 6.50 EUR + 10.00 EUR flat",
        ),
        (
            "STAIRSTEP",
            {"tiers": [{"upTo": "5", "flatAmount": euros(500)}, {"flatAmount": euros(900)}]},
            {
                "tiers": [
                    {"upTo": "5", "unitAmount": "0", "ratePercent": None, "flatAmount": {"amount": "5.00"}},
                    {"upTo": None, "unitAmount": "0", "ratePercent": None, "flatAmount": {"amount": "9.00"}},
                ]
            },
            {"quantity": 5},
            "5.00",
            "5.00 EUR for 5, up to 5",
        ),
        (
            "PERCENTAGE",
            {
                "transactions": {"ratePercent": "1.2", "fee": euros(10), "maximum": euros(900)},
                "free": {"transactions": 3, "amount": euros(50_000)},
            },
            {
                "transactions": {
                    "ratePercent": "1.2",
                    "fee": {"amount": "0.10"},
                    "minimum": None,
                    "maximum": {"amount": "9.00"},
                },
                "free": {"units": "0", "transactions": 3, "amount": {"amount": "500.00"}},
            },
            {"transactions": ["200", "100", "100", "50"]},
            "0.70",
            "1.2 % of 450.00 EUR and 0.10 EUR each in 4 transactions, 3 of them free",
        ),
        (
            "GRADUATED_PERCENTAGE",
            {"tiers": [{"upTo": "1000", "ratePercent": "1", "flatAmount": euros(20_000)}, {"ratePercent": "2"}]},
            {
                "tiers": [
                    {"upTo": "1000", "unitAmount": None, "ratePercent": "1", "flatAmount": {"amount": "200.00"}},
                    {"upTo": None, "unitAmount": None, "ratePercent": "2", "flatAmount": {"amount": "0.00"}},
                ]
            },
            {"transactions": ["500", "550"]},
            "211.00",  # 1000 * 1 % + 200 + 50 * 2 %
            "1 % of 1000.00 EUR + 200.00 EUR flat + 2 % of 50.00 EUR",
        ),
    ],
)
async def test_a_price_is_read_back_and_estimated(
    catalogue: Catalogue,
    model: str,
    input: dict[str, Any],
    shown: dict[str, Any],
    arguments: dict[str, Any],
    amount: str,
    explanation: str,
) -> None:
    price = await catalogue.price(model, **input)
    assert price == {"id": price["id"], "model": model, **NOTHING, **shown}
    assert (await catalogue.running.data(BY_ID, {"id": price["id"]}, scopes=BOTH))["price"] == price
    estimate = await catalogue.estimate(price["id"], **arguments)
    assert (estimate["amount"]["amount"], estimate["explanation"]) == (amount, explanation)


@pytest.mark.parametrize(
    ("model", "input", "field"),
    [
        ("PACKAGE", {"unitAmount": "5"}, ["packageSize"]),
        ("GRADUATED", {}, ["tiers"]),
        ("GRADUATED", {"tiers": TIERS[:1]}, ["tiers", "0", "upTo"]),
        ("GRADUATED", {"tiers": [{"ratePercent": "1"}]}, ["tiers", "0", "ratePercent"]),
        ("GRADUATED", {"tiers": [{"flatAmount": euros(1, "USD")}]}, ["tiers", "0", "flatAmount", "currencyCode"]),
        ("GRADUATED_PERCENTAGE", {"tiers": [{"unitAmount": "1"}]}, ["tiers", "0", "unitAmount"]),
        ("GRADUATED_PERCENTAGE", {"tiers": [{"ratePercent": "101"}]}, ["tiers", "0", "ratePercent"]),
        ("PERCENTAGE", {}, ["transactions"]),
        ("PERCENTAGE", {"transactions": {"ratePercent": "101"}}, ["transactions", "ratePercent"]),
        ("PERCENTAGE", {"transactions": {"ratePercent": "1", "fee": euros(-1)}}, ["transactions", "fee"]),
        ("PERCENTAGE", {"transactions": {"ratePercent": "1", "fee": euros(1, "USD")}}, ["transactions", "fee", "currencyCode"]),
        ("PER_UNIT", {"unitAmount": "1", "transactions": {"ratePercent": "1"}}, ["transactions"]),
        ("PER_UNIT", {"unitAmount": "1", "free": {"transactions": 1}}, ["free", "transactions"]),
        ("PER_UNIT", {"unitAmount": "1", "minimum": euros(2), "maximum": euros(1)}, ["maximum"]),
        ("FLAT", {"flatAmount": euros(1), "free": {"units": 1}}, ["free", "units"]),
    ],
)
async def test_a_refused_price_names_the_field(catalogue: Catalogue, model: str, input: dict[str, Any], field: list[str]) -> None:
    payload = await catalogue.create(model, **input)
    assert payload["price"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID_INPUT", ["input", *field])]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "takes a quantity"),
        ({"quantity": -1}, "a quantity is 0 to"),
        ({"quantity": 1, "transactions": ["1"]}, "takes a quantity"),
    ],
)
async def test_an_estimate_of_what_the_model_does_not_take_is_an_error(
    catalogue: Catalogue, arguments: dict[str, Any], message: str
) -> None:
    id = (await catalogue.price("PER_UNIT", unitAmount="1"))["id"]
    answer = await catalogue.running.graphql(ESTIMATE, {"id": id, **arguments}, scopes=BOTH)
    assert answer["data"] == {"price": None}
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert message in answer["errors"][0]["message"]


async def test_estimated_transactions_are_bounded(catalogue: Catalogue) -> None:
    id = (await catalogue.price("PERCENTAGE", transactions={"ratePercent": "1"}))["id"]
    for transactions, message in ((["1"] * 1001, "at most 1000"), (["-1"], "0 to"), (None, "takes transactions")):
        answer = await catalogue.running.graphql(ESTIMATE, {"id": id, "transactions": transactions}, scopes=BOTH)
        assert message in answer["errors"][0]["message"]


async def test_a_price_created_again_with_its_key_is_the_same_one(catalogue: Catalogue) -> None:
    first = await catalogue.create("GRADUATED", tiers=TIERS, idempotencyKey="k1")
    assert first["userErrors"] == []
    assert await catalogue.create("GRADUATED", tiers=TIERS, idempotencyKey="k1") == first
    refused = await catalogue.create("GRADUATED", tiers=TIERS[1:], idempotencyKey="k1")
    assert [error["code"] for error in refused["userErrors"]] == ["IDEMPOTENCY_KEY_REUSED"]
