"""What mutations of tenants and OAuth clients take."""

from datetime import timedelta

import strawberry

from subgraphs.auth.domain.scopes import TENANT_SCOPES
from subgraphs.kit.graphql.writes import WriteInput

__all__ = ["OAuthClientCreateInput", "OAuthClientRevokeInput", "OAuthClientRotateSecretInput", "TenantCreateInput"]

_ANY_OF = f"What its tokens can allow, from {', '.join(TENANT_SCOPES)}."


@strawberry.input(name="OAuthClientCreateInput", description="A new OAuth client.")
class OAuthClientCreateInput(WriteInput):
    """Input of oauthClientCreate."""

    name: str = strawberry.field(description="What the client is called, 1 to 200 characters.")
    scopes: list[str] = strawberry.field(description=f"{_ANY_OF} Your own token must hold each of them.")


@strawberry.input(name="OAuthClientRotateSecretInput", description="Which client gets a new secret.")
class OAuthClientRotateSecretInput(WriteInput):
    """Input of oauthClientRotateSecret."""

    id: strawberry.ID = strawberry.field(description="The client to give a new secret. Your own token must hold all its scopes.")
    overlap_seconds: int = strawberry.field(
        default=0,
        description="How long the former secret goes on working, at most 604800 (seven days): time to bring the new one out.",
    )

    def overlap(self) -> timedelta:
        return timedelta(seconds=self.overlap_seconds)


@strawberry.input(name="OAuthClientRevokeInput", description="Which client is revoked.")
class OAuthClientRevokeInput(WriteInput):
    """Input of oauthClientRevoke."""

    id: strawberry.ID = strawberry.field(description="The client to revoke.")


@strawberry.input(name="TenantCreateInput", description="A new tenant and its first OAuth client.")
class TenantCreateInput(WriteInput):
    """Input of tenantCreate."""

    name: str = strawberry.field(description="What the tenant is called, 1 to 200 characters.")
    client_name: str = strawberry.field(
        default="First client", description="What its first OAuth client is called, 1 to 200 characters."
    )
    scopes: list[str] = strawberry.field(
        default_factory=lambda: list(TENANT_SCOPES), description=f"{_ANY_OF} By default all of these."
    )
