"""The only translator from what happens to tenants and OAuth clients to what others are told. Digests of secrets stay here."""

from collections.abc import Iterator, Sequence
from typing import Any

from subgraphs.auth.domain import events
from subgraphs.auth.domain.oauth_client import OAuthClient
from subgraphs.auth.domain.tenant import Tenant
from subgraphs.kit.domain.event import Event
from subgraphs.kit.messaging.envelope import PublicEvent
from subgraphs.kit.messaging.published import Contract, json_schemas_of, public_event
from subgraphs.kit.persistence.commit import Commit

__all__ = ["json_schemas", "publish"]


class TenantCreated(Contract, frozen=True):
    """A tenant exists from now on."""

    event_type = "tenant-created.v1"

    tenant_id: str
    name: str


class OAuthClientCreated(Contract, frozen=True):
    """An OAuth client can get tokens from now on."""

    event_type = "oauth-client-created.v1"

    client_id: str
    name: str
    scopes: tuple[str, ...]


class OAuthClientScopesChanged(Contract, frozen=True):
    """New tokens of an OAuth client allow this from now on."""

    event_type = "oauth-client-scopes-changed.v1"

    client_id: str
    scopes: tuple[str, ...]


class OAuthClientSecretRotated(Contract, frozen=True):
    """An OAuth client has another secret from now on."""

    event_type = "oauth-client-secret-rotated.v1"

    client_id: str


class OAuthClientRevoked(Contract, frozen=True):
    """An OAuth client gets no more tokens."""

    event_type = "oauth-client-revoked.v1"

    client_id: str


_CONTRACTS: tuple[type[Contract], ...] = (
    TenantCreated,
    OAuthClientCreated,
    OAuthClientScopesChanged,
    OAuthClientSecretRotated,
    OAuthClientRevoked,
)
_CODECS = {Tenant.kind: Tenant.codec, OAuthClient.kind: OAuthClient.codec}


def publish(commit: Commit) -> Sequence[PublicEvent]:
    """Return the public events of one commit."""
    decode = _CODECS[commit.kind].decode
    contracts = (
        contract for stored in commit.events for contract in _translate(commit.aggregate_id, decode(stored.type, stored.data))
    )
    return [public_event(commit, number, contract) for number, contract in enumerate(contracts)]


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every public event by its type."""
    return json_schemas_of(_CONTRACTS)


def _translate(id: str, event: Event) -> Iterator[Contract]:
    match event:
        case events.TenantCreated():
            yield TenantCreated(tenant_id=id, name=event.name)
        case events.OAuthClientCreated():
            yield OAuthClientCreated(client_id=id, name=event.name, scopes=event.scopes)
        case events.OAuthClientScopesChanged():
            yield OAuthClientScopesChanged(client_id=id, scopes=event.scopes)
        case events.OAuthClientSecretRotated():
            yield OAuthClientSecretRotated(client_id=id)
        case events.OAuthClientRevoked():
            yield OAuthClientRevoked(client_id=id)
