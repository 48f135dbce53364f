"""The plan subgraph over HTTP, on real stores."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from subgraphs.kit.settings import Settings
from subgraphs.plan.app import create_app
from tests.testkit.subgraph import RunningSubgraph, run_subgraph
from tests.testkit.websocket import subscribe

BOTH = "plans:read plans:write"
ERRORS = "userErrors { field code message }"


@pytest.fixture
async def catalogue(settings: Settings) -> AsyncIterator[RunningSubgraph]:
    async with run_subgraph(create_app, settings) as running:
        yield running


async def mutate(catalogue: RunningSubgraph, mutation: str, shown: str, /, tenant: str = "ten_a", **input: Any) -> dict[str, Any]:
    type_name = mutation[0].upper() + mutation[1:] + "Input"
    query = f"mutation($input: {type_name}!) {{ {mutation}(input: $input) {{ {shown} {ERRORS} }} }}"
    payload: dict[str, Any] = (await catalogue.data(query, {"input": input}, scopes=BOTH, tenant=tenant))[mutation]
    return payload


async def product(catalogue: RunningSubgraph) -> str:
    id: str = (await mutate(catalogue, "productCreate", "product { id }", name="Analytics"))["product"]["id"]
    return id


async def plan(catalogue: RunningSubgraph, code: str = "team") -> str:
    input = {"productId": await product(catalogue), "code": code, "name": "Team"}
    id: str = (await mutate(catalogue, "planCreate", "plan { id }", **input))["plan"]["id"]
    return id


async def price(catalogue: RunningSubgraph, plan_id: str, **more: Any) -> dict[str, Any]:
    shown = "price { id version model unitAmount flatAmount { minorUnits amount currencyCode } interval { unit count } }"
    terms = {"model": "FLAT", "flatAmount": {"minorUnits": 1900, "currencyCode": "EUR"}, "currencyCode": "EUR"}
    return await mutate(catalogue, "priceCreate", shown, **{**terms, "planId": plan_id, "interval": {"unit": "MONTH"}, **more})


async def test_a_catalogue_is_built_and_read_from_product_to_price(catalogue: RunningSubgraph) -> None:
    plan_id = await plan(catalogue)
    await price(catalogue, plan_id)
    feature = (await mutate(catalogue, "featureCreate", "feature { id }", code="sso", name="Single sign-on"))["feature"]["id"]
    await mutate(catalogue, "planFeatureSet", "plan { id }", planId=plan_id, featureId=feature, limit=5)
    query = """{ products { nodes { name plans { nodes {
      code status features { nodes { limit feature { code } } } prices { nodes { version flatAmount { amount } plan { code } } }
    } } } } }"""
    data = await catalogue.data(query, scopes=BOTH)
    assert data["products"]["nodes"] == [
        {
            "name": "Analytics",
            "plans": {
                "nodes": [
                    {
                        "code": "team",
                        "status": "ACTIVE",
                        "features": {"nodes": [{"limit": 5, "feature": {"code": "sso"}}]},
                        "prices": {"nodes": [{"version": 1, "flatAmount": {"amount": "19.00"}, "plan": {"code": "team"}}]},
                    }
                ]
            },
        }
    ]


async def test_versions_count_per_plan_currency_and_interval(catalogue: RunningSubgraph) -> None:
    plan_id = await plan(catalogue)
    dollars = {"currencyCode": "USD", "flatAmount": {"minorUnits": 1, "currencyCode": "USD"}}
    versions = [
        (await price(catalogue, plan_id, **more))["price"]["version"]
        for more in ({}, {}, {"interval": {"unit": "YEAR"}}, {"interval": {"unit": "MONTH", "count": 3}}, dollars, {})
    ]
    assert versions == [1, 2, 1, 1, 1, 3]


async def test_a_unit_amount_is_exact_to_twelve_decimals(catalogue: RunningSubgraph) -> None:
    plan_id = await plan(catalogue)
    per_unit = {"model": "PER_UNIT", "flatAmount": None}
    created = await price(catalogue, plan_id, **per_unit, unitAmount="0.000000000001")
    assert created["price"]["unitAmount"] == "0.000000000001"
    refused = await price(catalogue, plan_id, **per_unit, unitAmount="0.0000000000001")
    assert (refused["price"], refused["userErrors"][0]["field"]) == (None, ["input", "unitAmount"])


@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({"flatAmount": None}, ["input", "flatAmount"]),
        ({"flatAmount": {"minorUnits": -1, "currencyCode": "EUR"}}, ["input", "flatAmount", "minorUnits"]),
        ({"flatAmount": {"minorUnits": 1, "currencyCode": "USD"}}, ["input", "flatAmount", "currencyCode"]),
        ({"unitAmount": "1"}, ["input", "unitAmount"]),
        ({"interval": {"unit": "YEAR", "count": 4}}, ["input", "interval", "count"]),
        ({"interval": {"unit": "DAY", "count": 0}}, ["input", "interval", "count"]),
        ({"planId": "plan_none"}, ["input", "planId"]),
    ],
)
async def test_a_refused_price_names_the_field(catalogue: RunningSubgraph, input: dict[str, Any], field: list[str]) -> None:
    refused = await price(catalogue, await plan(catalogue), **input)
    assert (refused["price"], [error["field"] for error in refused["userErrors"]]) == (None, [field])


async def test_codes_are_unique_in_a_tenant(catalogue: RunningSubgraph) -> None:
    await plan(catalogue, "team")
    again = await mutate(catalogue, "planCreate", "plan { id }", productId=await product(catalogue), code="team", name="Another")
    assert (again["plan"], again["userErrors"][0]["code"]) == (None, "ALREADY_EXISTS")
    other = await mutate(catalogue, "featureCreate", "feature { code }", tenant="ten_b", code="team", name="Team")
    assert other["feature"] == {"code": "team"}


async def test_an_archived_plan_takes_no_new_price_and_archiving_twice_is_the_same(catalogue: RunningSubgraph) -> None:
    plan_id = await plan(catalogue)
    for _ in range(2):
        assert (await mutate(catalogue, "planArchive", "plan { status }", id=plan_id))["plan"] == {"status": "ARCHIVED"}
    assert (await price(catalogue, plan_id))["userErrors"][0]["code"] == "INVALID_STATE"


async def test_a_plan_says_how_what_it_sells_is_taxed(catalogue: RunningSubgraph) -> None:
    input = {"productId": await product(catalogue), "code": "books", "name": "Books", "taxCategory": "reduced"}
    created = (await mutate(catalogue, "planCreate", "plan { id taxCategory }", **input))["plan"]
    assert created["taxCategory"] == "reduced"
    changed = await mutate(catalogue, "planTaxCategorySet", "plan { taxCategory }", id=created["id"], taxCategory="e-books")
    assert (changed["plan"], changed["userErrors"]) == ({"taxCategory": "e-books"}, [])
    cleared = await mutate(catalogue, "planTaxCategorySet", "plan { taxCategory }", id=created["id"], taxCategory=None)
    assert cleared["plan"] == {"taxCategory": None}
    refused = await mutate(catalogue, "planTaxCategorySet", "plan { id }", id=created["id"], taxCategory="7 %")
    assert [(error["field"], error["code"]) for error in refused["userErrors"]] == [(["input", "taxCategory"], "INVALID_INPUT")]


async def test_a_feature_is_removed_from_a_plan(catalogue: RunningSubgraph) -> None:
    plan_id = await plan(catalogue)
    feature = (await mutate(catalogue, "featureCreate", "feature { id }", code="sso", name="SSO"))["feature"]["id"]
    shown = "plan { features { nodes { feature { code } limit } } }"
    added = await mutate(catalogue, "planFeatureSet", shown, planId=plan_id, featureId=feature)
    assert added["plan"]["features"]["nodes"] == [{"feature": {"code": "sso"}, "limit": None}]
    removed = await mutate(catalogue, "planFeatureRemove", shown, planId=plan_id, featureId=feature)
    assert removed["plan"]["features"]["nodes"] == []


async def test_another_tenant_sees_nothing(catalogue: RunningSubgraph) -> None:
    plan_id = await plan(catalogue)
    representations = [{"__typename": "Plan", "id": plan_id}]
    query = """query($id: ID!, $r: [_Any!]!) {
      plan(id: $id) { code } plans { nodes { code } } _entities(representations: $r) { ... on Plan { code } }
    }"""
    data = await catalogue.data(query, {"id": plan_id, "r": representations}, scopes=BOTH, tenant="ten_b")
    assert data == {"plan": None, "plans": {"nodes": []}, "_entities": [None]}


async def test_reading_needs_the_scope_and_writing_another(catalogue: RunningSubgraph) -> None:
    answer = await catalogue.graphql("{ plans { nodes { id } } }", scopes="customers:read")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"
    answer = await catalogue.graphql('mutation { productCreate(input: {name: "x"}) { product { id } } }', scopes="plans:read")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"
    assert (await catalogue.data("{ products { nodes { id } } }", scopes=BOTH))["products"]["nodes"] == []


async def test_more_nodes_than_anyone_can_read_are_refused_before_anything_is_read(catalogue: RunningSubgraph) -> None:
    lists = "products(first: 100) { nodes { plans(first: $n) { nodes { prices(first: 100) { nodes { id } } } } } }"
    query = f"query($n: Int) {{ {lists} }}"
    assert "errors" not in await catalogue.graphql(query, {"n": 10}, scopes=BOTH)
    answer = await catalogue.graphql(query, {"n": 100}, scopes=BOTH)
    # 100 + 100 * 100 + 100 * 100 * 100
    assert answer["errors"] == [
        {
            "message": "the operation can return 1010100 nodes; at most 500000 are allowed",
            "extensions": {"code": "TOO_MANY_NODES"},
        }
    ]


async def test_limits_hold_over_a_websocket_too(catalogue: RunningSubgraph) -> None:
    deep = "{ products { nodes { " + "plans { nodes { product { " * 7 + "id" + " } } }" * 7 + " } } }"
    async with subscribe(catalogue.session, f"{catalogue.url}/graphql", catalogue.token(BOTH), deep) as refused:
        message = await refused.message()
    errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
    assert [error["message"] for error in errors] == ["the operation is 24 fields deep; at most 20 are allowed"]


async def test_products_and_prices_are_found_by_ones_own_id(catalogue: RunningSubgraph) -> None:
    created = (await mutate(catalogue, "productCreate", "product { id externalId }", name="Analytics", externalId="prod_1"))[
        "product"
    ]
    assert created["externalId"] == "prod_1"
    again = await mutate(catalogue, "productCreate", "product { id }", name="Other", externalId="prod_1")
    assert [(error["field"], error["code"]) for error in again["userErrors"]] == [(["input", "externalId"], "ALREADY_EXISTS")]
    plan_id = await plan(catalogue)
    priced = (await price(catalogue, plan_id, externalId="price_1"))["price"]
    await price(catalogue, plan_id)
    data = await catalogue.data(
        """query($plan: ID!) {
          products(where: {externalId: "prod_1"}) { nodes { id } }
          prices(where: {externalId: "price_1", status: ACTIVE, planId: $plan}) { nodes { id externalId } }
          none: prices(where: {externalId: "price_2"}) { nodes { id } }
        }""",
        {"plan": plan_id},
        scopes=BOTH,
    )
    assert data == {
        "products": {"nodes": [{"id": created["id"]}]},
        "prices": {"nodes": [{"id": priced["id"], "externalId": "price_1"}]},
        "none": {"nodes": []},
    }
