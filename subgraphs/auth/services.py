"""What the auth subgraph's entry points work with, once built."""

from dataclasses import dataclass

from subgraphs.auth.documents import AuditEntryDocument, OAuthClientDocument, TenantProfileDocument
from subgraphs.auth.repository import OAuthClientRepository, TenantRepository
from subgraphs.auth.settings import AuthSettings
from subgraphs.auth.signing_keys import SigningKeys
from subgraphs.kit.domain.clock import Clock
from subgraphs.kit.persistence.documents import TenantReader
from subgraphs.kit.stores import Stores

__all__ = ["AuthServices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthServices:
    """Handed to every resolver as the request context's `deps`, and to the OAuth endpoints."""

    settings: AuthSettings
    stores: Stores
    tenants: TenantRepository
    clients: OAuthClientRepository
    tenant_reader: TenantReader[TenantProfileDocument]
    client_reader: TenantReader[OAuthClientDocument]
    audit_reader: TenantReader[AuditEntryDocument]
    signing_keys: SigningKeys
    clock: Clock
