"""Revoke an OAuth client."""

from subgraphs.auth.domain.oauth_client import OAuthClient
from subgraphs.auth.repository import OAuthClientRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["revoke_oauth_client"]


async def revoke_oauth_client(clients: OAuthClientRepository, id: str, context: CommandContext) -> OAuthClient:
    """Issue no more tokens to the client; revoking again changes nothing.

    Raises:
        NotFound: there is no such client in the caller's tenant.
    """
    return await clients.update(id, context, lambda client: client.revoke(context))
