"""Give an OAuth client a new secret."""

from datetime import timedelta

from subgraphs.auth.commands.create_oauth_client import ClientCredentials
from subgraphs.auth.domain.client_secret import hash_secret, new_secret
from subgraphs.auth.domain.oauth_client import OAuthClient
from subgraphs.auth.domain.scopes import require_held
from subgraphs.auth.repository import OAuthClientRepository
from subgraphs.kit.domain.command import CommandContext

__all__ = ["rotate_oauth_client_secret"]


async def rotate_oauth_client_secret(
    clients: OAuthClientRepository, id: str, overlap: timedelta, held: frozenset[str], context: CommandContext
) -> ClientCredentials:
    """Replace the client's secret; the former one works for `overlap` longer. `held` are the scopes of the caller's token.

    Whoever learns the new secret can act as the client, so the caller must hold everything that the client does.

    Raises:
        NotFound: there is no such client in the caller's tenant.
        ScopeNotHeld: the client can do more than the caller.
        InvalidState: the client is revoked.
        InvalidInput: the overlap is out of range.
    """
    secret = new_secret()

    def rotate(client: OAuthClient) -> None:
        require_held(client.scopes, held, field=("id",))
        client.rotate_secret(hash_secret(secret), overlap, context)

    return ClientCredentials(await clients.update(id, context, rotate), secret)
