"""Given events, when a command, then events."""

from datetime import timedelta

import pytest

from subgraphs.auth.commands.create_oauth_client import ClientCredentials, create_oauth_client
from subgraphs.auth.commands.create_tenant import create_tenant
from subgraphs.auth.commands.ensure_operator import ensure_operator
from subgraphs.auth.commands.revoke_oauth_client import revoke_oauth_client
from subgraphs.auth.commands.rotate_oauth_client_secret import rotate_oauth_client_secret
from subgraphs.auth.domain.client_secret import hash_secret
from subgraphs.auth.domain.errors import ScopeNotHeld
from subgraphs.auth.domain.events import (
    OAuthClientCreated,
    OAuthClientRevoked,
    OAuthClientScopesChanged,
    OAuthClientSecretRotated,
    TenantCreated,
)
from subgraphs.auth.domain.oauth_client import OAuthClient, SecretHash
from subgraphs.auth.domain.scopes import OPERATOR_TENANT, SCOPES, TENANT_SCOPES
from subgraphs.auth.domain.tenant import Tenant
from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from tests.testkit.memory import AT, context, events_of, repository

HELD = frozenset(TENANT_SCOPES)
OPERATOR = context(tenant=OPERATOR_TENANT, actor="system:bootstrap")


class Auth:
    def __init__(self) -> None:
        self.store = InMemoryEventStore()
        self.clients = repository(OAuthClient, self.store)
        self.tenants = repository(Tenant, self.store)

    async def create(self, *scopes: str, held: frozenset[str] = HELD) -> ClientCredentials:
        return await create_oauth_client(self.clients, "Back office", scopes or ("plans:read",), held, context())

    async def rotate(self, id: str, overlap: timedelta = timedelta(), held: frozenset[str] = HELD) -> ClientCredentials:
        return await rotate_oauth_client_secret(self.clients, id, overlap, held, context())


@pytest.fixture
def auth() -> Auth:
    return Auth()


async def test_a_client_keeps_the_digest_of_its_secret_only(auth: Auth) -> None:
    made = await auth.create("plans:write", "plans:read", "plans:read")
    assert await events_of(auth.store, OAuthClient, made.client.id) == [
        OAuthClientCreated(
            name="Back office",
            scopes=("plans:read", "plans:write"),
            secret_hash=hash_secret(made.secret),
            created_by="client_1",
            created_at=AT,
        )
    ]
    assert made.secret not in repr(auth.store.commits) + repr(made)
    assert len(made.secret.removeprefix("tbs_")) == 43  # 256 bits in base64url: 32 bytes * 8 / 6, rounded up


async def test_two_clients_have_different_secrets(auth: Auth) -> None:
    assert (await auth.create()).secret != (await auth.create()).secret


async def test_a_scope_the_caller_lacks_cannot_be_given(auth: Auth) -> None:
    with pytest.raises(ScopeNotHeld) as refused:
        await auth.create("plans:read", "invoices:write", "audit:read", held=frozenset({"clients:write", "plans:read"}))
    assert refused.value.scopes == ("audit:read", "invoices:write")
    assert refused.value.field == ("scopes",)
    assert auth.store.commits == {}


async def test_the_operators_scope_stays_in_the_operators_tenant(auth: Auth) -> None:
    with pytest.raises(InvalidInput, match="operator's tenant only"):
        await auth.create("tenants:write", held=frozenset(SCOPES))


@pytest.mark.parametrize(("scopes", "message"), [((), "at least one"), (("plans:delete",), "'plans:delete' is not a scope")])
async def test_scopes_are_known_ones(auth: Auth, scopes: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        await create_oauth_client(auth.clients, "x", scopes, HELD, context())
    assert refused.value.field == ("scopes",)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
async def test_a_name_has_1_to_200_characters(auth: Auth, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_oauth_client(auth.clients, name, ("plans:read",), HELD, context())
    assert refused.value.field == ("name",)


async def test_a_rotated_secret_lets_the_former_one_work_for_the_overlap(auth: Auth) -> None:
    made = await auth.create()
    rotated = await auth.rotate(made.client.id, timedelta(hours=1))
    assert rotated.secret != made.secret
    assert rotated.client.secrets == (
        SecretHash(digest=hash_secret(rotated.secret)),
        SecretHash(digest=hash_secret(made.secret), expires_at=AT + timedelta(hours=1)),
    )
    again = await auth.rotate(made.client.id)
    assert [known.digest for known in again.client.secrets] == [hash_secret(again.secret), hash_secret(rotated.secret)]
    assert (await events_of(auth.store, OAuthClient, made.client.id))[2:] == [
        OAuthClientSecretRotated(secret_hash=hash_secret(again.secret), previous_expires_at=AT, rotated_at=AT)
    ]


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=7, seconds=1)])
async def test_an_overlap_is_bounded(auth: Auth, overlap: timedelta) -> None:
    made = await auth.create()
    with pytest.raises(InvalidInput, match="604800") as refused:  # 7 * 24 * 3600
        await auth.rotate(made.client.id, overlap)
    assert refused.value.field == ("overlapSeconds",)


async def test_the_secret_of_a_mightier_client_cannot_be_taken_over(auth: Auth) -> None:
    made = await auth.create("plans:read", "invoices:write")
    with pytest.raises(ScopeNotHeld, match="invoices:write"):
        await auth.rotate(made.client.id, held=frozenset({"clients:write", "plans:read"}))
    assert len(auth.store.commits) == 1


async def test_revoking_twice_is_one_event_and_final(auth: Auth) -> None:
    id = (await auth.create()).client.id
    await revoke_oauth_client(auth.clients, id, context())
    await revoke_oauth_client(auth.clients, id, context())
    assert (await events_of(auth.store, OAuthClient, id))[1:] == [OAuthClientRevoked(revoked_at=AT)]
    with pytest.raises(InvalidState, match="revoked"):
        await auth.rotate(id)


async def test_another_tenants_client_does_not_exist(auth: Auth) -> None:
    id = (await auth.create()).client.id
    with pytest.raises(NotFound):
        await revoke_oauth_client(auth.clients, id, context(tenant="rival"))


async def test_a_tenant_is_created_with_a_client_inside_it(auth: Auth) -> None:
    caller = context(tenant=OPERATOR_TENANT, actor="operator")
    tenant, made = await create_tenant(auth.tenants, auth.clients, "Hooli", "First", TENANT_SCOPES, frozenset(SCOPES), caller)
    assert (tenant.tenant, made.client.tenant) == (tenant.id, tenant.id)
    assert await events_of(auth.store, Tenant, tenant.id, tenant.id) == [
        TenantCreated(name="Hooli", created_by="operator", created_at=AT)
    ]
    assert await events_of(auth.store, OAuthClient, made.client.id, tenant.id) == [
        OAuthClientCreated(
            name="First", scopes=TENANT_SCOPES, secret_hash=hash_secret(made.secret), created_by="operator", created_at=AT
        )
    ]
    assert {commit.context.tenant for commit in auth.store.commits.values()} == {tenant.id}


@pytest.mark.parametrize(
    ("name", "scopes", "held", "error"),
    [
        ("", ("plans:read",), HELD, InvalidInput),
        ("Hooli", ("tenants:write",), frozenset(SCOPES), InvalidInput),
        ("Hooli", ("plans:read",), frozenset({"tenants:write"}), ScopeNotHeld),
    ],
)
async def test_a_refused_tenant_leaves_nothing(
    auth: Auth, name: str, scopes: tuple[str, ...], held: frozenset[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await create_tenant(auth.tenants, auth.clients, name, "First", scopes, held, OPERATOR)
    assert auth.store.commits == {}


async def test_the_operator_is_made_once_and_follows_the_settings(auth: Auth) -> None:
    first = "first-secret-of-the-operator-0123456789"
    second = "second-secret-of-the-operator-012345678"
    await ensure_operator(auth.tenants, auth.clients, "operator", first, OPERATOR)
    await ensure_operator(auth.tenants, auth.clients, "operator", first, OPERATOR)
    assert len(auth.store.commits) == 2  # the tenant and its client
    client = await ensure_operator(auth.tenants, auth.clients, "operator", second, OPERATOR)
    assert (client.scopes, client.secrets[0].digest) == (SCOPES, hash_secret(second))
    assert client.secrets[1].expires_at == AT


async def test_a_scope_that_is_new_is_given_to_the_operator(auth: Auth) -> None:
    secret = "secret-of-the-operator-0123456789012345"
    old = OAuthClient.create("operator", OPERATOR_TENANT, "Operator", ("tenants:write",), hash_secret(secret), OPERATOR)
    await auth.clients.create(old, OPERATOR)
    await ensure_operator(auth.tenants, auth.clients, "operator", secret, OPERATOR)
    assert (await events_of(auth.store, OAuthClient, "operator", OPERATOR_TENANT))[1:] == [
        OAuthClientScopesChanged(scopes=SCOPES)
    ]


async def test_a_revoked_operator_stays_revoked(auth: Auth) -> None:
    secret = "secret-of-the-operator-0123456789012345"
    await ensure_operator(auth.tenants, auth.clients, "operator", secret, OPERATOR)
    await revoke_oauth_client(auth.clients, "operator", OPERATOR)
    client = await ensure_operator(auth.tenants, auth.clients, "operator", secret + "x", OPERATOR)
    assert client.revoked_at == AT
    assert client.version == 2


async def test_replay_equals_the_live_client(auth: Auth) -> None:
    made = await auth.create()
    client = (await auth.rotate(made.client.id, timedelta(days=7))).client
    assert vars(await auth.clients.get("acme", client.id)) == vars(client)
