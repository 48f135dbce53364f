"""A client as the token endpoint sees it: does its secret match, and which scopes does it get?"""

from datetime import datetime

from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.errors import InvalidScopeError

from subgraphs.auth.documents import OAuthClientDocument
from subgraphs.auth.domain.client_secret import hash_secret, secret_matches

__all__ = ["AUTHENTICATION_METHODS", "RegisteredClient", "find_client"]

AUTHENTICATION_METHODS = ("client_secret_basic", "client_secret_post")
# Compared with when there is no such client, so that the answer takes as long as for a wrong secret.
_NOBODY = hash_secret("")


async def find_client(client_id: str) -> OAuthClientDocument | None:
    """Return the client with this id, of whichever tenant.

    The only read without a tenant: who presents the secret of a client thereby proves which tenant the request is for.
    """
    return await OAuthClientDocument.find_one({"_id": client_id})


class RegisteredClient(ClientMixin):  # type: ignore[misc]
    """What Authlib asks of a client. Without a document, it is one that nobody can authenticate as."""

    def __init__(self, client_id: str, document: OAuthClientDocument | None, at: datetime) -> None:
        self.client_id = client_id
        self.tenant = document.tenant if document else ""
        self._scopes = tuple(document.scopes) if document else ()
        usable = document.secrets if document and document.revoked_at is None else []
        self._digests = [known.digest for known in usable if known.expires_at is None or known.expires_at > at] or [_NOBODY]
        self._exists = bool(usable)

    def get_client_id(self) -> str:
        return self.client_id

    def check_client_secret(self, client_secret: str) -> bool:
        matches = [secret_matches(client_secret, digest) for digest in self._digests]
        return self._exists and any(matches)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and method in AUTHENTICATION_METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return what was asked for; everything the client holds when nothing was (RFC 6749 section 3.3).

        Raises:
            InvalidScopeError: the client does not hold all of it.
        """
        wanted = frozenset((scope or "").split()) or frozenset(self._scopes)
        if not wanted <= frozenset(self._scopes):
            raise InvalidScopeError("the client does not hold every scope it asks for")
        return " ".join(known for known in self._scopes if known in wanted)
