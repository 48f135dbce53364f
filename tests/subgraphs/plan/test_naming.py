"""What the catalogue calls things is changed, and what is given out no longer archived, over HTTP."""

from typing import Any

import pytest

from subgraphs.kit.persistence.mongo import connect
from tests.subgraphs.plan import test_app
from tests.subgraphs.plan.test_app import BOTH, RunningSubgraph, mutate, plan, price, product

catalogue = test_app.catalogue


async def feature(catalogue: RunningSubgraph, code: str = "sso") -> str:
    made = await mutate(catalogue, "featureCreate", "feature { id }", code=code, name="Singel sign-on", description="x")
    id: str = made["feature"]["id"]
    return id


MAKE = {"product": product, "plan": plan, "feature": feature}


@pytest.mark.parametrize("kind", ["product", "plan", "feature"])
async def test_a_typo_in_a_name_is_mended(catalogue: RunningSubgraph, kind: str) -> None:
    id, shown = await MAKE[kind](catalogue), f"{kind} {{ name description {'' if kind == 'product' else 'code'} }}"

    async def update(**changes: Any) -> Any:
        return await mutate(catalogue, f"{kind}Update", shown, id=id, **changes)

    code = {} if kind == "product" else {"code": "sso" if kind == "feature" else "team"}
    named = {"name": "Single sign-on", "description": None, **code}
    assert await update(name="Single sign-on", description=None) == {kind: named, "userErrors": []}
    assert await update(name="Single sign-on") == {kind: named, "userErrors": []}
    described = {**named, "description": "SAML"}
    assert await update(description="SAML") == {kind: described, "userErrors": []}
    for name in (None, " ", "x" * 201):
        refused = await update(name=name)
        assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("INVALID_INPUT", ["input", "name"])]
    missing = await mutate(catalogue, f"{kind}Update", shown, "rival", id=id, name="x")
    assert [error["code"] for error in missing["userErrors"]] == ["NOT_FOUND"]
    commits = await commits_of(catalogue, id)
    assert commits == [f"{kind.capitalize()}Created", *[f"{kind.capitalize()}Updated"] * 2]


async def test_an_archived_plan_is_renamed_too_and_prices_bear_the_new_name(catalogue: RunningSubgraph) -> None:
    id = await plan(catalogue)
    await mutate(catalogue, "planUpdate", "plan { name }", id=id, name="Business")
    made = (await price(catalogue, id))["price"]["id"]
    async with connect(catalogue.settings, "plan") as database:
        found = await database["commits"].find_one({"aggregate_id": made})
    assert found is not None and found["events"][0]["data"]["plan_name"] == "Business"
    await mutate(catalogue, "planArchive", "plan { id }", id=id)
    renamed = await mutate(catalogue, "planUpdate", "plan { name status }", id=id, name="Business (old)")
    assert renamed["plan"] == {"name": "Business (old)", "status": "ARCHIVED"}


async def test_an_archived_product_takes_no_further_plans_and_its_plans_go_on(catalogue: RunningSubgraph) -> None:
    team = await plan(catalogue)
    products = await catalogue.data("{ products { nodes { id status } } }", scopes=BOTH)
    [shown] = products["products"]["nodes"]
    id = shown["id"]
    assert shown["status"] == "ACTIVE"
    for _ in range(2):
        archived = await mutate(catalogue, "productArchive", "product { status }", id=id)
        assert archived == {"product": {"status": "ARCHIVED"}, "userErrors": []}
    refused = await mutate(catalogue, "planCreate", "plan { id }", productId=id, code="more", name="More")
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("INVALID_STATE", ["input", "productId"])]
    assert (await price(catalogue, team))["userErrors"] == []
    assert await commits_of(catalogue, id) == ["ProductCreated", "ProductArchived"]


async def test_an_archived_feature_is_granted_on_and_included_in_no_further_plan(catalogue: RunningSubgraph) -> None:
    sso, team = await feature(catalogue), await plan(catalogue)
    await mutate(catalogue, "planFeatureSet", "plan { id }", planId=team, featureId=sso, limit=5)
    for _ in range(2):
        archived = await mutate(catalogue, "featureArchive", "feature { status }", id=sso)
        assert archived == {"feature": {"status": "ARCHIVED"}, "userErrors": []}
    changed = await mutate(
        catalogue, "planFeatureSet", "plan { features { nodes { limit } } }", planId=team, featureId=sso, limit=7
    )
    assert changed == {"plan": {"features": {"nodes": [{"limit": 7}]}}, "userErrors": []}
    other = await plan(catalogue, "other")
    refused = await mutate(catalogue, "planFeatureSet", "plan { id }", planId=other, featureId=sso)
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("INVALID_STATE", ["input", "featureId"])]
    assert await commits_of(catalogue, sso) == ["FeatureCreated", "FeatureArchived"]


async def commits_of(catalogue: RunningSubgraph, id: str) -> list[str]:
    async with connect(catalogue.settings, "plan") as database:
        found = database["commits"].find({"aggregate_id": id}).sort("version", 1)
        return [event["type"] async for commit in found for event in commit["events"]]
