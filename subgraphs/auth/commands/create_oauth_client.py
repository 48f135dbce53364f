"""Create an OAuth client."""

from dataclasses import dataclass

from subgraphs.auth.domain.client_secret import hash_secret, new_secret
from subgraphs.auth.domain.oauth_client import OAuthClient
from subgraphs.auth.domain.scopes import checked_scopes, require_held
from subgraphs.auth.repository import OAuthClientRepository
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.ids import new_id

__all__ = ["ClientCredentials", "create_oauth_client"]


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A client with its secret in clear: exists only on the way to whoever asked, and cannot be shown again."""

    client: OAuthClient
    secret: str

    def __repr__(self) -> str:
        return f"ClientCredentials({self.client.id})"


async def create_oauth_client(
    clients: OAuthClientRepository, name: str, scopes: tuple[str, ...], held: frozenset[str], context: CommandContext
) -> ClientCredentials:
    """Create a client of the caller's tenant; `held` are the scopes of the caller's token.

    Raises:
        InvalidInput: the name or the scopes are not acceptable.
        ScopeNotHeld: the caller's token lacks one of the scopes.
    """
    require_held(checked_scopes(context.tenant, scopes), held)
    secret = new_secret()
    client = OAuthClient.create(new_id("cli", context.at), context.tenant, name, scopes, hash_secret(secret), context)
    return ClientCredentials(await clients.create(client, context), secret)
