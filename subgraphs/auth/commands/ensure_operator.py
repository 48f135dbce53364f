"""Make sure that whoever runs the installation can enter it."""

from datetime import timedelta

from subgraphs.auth.domain.client_secret import hash_secret, secret_matches
from subgraphs.auth.domain.oauth_client import OAuthClient
from subgraphs.auth.domain.scopes import OPERATOR_TENANT, SCOPES
from subgraphs.auth.domain.tenant import Tenant
from subgraphs.auth.repository import OAuthClientRepository, TenantRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["ensure_operator"]


async def ensure_operator(
    tenants: TenantRepository, clients: OAuthClientRepository, client_id: str, secret: str, context: CommandContext
) -> OAuthClient:
    """Return the operator's client, with every scope and this secret, creating it and its tenant where they are missing.

    Runs at every start: a changed secret replaces the former one at once, a scope that is new is added. A client that was
    revoked stays revoked.
    """
    await tenants.create(Tenant.create(OPERATOR_TENANT, "Operator", context), context)
    await clients.create(
        OAuthClient.create(client_id, OPERATOR_TENANT, "Operator", SCOPES, hash_secret(secret), context), context
    )

    def follow_settings(client: OAuthClient) -> None:
        if client.revoked_at is not None:
            return
        client.change_scopes(SCOPES)
        if not secret_matches(secret, client.secrets[0].digest):
            client.rotate_secret(hash_secret(secret), timedelta(), context)

    return await clients.update(client_id, context, follow_settings)
