"""Tenants, OAuth clients and the audit log as the API shows them."""

from datetime import datetime

import strawberry

from subgraphs.auth.documents import AuditEntryDocument, OAuthClientDocument, TenantProfileDocument
from subgraphs.auth.schema.context import Info
from subgraphs.auth.schema.loaders import load_oauth_client
from subgraphs.kit.graphql.pagination import Connection, Edge

__all__ = [
    "AuditEntry",
    "AuditEntryConnection",
    "AuditEntryEdge",
    "OAuthClient",
    "OAuthClientConnection",
    "OAuthClientEdge",
    "Tenant",
    "Viewer",
]


@strawberry.type(description="A business whose billing is kept apart from everybody else's.")
class Tenant:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The tenant's id, as in access tokens.")
    name: str = strawberry.field(description="What the tenant is called.")
    created_at: datetime = strawberry.field(description="When the tenant was created.")

    @classmethod
    def of(cls, document: TenantProfileDocument) -> "Tenant":
        return cls(id=strawberry.ID(document.id), name=document.name, created_at=document.created_at)


@strawberry.federation.type(
    name="OAuthClient",
    keys=["id"],
    requires_scopes=[["clients:read"]],
    description="A program that calls this API for one tenant, with an id and a secret.",
)
class OAuthClient:
    """The OAuthClient entity."""

    id: strawberry.ID = strawberry.field(description="The OAuth client id.")
    name: str = strawberry.field(description="What the client is called.")
    scopes: list[str] = strawberry.field(description="What its tokens can allow, such as plans:read.")
    created_at: datetime = strawberry.field(description="When the client was created.")
    secret_created_at: datetime = strawberry.field(description="When its present secret was made.")
    previous_secret_expires_at: datetime | None = strawberry.field(
        description="Until when the secret before the present one works or worked; null when there was none."
    )
    revoked_at: datetime | None = strawberry.field(
        description="When the client was revoked; null while it can get tokens. Tokens it had live until they expire."
    )
    created_by_id: strawberry.Private[str]

    @strawberry.field(description="The client that created this one; null when that was outside the tenant.")
    async def created_by(self, info: Info) -> "OAuthClient | None":
        document = await load_oauth_client(info.context, self.created_by_id)
        return OAuthClient.of(document) if document else None

    @classmethod
    def of(cls, document: OAuthClientDocument) -> "OAuthClient":
        return cls(
            id=strawberry.ID(document.id),
            name=document.name,
            scopes=document.scopes,
            created_at=document.created_at,
            secret_created_at=document.secret_created_at,
            previous_secret_expires_at=document.secrets[1].expires_at if len(document.secrets) > 1 else None,
            revoked_at=document.revoked_at,
            created_by_id=document.created_by,
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> "OAuthClient | None":
        document = await load_oauth_client(info.context, id)
        return cls.of(document) if document else None


@strawberry.type(description="One client of a list and its place in it.")
class OAuthClientEdge(Edge[OAuthClient]):
    """Edge of OAuthClient."""


@strawberry.type(description="A page of clients, newest first.")
class OAuthClientConnection(Connection[OAuthClient]):
    """Connection of OAuthClient."""


@strawberry.federation.type(authenticated=True, description="Who this request comes from, by its access token.")
class Viewer:
    """As the API shows it."""

    client_id: strawberry.ID = strawberry.field(description="The OAuth client the token was issued to.")
    tenant_id: strawberry.ID = strawberry.field(description="The tenant that this request reads and changes.")
    scopes: list[str] = strawberry.field(description="What the token allows, in alphabetical order.")

    @strawberry.field(description="The tenant; null when it is not known here.")
    async def tenant(self, info: Info) -> Tenant | None:
        document = await info.context.deps.tenant_reader.find(info.context.tenant, info.context.tenant)
        return Tenant.of(document) if document else None


@strawberry.federation.type(
    requires_scopes=[["audit:read"]],
    description="One change of anything in the tenant: who did it, when, and in answer to which request. Kept for good.",
)
class AuditEntry:
    """As the API shows it."""

    id: strawberry.ID = strawberry.field(description="The entry's id, `aud_…`.")
    at: datetime = strawberry.field(description="When it happened.")
    actor: str = strawberry.field(description="An OAuth client id, or `system:<name>` for what the system did by itself.")
    request_id: str = strawberry.field(
        description="The X-Request-ID of the request that started it; also on everything that followed from it."
    )
    reason: str | None = strawberry.field(description="Why it was done, such as the event that led to it.")
    entity_type: str = strawberry.field(description="The kind of what was changed, such as Customer or Invoice.")
    entity_id: strawberry.ID = strawberry.field(description="The id of what was changed.")
    entity_version: int = strawberry.field(description="Counts the changes of that entity from 1.")
    stream_id: str = strawberry.field(description="The name of the entity's event stream, for support requests.")
    event_types: list[str] = strawberry.field(description="What happened, in order, such as CustomerCreated.")
    client_id: strawberry.Private[str | None]

    @strawberry.field(description="The OAuth client that did it; null when the system did, or a client outside the tenant.")
    async def client(self, info: Info) -> OAuthClient | None:
        document = await load_oauth_client(info.context, self.client_id) if self.client_id else None
        return OAuthClient.of(document) if document else None

    @classmethod
    def of(cls, document: AuditEntryDocument) -> "AuditEntry":
        return cls(
            id=strawberry.ID(document.id),
            at=document.at,
            actor=document.actor,
            request_id=document.request_id,
            reason=document.reason,
            entity_type=document.entity_kind,
            entity_id=strawberry.ID(document.entity_id),
            entity_version=document.entity_version,
            stream_id=document.stream,
            event_types=document.changes,
            client_id=document.client_id,
        )


@strawberry.type(description="One audit entry of a list and its place in it.")
class AuditEntryEdge(Edge[AuditEntry]):
    """Edge of AuditEntry."""


@strawberry.type(description="A page of audit entries, newest first.")
class AuditEntryConnection(Connection[AuditEntry]):
    """Connection of AuditEntry."""
