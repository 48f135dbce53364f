"""Where tenants and OAuth clients are kept."""

from subgraphs.auth.domain.oauth_client import OAuthClient
from subgraphs.auth.domain.tenant import Tenant
from subgraphs.kit.persistence.repository import AggregateRepository

__all__ = ["OAuthClientRepository", "TenantRepository"]

OAuthClientRepository = AggregateRepository[OAuthClient]
TenantRepository = AggregateRepository[Tenant]
