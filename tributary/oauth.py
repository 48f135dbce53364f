"""A token from an authorization server, by client credentials (RFC 6749 §4.4); its endpoint is discovered (RFC 8414)."""

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import aiohttp

from tributary.failure import Failure

__all__ = ["Login", "fetch_token"]

TIMEOUT_SECONDS = 10.0
METADATA_PATH = "/.well-known/oauth-authorization-server"


@dataclass(frozen=True, slots=True)
class Login:
    """How to get tokens: from `token_url`, or where the metadata of `issuer` say; without `scope`, with every scope."""

    client_id: str
    client_secret: str
    issuer: str
    token_url: str | None = None
    scope: str | None = None

    async def fetch_token(self) -> str:
        """Return an access token.

        Raises:
            Failure: nobody answers, or the server refuses the client or the scope.
        """
        return await fetch_token(self.issuer, self.client_id, self.client_secret, self.scope, token_url=self.token_url)


async def fetch_token(
    issuer: str, client_id: str, client_secret: str, scope: str | None = None, *, token_url: str | None = None
) -> str:
    """Return an access token; without `scope`, one with every scope the client may have. With `token_url`, nothing is discovered.

    Raises:
        Failure: nobody answers, or the server refuses the client or the scope.
    """
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)) as session:
            endpoint = token_url or await _token_endpoint(session, issuer)
            form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
            login = {"Authorization": _basic(client_id, client_secret)}
            async with session.post(endpoint, data=form, headers=login) as response:
                answer: dict[str, Any] = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Failure(
            f"no authorization server answers at {token_url or issuer} ({type(error).__name__})", "start one: `tributary up`", 1
        ) from error
    token = answer.get("access_token")
    if isinstance(token, str):
        return token
    reason = answer.get("error_description") or answer.get("error") or f"status {response.status}"
    raise Failure(f"the authorization server refuses: {reason}", "check the client id, its secret and the scope", 1)


def _basic(client_id: str, client_secret: str) -> str:
    """Return the credentials as RFC 6749 §2.3.1 has them: each form-encoded, then HTTP Basic."""
    credentials = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
    return f"Basic {base64.b64encode(credentials.encode()).decode()}"


async def _token_endpoint(session: aiohttp.ClientSession, issuer: str) -> str:
    async with session.get(f"{issuer.rstrip('/')}{METADATA_PATH}") as response:
        if response.status != 200:
            raise Failure(f"{response.url} answers {response.status}", "check --issuer", 1)
        metadata: dict[str, Any] = await response.json(content_type=None)
    endpoint = metadata.get("token_endpoint")
    if not isinstance(endpoint, str):
        raise Failure(f"the metadata of {issuer} name no token endpoint", "check --issuer", 1)
    return endpoint
