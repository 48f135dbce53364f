"""From the aggregates to their documents."""

from subgraphs.auth.documents import OAuthClientDocument, SecretValue, TenantProfileDocument
from subgraphs.auth.domain.oauth_client import OAuthClient
from subgraphs.auth.domain.tenant import Tenant
from subgraphs.kit.persistence.documents import DocumentProjection

__all__ = ["oauth_client_document", "oauth_client_projection", "tenant_document", "tenant_projection"]


def tenant_projection() -> DocumentProjection[Tenant, TenantProfileDocument]:
    """Return the projection that keeps `tenants`."""
    return DocumentProjection(TenantProfileDocument, tenant_document)


def oauth_client_projection() -> DocumentProjection[OAuthClient, OAuthClientDocument]:
    """Return the projection that keeps `oauth_clients`."""
    return DocumentProjection(OAuthClientDocument, oauth_client_document)


def tenant_document(tenant: Tenant) -> TenantProfileDocument:
    """Return what is read about a tenant in this state."""
    return TenantProfileDocument(
        id=tenant.id,
        tenant=tenant.tenant,
        version=tenant.version,
        name=tenant.created.name,
        created_by=tenant.created.created_by,
        created_at=tenant.created.created_at,
    )


def oauth_client_document(client: OAuthClient) -> OAuthClientDocument:
    """Return what is read about a client in this state."""
    return OAuthClientDocument(
        id=client.id,
        tenant=client.tenant,
        version=client.version,
        name=client.created.name,
        scopes=list(client.scopes),
        secrets=[SecretValue(digest=known.digest, expires_at=known.expires_at) for known in client.secrets],
        created_by=client.created.created_by,
        created_at=client.created.created_at,
        secret_created_at=client.secret_created_at,
        revoked_at=client.revoked_at,
    )
