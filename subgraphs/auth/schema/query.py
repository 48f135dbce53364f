"""Reading clients and the audit log."""

from datetime import datetime
from typing import Annotated

import strawberry

from subgraphs.auth.queries import AuditFilter, audit_filter
from subgraphs.auth.schema.context import Info
from subgraphs.auth.schema.loaders import load_oauth_client
from subgraphs.auth.schema.types import (
    AuditEntry,
    AuditEntryConnection,
    AuditEntryEdge,
    OAuthClient,
    OAuthClientConnection,
    OAuthClientEdge,
    Viewer,
)
from subgraphs.kit.graphql.errors import unauthorized
from subgraphs.kit.graphql.pagination import After, Before, First, Last, PageArguments, connection

__all__ = ["AuditEntryWhereInput", "Query"]


@strawberry.input(description="Which audit entries to list; every given condition must hold.")
class AuditEntryWhereInput:
    """Conditions on audit entries."""

    entity_id: strawberry.ID | None = strawberry.field(default=None, description="Changes of the thing with this id.")
    client_id: strawberry.ID | None = strawberry.field(default=None, description="Changes that this OAuth client made.")
    since: datetime | None = strawberry.field(default=None, name="from", description="Changes at this time or later.")
    until: datetime | None = strawberry.field(default=None, name="to", description="Changes before this time.")


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.federation.field(authenticated=True, description="Who this request comes from.")
    async def viewer(self, info: Info) -> Viewer | None:
        principal = info.context.principal
        if principal is None:
            raise unauthorized()
        return Viewer(
            client_id=strawberry.ID(principal.client_id),
            tenant_id=strawberry.ID(principal.tenant),
            scopes=sorted(principal.scopes),
        )

    @strawberry.federation.field(
        requires_scopes=[["clients:read"]],
        description="One OAuth client, null when there is none with this id.",
    )
    async def oauth_client(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The OAuth client id.")]
    ) -> OAuthClient | None:
        document = await load_oauth_client(info.context, id)
        return OAuthClient.of(document) if document else None

    @strawberry.federation.field(requires_scopes=[["clients:read"]], description="OAuth clients, newest first; revoked ones too.")
    async def oauth_clients(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> OAuthClientConnection | None:
        page = PageArguments.parse(first, after, last, before)
        rows = await info.context.deps.client_reader.page(info.context.tenant, {}, **page.reading())
        return connection(OAuthClientConnection, OAuthClientEdge, page, rows, OAuthClient.of)

    @strawberry.federation.field(
        requires_scopes=[["audit:read"]],
        description="What was changed in the tenant, newest first. A change appears within about a second.",
    )
    async def audit_entries(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        where: Annotated[AuditEntryWhereInput | None, strawberry.argument(description="Which entries to list.")] = None,
    ) -> AuditEntryConnection | None:
        page = PageArguments.parse(first, after, last, before)
        conditions = audit_filter(AuditFilter(**vars(where))) if where else {}
        rows = await info.context.deps.audit_reader.page(info.context.tenant, conditions, **page.reading())
        return connection(AuditEntryConnection, AuditEntryEdge, page, rows, AuditEntry.of)
