"""What happens to tenants and OAuth clients. Secrets appear as digests only."""

from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.domain.event import Event

__all__ = [
    "OAuthClientCreated",
    "OAuthClientRevoked",
    "OAuthClientScopesChanged",
    "OAuthClientSecretRotated",
    "TenantCreated",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantCreated(Event):
    name: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClientCreated(Event):
    name: str
    scopes: tuple[str, ...]
    secret_hash: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClientScopesChanged(Event):
    """All scopes as they are from now on."""

    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClientSecretRotated(Event):
    """The former secret works until `previous_expires_at`, any older one no longer."""

    secret_hash: str
    previous_expires_at: datetime
    rotated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClientRevoked(Event):
    revoked_at: datetime
