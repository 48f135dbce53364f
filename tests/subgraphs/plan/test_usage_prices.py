"""Prices and limits of usage over HTTP: of transactions, with thresholds, with commitments."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from subgraphs.kit.settings import Settings
from subgraphs.plan.app import create_app
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

BOTH = "plans:read plans:write"
METER = """mutation($input: MeterCreateInput!) { meterCreate(input: $input) { meter { id } userErrors { message } } }"""
PRODUCT = """mutation { productCreate(input: {name: "Payments"}) { product { id } } }"""
PLAN = """mutation($id: ID!) { planCreate(input: {productId: $id, code: "pay", name: "Pay"}) { plan { id } } }"""
CREATE = """
mutation($input: PriceCreateInput!) { priceCreate(input: $input) {
  price {
    id meter { id } usageThresholds { amounts { amount } recurring { amount } }
    minimumCommitment { amount { amount } periods ending } partialPeriodAllowances
  }
  userErrors { field message }
} }"""


def euros(minor_units: int) -> dict[str, Any]:
    return {"minorUnits": minor_units, "currencyCode": "EUR"}


class Catalogue:
    def __init__(self, running: RunningSubgraph, plan_id: str) -> None:
        self.running, self.plan_id = running, plan_id

    async def meter(self, aggregation: str) -> str:
        input = {"code": aggregation.lower(), "name": aggregation, "aggregation": aggregation}
        id: str = (await self.running.data(METER, {"input": input}, scopes=BOTH))["meterCreate"]["meter"]["id"]
        return id

    async def create(self, **more: Any) -> dict[str, Any]:
        input = {"planId": self.plan_id, "currencyCode": "EUR", "interval": {"unit": "MONTH"}, **more}
        payload: dict[str, Any] = (await self.running.data(CREATE, {"input": input}, scopes=BOTH))["priceCreate"]
        return payload


@pytest.fixture
async def catalogue(settings: Settings) -> AsyncIterator[Catalogue]:
    async with run_subgraph(create_app, settings) as running:
        product = (await running.data(PRODUCT, scopes=BOTH))["productCreate"]["product"]["id"]
        plan = (await running.data(PLAN, {"id": product}, scopes=BOTH))["planCreate"]["plan"]["id"]
        yield Catalogue(running, plan)


async def test_a_share_of_the_transactions_of_a_meter(catalogue: Catalogue) -> None:
    meter = await catalogue.meter("TRANSACTIONS")
    share = {"transactions": {"ratePercent": "1.2", "fee": euros(10)}, "free": {"transactions": 3}}
    created = await catalogue.create(model="PERCENTAGE", meterId=meter, **share)
    assert created["userErrors"] == []
    assert created["price"]["meter"] == {"id": meter}
    refused = await catalogue.create(model="PERCENTAGE", meterId=await catalogue.meter("SUM"), **share)
    assert [error["field"] for error in refused["userErrors"]] == [["input", "meterId"]]


async def test_thresholds_are_read_back(catalogue: Catalogue) -> None:
    calls: dict[str, Any] = {"model": "PER_UNIT", "unitAmount": "0.01", "meterId": await catalogue.meter("SUM")}
    for thresholds, shown in (
        (None, None),
        ({"recurring": euros(500)}, {"amounts": [], "recurring": {"amount": "5.00"}}),
        ({"amounts": [euros(1), euros(500)]}, {"amounts": [{"amount": "0.01"}, {"amount": "5.00"}], "recurring": None}),
    ):
        created = await catalogue.create(**calls, usageThresholds=thresholds)
        assert (created["userErrors"], created["price"]["usageThresholds"]) == ([], shown)


@pytest.mark.parametrize("aggregation", [None, "LAST", "WEIGHTED_SUM"])
async def test_thresholds_need_a_count_that_goes_up(catalogue: Catalogue, aggregation: str | None) -> None:
    meter = await catalogue.meter(aggregation) if aggregation else None
    recurring = {"recurring": euros(500)}
    refused = await catalogue.create(model="PER_UNIT", unitAmount="1", meterId=meter, usageThresholds=recurring)
    assert [error["field"] for error in refused["userErrors"]] == [["input", "usageThresholds"]]


async def test_whether_allowances_hold_in_a_part_of_a_period_is_read_back(catalogue: Catalogue) -> None:
    calls: dict[str, Any] = {"model": "PER_UNIT", "unitAmount": "0.01", "free": {"units": 100}}
    meter = await catalogue.meter("SUM")
    for given, shown in (({}, "WHOLE"), ({"partialPeriodAllowances": "PROPORTIONAL"}, "PROPORTIONAL")):
        created = await catalogue.create(**calls, meterId=meter, **given)
        assert (created["userErrors"], created["price"]["partialPeriodAllowances"]) == ([], shown)
    refused = await catalogue.create(**calls, partialPeriodAllowances="PROPORTIONAL")
    assert refused["userErrors"] == [
        {
            "field": ["input", "partialPeriodAllowances"],
            "message": "PROPORTIONAL allowances are for usage: name the meter that counts it, or leave them WHOLE",
        }
    ]


async def test_commitments_are_read_back(catalogue: Catalogue) -> None:
    base: dict[str, Any] = {"model": "FLAT", "flatAmount": euros(1900)}
    for commitment, shown in (
        (None, None),
        ({"amount": euros(5000)}, {"amount": {"amount": "50.00"}, "periods": 1, "ending": "PRORATE"}),
        (
            {"amount": euros(30_000), "periods": 12, "ending": "FULL"},
            {"amount": {"amount": "300.00"}, "periods": 12, "ending": "FULL"},
        ),
    ):
        created = await catalogue.create(**base, minimumCommitment=commitment)
        assert (created["userErrors"], created["price"]["minimumCommitment"]) == ([], shown)


@pytest.mark.parametrize(
    ("commitment", "field"),
    [
        ({"amount": euros(0)}, ["amount", "minorUnits"]),
        ({"amount": {"minorUnits": 1, "currencyCode": "USD"}}, ["amount", "currencyCode"]),
        ({"amount": euros(1), "periods": 0}, ["periods"]),
        ({"amount": euros(1), "periods": 121}, ["periods"]),
    ],
)
async def test_a_refused_commitment_names_the_field(catalogue: Catalogue, commitment: dict[str, Any], field: list[str]) -> None:
    refused = await catalogue.create(model="FLAT", flatAmount=euros(1900), minimumCommitment=commitment)
    assert [error["field"] for error in refused["userErrors"]] == [["input", "minimumCommitment", *field]]


FEATURE = """mutation { featureCreate(input: {code: "calls", name: "Calls"}) { feature { id } } }"""
INCLUDE = """
mutation($input: PlanFeatureSetInput!) { planFeatureSet(input: $input) {
  plan { features(first: 2) { nodes { feature { code } limit limitKind meter { id } } } } userErrors { field message }
} }"""


async def test_a_feature_is_included_up_to_a_limit_of_what_a_meter_counts(catalogue: Catalogue) -> None:
    meter = await catalogue.meter("SUM")
    feature = (await catalogue.running.data(FEATURE, scopes=BOTH))["featureCreate"]["feature"]["id"]

    async def include(**more: Any) -> dict[str, Any]:
        input = {"planId": catalogue.plan_id, "featureId": feature, "limit": 1000, **more}
        payload: dict[str, Any] = (await catalogue.running.data(INCLUDE, {"input": input}, scopes=BOTH))["planFeatureSet"]
        return payload

    shown = {"feature": {"code": "calls"}, "limit": 1000}
    for more, metered in (
        ({}, {"limitKind": None, "meter": None}),
        ({"meterId": meter}, {"limitKind": "HARD", "meter": {"id": meter}}),
        ({"meterId": meter, "limitKind": "SOFT"}, {"limitKind": "SOFT", "meter": {"id": meter}}),
    ):
        included = await include(**more)
        assert included["userErrors"] == []
        assert included["plan"]["features"]["nodes"] == [shown | metered]
    refused = await include(limitKind="SOFT")
    assert [error["field"] for error in refused["userErrors"]] == [["input", "limitKind"]]
