"""Clients and tenants over GraphQL, on real stores."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from subgraphs.auth.app import create_app
from subgraphs.auth.domain.scopes import TENANT_SCOPES
from subgraphs.auth.settings import AuthSettings
from subgraphs.kit.persistence.mongo import connect
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

ALL = " ".join(TENANT_SCOPES)
CREATE = """
mutation($input: OAuthClientCreateInput!) {
  oauthClientCreate(input: $input) {
    oauthClient { id name scopes revokedAt createdBy { id } } clientSecret userErrors { field code }
  }
}"""
ROTATE = """
mutation($input: OAuthClientRotateSecretInput!) {
  oauthClientRotateSecret(input: $input) { oauthClient { id } clientSecret userErrors { field code } }
}"""
REVOKE = """
mutation($input: OAuthClientRevokeInput!) {
  oauthClientRevoke(input: $input) { oauthClient { id revokedAt } userErrors { field code } }
}"""
TENANT = """
mutation($input: TenantCreateInput!) {
  tenantCreate(input: $input) { tenant { id name } clientId clientSecret userErrors { field code } }
}"""
BY_ID = "query($id: ID!) { oauthClient(id: $id) { name scopes } }"
LIST = """
query($first: Int, $after: String) {
  oauthClients(first: $first, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } }
}"""
ENTITIES = "query($r: [_Any!]!) { _entities(representations: $r) { ... on OAuthClient { id name } } }"
VIEWER = "{ viewer { clientId tenantId scopes tenant { id } } }"


@pytest.fixture
async def auth(auth_settings: AuthSettings) -> AsyncIterator[RunningSubgraph]:
    """The subgraph with the test's keys, so that a test can be any client of any tenant."""
    async with run_subgraph(create_app, auth_settings) as running:
        yield running


async def create(auth: RunningSubgraph, name: str = "Back office", tenant: str = "ten_a", scopes: str = ALL) -> str:
    data = await auth.data(CREATE, {"input": {"name": name, "scopes": ["plans:read"]}}, scopes=scopes, tenant=tenant)
    assert data["oauthClientCreate"]["userErrors"] == []
    id: str = data["oauthClientCreate"]["oauthClient"]["id"]
    return id


async def test_a_created_client_is_read_back_without_its_secret(auth: RunningSubgraph) -> None:
    data = await auth.data(CREATE, {"input": {"name": "Back office", "scopes": ["plans:write", "plans:read"]}}, scopes=ALL)
    made = data["oauthClientCreate"]
    assert made["clientSecret"].startswith("tbs_")
    assert made["oauthClient"] | {"id": ""} == {
        "id": "",
        "name": "Back office",
        "scopes": ["plans:read", "plans:write"],
        "revokedAt": None,
        "createdBy": None,  # the token's client, "client-1", is none of this tenant's
    }
    read = await auth.data(BY_ID, {"id": made["oauthClient"]["id"]}, scopes=ALL)
    assert read["oauthClient"] == {"name": "Back office", "scopes": ["plans:read", "plans:write"]}
    answer = await auth.graphql("{ oauthClients { nodes { clientSecret } } }", scopes=ALL)
    assert "Cannot query field 'clientSecret'" in answer["errors"][0]["message"]


async def test_scopes_that_the_callers_token_lacks_are_refused(auth: RunningSubgraph) -> None:
    little = "clients:write clients:read plans:read"
    variables = {"input": {"name": "x", "scopes": ["plans:read", "invoices:write"]}}
    data = await auth.data(CREATE, variables, scopes=little)
    assert data["oauthClientCreate"] == {
        "oauthClient": None,
        "clientSecret": None,
        "userErrors": [{"field": ["input", "scopes"], "code": "SCOPE_NOT_HELD"}],
    }
    made = await auth.data(CREATE, variables, scopes=ALL)
    id = made["oauthClientCreate"]["oauthClient"]["id"]
    data = await auth.data(ROTATE, {"input": {"id": id}}, scopes=little)
    assert data["oauthClientRotateSecret"] == {
        "oauthClient": None,
        "clientSecret": None,
        "userErrors": [{"field": ["input", "id"], "code": "SCOPE_NOT_HELD"}],
    }


@pytest.mark.parametrize(
    ("query", "root", "input", "field", "code"),
    [
        (CREATE, "oauthClientCreate", {"name": " ", "scopes": ["plans:read"]}, "name", "INVALID_INPUT"),
        (CREATE, "oauthClientCreate", {"name": "x", "scopes": []}, "scopes", "INVALID_INPUT"),
        (CREATE, "oauthClientCreate", {"name": "x", "scopes": ["plans:delete"]}, "scopes", "INVALID_INPUT"),
        (CREATE, "oauthClientCreate", {"name": "x", "scopes": ["tenants:write"]}, "scopes", "INVALID_INPUT"),
        (ROTATE, "oauthClientRotateSecret", {"id": "cli_none"}, "id", "NOT_FOUND"),
        (REVOKE, "oauthClientRevoke", {"id": "cli_none"}, "id", "NOT_FOUND"),
    ],
)
async def test_a_refusal_names_the_field(
    auth: RunningSubgraph, query: str, root: str, input: dict[str, Any], field: str, code: str
) -> None:
    data = await auth.data(query, {"input": input}, scopes=ALL)
    assert data[root]["userErrors"] == [{"field": ["input", field], "code": code}]


async def test_revoking_twice_shows_the_same_time(auth: RunningSubgraph) -> None:
    id = await create(auth)
    first = await auth.data(REVOKE, {"input": {"id": id}}, scopes=ALL)
    assert first["oauthClientRevoke"]["oauthClient"]["revokedAt"] is not None
    assert await auth.data(REVOKE, {"input": {"id": id}}, scopes=ALL) == first
    data = await auth.data(ROTATE, {"input": {"id": id}}, scopes=ALL)
    assert data["oauthClientRotateSecret"]["userErrors"] == [{"field": None, "code": "INVALID_STATE"}]


async def test_clients_are_listed_newest_first(auth: RunningSubgraph) -> None:
    for name in ("one", "two", "three"):
        await create(auth, name)
    page = (await auth.data(LIST, {"first": 2}, scopes=ALL))["oauthClients"]
    assert [node["name"] for node in page["nodes"]] == ["three", "two"]
    rest = (await auth.data(LIST, {"after": page["pageInfo"]["endCursor"]}, scopes=ALL))["oauthClients"]
    assert [node["name"] for node in rest["nodes"]] == ["one"]
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_another_tenants_clients_do_not_exist(auth: RunningSubgraph) -> None:
    id = await create(auth)
    assert await auth.data(BY_ID, {"id": id}, scopes=ALL, tenant="ten_b") == {"oauthClient": None}
    assert (await auth.data(LIST, scopes=ALL, tenant="ten_b"))["oauthClients"]["nodes"] == []
    representations = [{"__typename": "OAuthClient", "id": id}]
    assert await auth.data(ENTITIES, {"r": representations}, scopes=ALL, tenant="ten_b") == {"_entities": [None]}
    for query, root in ((ROTATE, "oauthClientRotateSecret"), (REVOKE, "oauthClientRevoke")):
        data = await auth.data(query, {"input": {"id": id}}, scopes=ALL, tenant="ten_b")
        assert data[root]["userErrors"] == [{"field": ["input", "id"], "code": "NOT_FOUND"}]


async def test_entities_come_in_the_order_of_their_representations(auth: RunningSubgraph) -> None:
    ids = [await create(auth, name) for name in ("one", "two")]
    representations = [{"__typename": "OAuthClient", "id": id} for id in (ids[1], "system:billing", ids[0])]
    data = await auth.data(ENTITIES, {"r": representations}, scopes="clients:read")
    assert data["_entities"] == [{"id": ids[1], "name": "two"}, None, {"id": ids[0], "name": "one"}]


@pytest.mark.parametrize(
    ("query", "variables", "scopes"),
    [
        (CREATE, {"input": {"name": "x", "scopes": ["plans:read"]}}, "clients:read"),
        (ROTATE, {"input": {"id": "cli_1"}}, "clients:read"),
        (REVOKE, {"input": {"id": "cli_1"}}, "clients:read"),
        (TENANT, {"input": {"name": "x"}}, ALL),
        (BY_ID, {"id": "cli_1"}, "clients:write"),
        (LIST, {}, "clients:write"),
        ("{ auditEntries { nodes { id } } }", {}, "clients:read clients:write"),
        (ENTITIES, {"r": [{"__typename": "OAuthClient", "id": "cli_1"}]}, "customers:read"),
    ],
)
async def test_each_field_needs_its_scope(auth: RunningSubgraph, query: str, variables: dict[str, Any], scopes: str) -> None:
    answer = await auth.graphql(query, variables, scopes=scopes)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"


async def test_a_viewer_is_who_the_token_says_and_nobody_without_one(auth: RunningSubgraph) -> None:
    data = await auth.data(VIEWER, scopes="plans:read audit:read")
    viewer = {"clientId": "client-1", "tenantId": "ten_a", "scopes": ["audit:read", "plans:read"], "tenant": None}
    assert data == {"viewer": viewer}
    status, answer = await auth.send(VIEWER)
    assert (status, answer["data"]) == (200, {"viewer": None})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"


async def test_a_created_tenant_is_entered_with_its_first_client(auth: RunningSubgraph) -> None:
    operator = f"{ALL} tenants:write"
    made = (await auth.data(TENANT, {"input": {"name": "Hooli"}}, scopes=operator, tenant="operator"))["tenantCreate"]
    assert made["userErrors"] == []
    grant = {"grant_type": "client_credentials", "client_id": made["clientId"], "client_secret": made["clientSecret"]}
    async with auth.session.post(f"{auth.url}/oauth/token", data=grant) as response:
        assert (response.status, (await response.json())["scope"]) == (200, ALL)
    inside = await auth.data(
        "{ oauthClients { nodes { id name } } viewer { tenant { name } } }", scopes=ALL, tenant=made["tenant"]["id"]
    )
    assert inside == {
        "oauthClients": {"nodes": [{"id": made["clientId"], "name": "First client"}]},
        "viewer": {"tenant": {"name": "Hooli"}},
    }


async def test_an_operator_that_holds_little_gives_little(auth: RunningSubgraph) -> None:
    data = await auth.data(TENANT, {"input": {"name": "Hooli"}}, scopes="tenants:write", tenant="operator")
    assert data["tenantCreate"]["userErrors"] == [{"field": ["input", "scopes"], "code": "SCOPE_NOT_HELD"}]
    variables = {"input": {"name": "Hooli", "scopes": ["plans:read"]}}
    data = await auth.data(TENANT, variables, scopes="tenants:write plans:read", tenant="operator")
    assert data["tenantCreate"]["userErrors"] == []


async def test_a_repeated_request_creates_no_second_client_and_shows_the_secret_once(auth: RunningSubgraph) -> None:
    input = {"name": "Back office", "scopes": ["plans:read"], "idempotencyKey": "k1"}
    first = (await auth.data(CREATE, {"input": input}, scopes=ALL))["oauthClientCreate"]
    assert first["clientSecret"].startswith("tbs_")
    again = (await auth.data(CREATE, {"input": input}, scopes=ALL))["oauthClientCreate"]
    assert again == {**first, "clientSecret": None}
    assert len((await auth.data(LIST, scopes=ALL))["oauthClients"]["nodes"]) == 1

    rotate = {"id": first["oauthClient"]["id"], "idempotencyKey": "k1"}
    rotated = (await auth.data(ROTATE, {"input": rotate}, scopes=ALL))["oauthClientRotateSecret"]
    assert rotated["clientSecret"] not in (None, first["clientSecret"])
    again = (await auth.data(ROTATE, {"input": rotate}, scopes=ALL))["oauthClientRotateSecret"]
    assert again == {**rotated, "clientSecret": None}


async def test_a_secret_is_not_among_what_is_kept_of_a_write(auth: RunningSubgraph, auth_settings: AuthSettings) -> None:
    input = {"name": "Back office", "scopes": ["plans:read"], "idempotencyKey": "k1"}
    secret = (await auth.data(CREATE, {"input": input}, scopes=ALL))["oauthClientCreate"]["clientSecret"]
    async with connect(auth_settings, "auth") as database:
        [kept] = [write async for write in database["idempotent_writes"].find()]
    assert b"Back office" in kept["answer"]
    assert secret.encode() not in kept["answer"]
