"""Create a tenant with its first OAuth client."""

from dataclasses import replace

from subgraphs.auth.commands.create_oauth_client import ClientCredentials
from subgraphs.auth.domain.client_secret import hash_secret, new_secret
from subgraphs.auth.domain.oauth_client import OAuthClient
from subgraphs.auth.domain.scopes import checked_scopes, require_held
from subgraphs.auth.domain.tenant import Tenant
from subgraphs.auth.repository import OAuthClientRepository, TenantRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.ids import new_id

__all__ = ["create_tenant"]


async def create_tenant(
    tenants: TenantRepository,
    clients: OAuthClientRepository,
    name: str,
    client_name: str,
    scopes: tuple[str, ...],
    held: frozenset[str],
    context: CommandContext,
) -> tuple[Tenant, ClientCredentials]:
    """Create a tenant and a client that can act for it with `scopes`; `held` are the scopes of the caller's token.

    Raises:
        InvalidInput: a name or the scopes are not acceptable.
        ScopeNotHeld: the caller's token lacks one of the scopes.
    """
    tenant = Tenant.create(new_id("ten", context.at), name, context)
    # What follows is recorded in the new tenant, which is another one than the caller's.
    inside = replace(context, tenant=tenant.id)
    require_held(checked_scopes(tenant.id, scopes), held)
    secret = new_secret()
    client = OAuthClient.create(new_id("cli", context.at), tenant.id, client_name, scopes, hash_secret(secret), inside)
    # The client comes last: a crash in between leaves a tenant that nobody can enter, never a client without a tenant.
    tenant = await tenants.create(tenant, inside)
    return tenant, ClientCredentials(await clients.create(client, inside), secret)
