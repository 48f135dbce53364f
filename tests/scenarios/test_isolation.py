"""Who may see what: tenants, scopes, and tokens that do not count."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from subgraphs.auth.bootstrap import open_services
from subgraphs.auth.oauth.tokens import AccessTokens
from subgraphs.auth.settings import AuthSettings
from tests.testkit.shop import Shop, open_shop, operation
from tests.testkit.system import RunningSystem
from tests.testkit.websocket import subscribe
from tributary.supervisor.secrets import ENCRYPTION_SECRET, read_secrets

ENTITIES = "query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }"
PAGE = "query ($after: String) { customers(first: 1, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }"
NAMES = "query { customers(first: 10) { nodes { name } } }"


@pytest.fixture(scope="module")
async def stranger(system: RunningSystem) -> Shop:
    """Another tenant."""
    return await open_shop(system, "Globex")


@pytest.fixture(scope="module")
async def sold(shop: Shop, price_id: str) -> dict[str, str]:
    """What the first tenant has, by type: ids."""
    customer_id = await shop.create_customer("Initech")
    plan_subscription_id = await shop.start(customer_id, price_id)
    state = await shop.settled(plan_subscription_id)
    return {
        "Customer": customer_id,
        "PlanSubscription": plan_subscription_id,
        "Price": price_id,
        "Invoice": state["invoices"]["nodes"][0]["id"],
        "OAuthClient": shop.client[0],
    }


async def test_another_tenants_ids_find_nothing(stranger: Shop, sold: dict[str, str]) -> None:
    query = """
    query ($customer: ID!, $subscription: ID!, $price: ID!, $invoice: ID!, $client: ID!) {
      customer(id: $customer) { id }
      planSubscription(id: $subscription) { id }
      price(id: $price) { id }
      invoice(id: $invoice) { id }
      oauthClient(id: $client) { id }
    }"""
    variables = {
        "customer": sold["Customer"],
        "subscription": sold["PlanSubscription"],
        "price": sold["Price"],
        "invoice": sold["Invoice"],
        "client": sold["OAuthClient"],
    }
    assert await stranger.data(query, variables) == dict.fromkeys(
        ("customer", "planSubscription", "price", "invoice", "oauthClient")
    )


async def test_another_tenants_ids_cannot_be_written_to(stranger: Shop, sold: dict[str, str]) -> None:
    await stranger.create_customer("Own")
    input = {"customerId": sold["Customer"], "priceId": sold["Price"]}
    payload = (await stranger.data(operation("PlanSubscriptionStart"), {"input": input}))["planSubscriptionStart"]
    assert payload["planSubscription"] is None
    assert [error["code"] for error in payload["userErrors"]] == ["NOT_FOUND"]


async def test_another_tenants_cursor_shows_nothing_of_it(stranger: Shop, shop: Shop) -> None:
    await shop.create_customer("Older")
    await shop.create_customer("Newer")
    cursor = (await shop.data(PAGE, {"after": None}))["customers"]["pageInfo"]["endCursor"]
    own = {node["name"] for node in (await stranger.data(NAMES))["customers"]["nodes"]}
    answer = await stranger.answer(PAGE, {"after": cursor})
    seen = {node["id"] for node in ((answer.get("data") or {}).get("customers") or {"nodes": []})["nodes"]}
    foreign = {node["id"] for node in (await shop.data("{ customers(first: 50) { nodes { id } } }"))["customers"]["nodes"]}
    assert not own & {"Older", "Newer"}
    assert not seen & foreign


@pytest.mark.parametrize(
    ("subgraph", "type_"),
    [
        ("customer", "Customer"),
        ("subscription", "PlanSubscription"),
        ("plan", "Price"),
        ("invoice", "Invoice"),
        ("auth", "OAuthClient"),
    ],
)
async def test_another_tenants_entity_reference_finds_nothing(
    system: RunningSystem, stranger: Shop, shop: Shop, sold: dict[str, str], subgraph: str, type_: str
) -> None:
    url = f"{system.service_url(subgraph)}/graphql"
    variables = {"representations": [{"__typename": type_, "id": sold[type_]}]}
    foreign = await system.graphql(ENTITIES, variables, token=await stranger.token(), url=url)
    assert foreign["data"] == {"_entities": [None]}
    assert "errors" not in foreign
    own = await system.graphql(ENTITIES, variables, token=await shop.token(), url=url)
    assert own == {"data": {"_entities": [{"__typename": type_}]}}


async def test_another_tenants_channel_is_silent(
    system: RunningSystem, stranger: Shop, shop: Shop, sold: dict[str, str], price_id: str
) -> None:
    query = "subscription ($customerId: ID) { invoiceChanged(customerId: $customerId) { invoice { id } } }"
    everything = "subscription { invoiceChanged { invoice { id } } }"
    url, token = system.graphql_url, await stranger.token()
    async with (
        aiohttp.ClientSession() as session,
        subscribe(session, url, token, query, {"customerId": sold["Customer"]}) as named,
        subscribe(session, url, token, everything) as all_of_it,
        subscribe(session, url, await shop.token(), everything) as own,
    ):
        await asyncio.sleep(0.5)
        await shop.settled(await shop.start(sold["Customer"], price_id))
        assert (await own.data())["invoiceChanged"]["invoice"]
        heard = [asyncio.create_task(feed.message()) for feed in (named, all_of_it)]
        done, _ = await asyncio.wait(heard, timeout=1.5)
        for task in heard:
            task.cancel()
        await asyncio.gather(*heard, return_exceptions=True)
        assert done == set()


async def test_missing_scope_is_the_standard_error_and_the_other_fields_answer(shop: Shop, sold: dict[str, str]) -> None:
    query = """
    query ($customer: ID!, $invoice: ID!) {
      customer(id: $customer) {
        name
        createdBy { id }
        planSubscriptions(first: 1) { nodes { status } }
        invoices(first: 1) { nodes { number } }
      }
      invoice(id: $invoice) { number }
      plans(first: 1) { nodes { code } }
    }"""
    variables = {"customer": sold["Customer"], "invoice": sold["Invoice"]}
    answer = await shop.answer(query, variables, scope="customers:read")
    assert answer["data"] == {
        "customer": {"name": "Initech", "createdBy": None, "planSubscriptions": None, "invoices": None},
        "invoice": None,
        "plans": None,
    }
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"UNAUTHORIZED_FIELD_OR_TYPE"}
    assert sorted(".".join(error["path"]) for error in answer["errors"]) == [
        "customer.createdBy",
        "customer.invoices",
        "customer.planSubscriptions",
        "invoice",
        "plans",
    ]


async def test_going_around_the_router_gains_nothing(system: RunningSystem, shop: Shop, sold: dict[str, str]) -> None:
    answer = await system.graphql(
        "query ($id: ID!) { invoice(id: $id) { number } }",
        {"id": sold["Invoice"]},
        token=await shop.token("customers:read"),
        url=f"{system.service_url('invoice')}/graphql",
    )
    assert answer["data"] == {"invoice": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHORIZED_FIELD_OR_TYPE"]


@pytest.fixture(scope="module")
async def expired(system: RunningSystem, shop: Shop) -> AsyncIterator[str]:
    """A token with the real signature that was good an hour ago."""
    settings = AuthSettings(
        _env_file=None,
        mongodb_uri=system.state("mongodb").url,
        redis_url=system.state("redis").url,
        auth_key_encryption_secret=read_secrets(system.data)[ENCRYPTION_SECRET],
    )
    tokens = AccessTokens(issuer=system.issuer, audience=settings.audience, lifetime=timedelta(minutes=10))
    async with open_services(settings) as auth:
        key = await auth.signing_keys.current()
        at = datetime.now(UTC) - timedelta(hours=1)
        yield tokens.issue(key, client_id=shop.client[0], tenant=shop.tenant, scope="customers:read", at=at)


async def status_and_answer(url: str, token: str) -> tuple[int, str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json={"query": NAMES}, headers={"authorization": f"Bearer {token}"}) as response,
    ):
        return response.status, response.headers.get("www-authenticate", ""), await response.json(content_type=None)


async def assert_refused_everywhere(system: RunningSystem, token: str) -> None:
    for url in (system.graphql_url, f"{system.service_url('customer')}/graphql"):
        status, challenge, answer = await status_and_answer(url, token)
        assert status == 401
        assert challenge.startswith("Bearer")
        assert "data" not in answer or answer["data"] is None


async def test_expired_token_is_refused(system: RunningSystem, expired: str) -> None:
    await assert_refused_everywhere(system, expired)


async def test_tampered_token_is_refused(system: RunningSystem, shop: Shop, stranger: Shop) -> None:
    header, payload, signature = (await shop.token()).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["tenant"] = stranger.tenant
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    await assert_refused_everywhere(system, f"{header}.{forged}.{signature}")


async def test_request_without_a_token_gets_no_data(system: RunningSystem) -> None:
    answer = await system.graphql('{ customer(id: "cus_1") { name } }')
    assert answer["data"] == {"customer": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHORIZED_FIELD_OR_TYPE"]
