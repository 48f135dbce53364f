"""Changing tenants and OAuth clients."""

from typing import Annotated, Self

import strawberry

from subgraphs.auth.commands.create_oauth_client import ClientCredentials, create_oauth_client
from subgraphs.auth.commands.create_tenant import create_tenant
from subgraphs.auth.commands.revoke_oauth_client import revoke_oauth_client
from subgraphs.auth.commands.rotate_oauth_client_secret import rotate_oauth_client_secret
from subgraphs.auth.projections import oauth_client_document, tenant_document
from subgraphs.auth.schema.context import Info
from subgraphs.auth.schema.inputs import (
    OAuthClientCreateInput,
    OAuthClientRevokeInput,
    OAuthClientRotateSecretInput,
    TenantCreateInput,
)
from subgraphs.auth.schema.types import OAuthClient, Tenant
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.graphql.errors import UserError
from subgraphs.kit.graphql.writes import write

__all__ = ["Mutation"]

WRITE = [["clients:write"]]
WHAT = strawberry.argument(description="What to do, and to which client.")
SHOWN_ONCE = (
    "The client's secret, null when refused. It is shown this once and cannot be read again: "
    "a request repeated with the same idempotency key gets null."
)


@strawberry.type
class OAuthClientPayload:
    """Base of every payload with a client."""

    oauth_client: OAuthClient | None = strawberry.field(default=None, description="The client afterwards, null when refused.")
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class OAuthClientSecretPayload(OAuthClientPayload):
    """Base of payloads that show a secret."""

    client_secret: str | None = strawberry.field(default=None, description=SHOWN_ONCE)

    @classmethod
    def done(cls, made: ClientCredentials) -> Self:
        return cls(oauth_client=OAuthClient.of(oauth_client_document(made.client)), client_secret=made.secret)


@strawberry.type(name="OAuthClientCreatePayload", description="Answer of oauthClientCreate.")
class OAuthClientCreatePayload(OAuthClientSecretPayload):
    """As the API shows it."""


@strawberry.type(name="OAuthClientRotateSecretPayload", description="Answer of oauthClientRotateSecret.")
class OAuthClientRotateSecretPayload(OAuthClientSecretPayload):
    """As the API shows it."""


@strawberry.type(name="OAuthClientRevokePayload", description="Answer of oauthClientRevoke.")
class OAuthClientRevokePayload(OAuthClientPayload):
    """As the API shows it."""


@strawberry.type(description="Answer of tenantCreate.")
class TenantCreatePayload:
    """As the API shows it."""

    tenant: Tenant | None = strawberry.field(default=None, description="The new tenant, null when refused.")
    client_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the tenant's first OAuth client, null when refused."
    )
    client_secret: str | None = strawberry.field(default=None, description=SHOWN_ONCE)
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was refused; empty when it was done."
    )


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Create an OAuth client of your tenant. It can be given only scopes that your own token holds.",
    )
    @write(OAuthClientCreatePayload, shown_once=["client_secret"])
    async def oauth_client_create(self, info: Info, input: Annotated[OAuthClientCreateInput, WHAT]) -> OAuthClientCreatePayload:
        clients = info.context.deps.clients
        made = await create_oauth_client(clients, input.name, tuple(input.scopes), _held(info), await _command(info))
        return OAuthClientCreatePayload.done(made)

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Give an OAuth client a new secret. Refused when the client holds scopes that your own token does not.",
    )
    @write(OAuthClientRotateSecretPayload, shown_once=["client_secret"])
    async def oauth_client_rotate_secret(
        self, info: Info, input: Annotated[OAuthClientRotateSecretInput, WHAT]
    ) -> OAuthClientRotateSecretPayload:
        clients = info.context.deps.clients
        made = await rotate_oauth_client_secret(clients, input.id, input.overlap(), _held(info), await _command(info))
        return OAuthClientRotateSecretPayload.done(made)

    @strawberry.federation.field(
        requires_scopes=WRITE,
        description="Issue no more tokens to an OAuth client, for good. Those it has live until they expire, minutes later. "
        "Repeating it changes nothing.",
    )
    @write(OAuthClientRevokePayload)
    async def oauth_client_revoke(self, info: Info, input: Annotated[OAuthClientRevokeInput, WHAT]) -> OAuthClientRevokePayload:
        client = await revoke_oauth_client(info.context.deps.clients, input.id, await _command(info))
        return OAuthClientRevokePayload(oauth_client=OAuthClient.of(oauth_client_document(client)))

    @strawberry.federation.field(
        requires_scopes=[["tenants:write"]],
        description="Create a tenant with its first OAuth client. For whoever runs the installation.",
    )
    @write(TenantCreatePayload, shown_once=["client_secret"])
    async def tenant_create(
        self,
        info: Info,
        input: Annotated[TenantCreateInput, strawberry.argument(description="The tenant, and what its first client may do.")],
    ) -> TenantCreatePayload:
        services = info.context.deps
        tenant, made = await create_tenant(
            services.tenants,
            services.clients,
            input.name,
            input.client_name,
            tuple(input.scopes),
            _held(info),
            await _command(info),
        )
        return TenantCreatePayload(
            tenant=Tenant.of(tenant_document(tenant)), client_id=strawberry.ID(made.client.id), client_secret=made.secret
        )


async def _command(info: Info) -> CommandContext:
    return await info.context.command()


def _held(info: Info) -> frozenset[str]:
    principal = info.context.principal
    return principal.scopes if principal else frozenset()
