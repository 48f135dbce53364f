"""What others are told of tenants and clients."""

import json

from subgraphs.auth.commands.create_oauth_client import create_oauth_client
from subgraphs.auth.commands.create_tenant import create_tenant
from subgraphs.auth.commands.ensure_operator import ensure_operator
from subgraphs.auth.commands.revoke_oauth_client import revoke_oauth_client
from subgraphs.auth.domain.client_secret import hash_secret
from subgraphs.auth.domain.oauth_client import OAuthClient
from subgraphs.auth.domain.scopes import OPERATOR_TENANT, SCOPES, TENANT_SCOPES
from subgraphs.auth.domain.tenant import Tenant
from subgraphs.auth.published import json_schemas, publish
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from tests.testkit.memory import context, repository

FIRST, SECOND = "first-secret-of-the-operator-0123456789", "second-secret-of-the-operator-012345678"
OPERATOR = context(tenant=OPERATOR_TENANT, actor="system:bootstrap")


async def test_everything_that_happens_is_told_without_secrets() -> None:
    store = InMemoryEventStore()
    tenants, clients = repository(Tenant, store), repository(OAuthClient, store)
    old = OAuthClient.create("operator", OPERATOR_TENANT, "Operator", ("plans:read",), hash_secret(FIRST), OPERATOR)
    await clients.create(old, OPERATOR)
    await ensure_operator(tenants, clients, "operator", SECOND, OPERATOR)
    await revoke_oauth_client(clients, "operator", OPERATOR)
    told = [
        (event.type, event.data)
        for commit in await store.load(OPERATOR_TENANT, OAuthClient.kind, "operator")
        for event in publish(commit)
    ]
    assert told == [
        ("oauth-client-created.v1", {"clientId": "operator", "name": "Operator", "scopes": ("plans:read",)}),
        ("oauth-client-scopes-changed.v1", {"clientId": "operator", "scopes": SCOPES}),
        ("oauth-client-secret-rotated.v1", {"clientId": "operator"}),
        ("oauth-client-revoked.v1", {"clientId": "operator"}),
    ]


async def test_a_tenant_is_told_in_the_tenant_itself() -> None:
    store = InMemoryEventStore()
    tenant, made = await create_tenant(
        repository(Tenant, store), repository(OAuthClient, store), "Hooli", "First", TENANT_SCOPES, frozenset(SCOPES), OPERATOR
    )
    (commit,) = await store.load(tenant.id, Tenant.kind, tenant.id)
    (event,) = publish(commit)
    assert (commit.tenant, event.type, event.data) == (tenant.id, "tenant-created.v1", {"tenantId": tenant.id, "name": "Hooli"})
    assert made.secret not in repr(store.commits)


async def test_ids_of_events_are_unique_within_a_commit_and_sequence_is_the_version() -> None:
    store = InMemoryEventStore()
    clients = repository(OAuthClient, store)
    made = await create_oauth_client(clients, "x", ("plans:read",), frozenset(SCOPES), context())
    await revoke_oauth_client(clients, made.client.id, context())
    told = [event for commit in await store.load("acme", OAuthClient.kind, made.client.id) for event in publish(commit)]
    assert [event.sequence for event in told] == [1, 2]
    assert len({event.id for event in told}) == 2


def test_every_public_event_has_a_schema_that_mentions_no_secret() -> None:
    schemas = json_schemas()
    assert sorted(schemas) == [
        "oauth-client-created.v1",
        "oauth-client-revoked.v1",
        "oauth-client-scopes-changed.v1",
        "oauth-client-secret-rotated.v1",
        "tenant-created.v1",
    ]
    properties = {name for schema in schemas.values() for name in schema["properties"]}
    assert properties == {"tenantId", "clientId", "name", "scopes"}
    assert "hash" not in json.dumps(schemas)
