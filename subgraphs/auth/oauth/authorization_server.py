"""Authlib's authorization server for one token request.

Authlib is synchronous: the client and the key are read before, and it decides on them without waiting for anything.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError, OAuth2Error
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from starlette.datastructures import Headers

from subgraphs.auth.oauth.registered_client import AUTHENTICATION_METHODS, RegisteredClient
from subgraphs.auth.oauth.token_request import TokenRequest
from subgraphs.auth.oauth.tokens import AccessTokens
from subgraphs.auth.signing_keys import SigningKey

__all__ = ["Answer", "TokenServer", "error_answer"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer of the token endpoint."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


class TokenServer(AuthorizationServer):  # type: ignore[misc]
    """Grants client credentials (RFC 6749 section 4.4) to one client that was looked up before."""

    def __init__(self, client: RegisteredClient, key: SigningKey, tokens: AccessTokens, at: datetime) -> None:
        super().__init__()
        self._client, self._key, self._tokens, self._at = client, key, tokens, at
        self.register_grant(_ClientCredentials)
        self.register_token_generator("default", self._issue)

    def answer(self, request: TokenRequest, headers: Headers) -> Answer:
        """Return the token, or the error of RFC 6749 section 5.2."""
        answer: Answer = self.create_token_response((request, headers))
        return answer

    def query_client(self, client_id: str) -> RegisteredClient:
        return self._client if client_id == self._client.client_id else RegisteredClient(client_id, None, self._at)

    def authenticate_client(self, request: OAuth2Request, methods: list[str], endpoint: str = "token") -> Any:
        """Authenticate; an unknown client, a revoked one and a wrong secret are refused with the same words."""
        try:
            return super().authenticate_client(request, methods, endpoint)
        except InvalidClientError as error:
            raise InvalidClientError("client authentication failed", status_code=401) from error

    def create_oauth2_request(self, request: tuple[TokenRequest, Headers]) -> OAuth2Request:
        read, headers = request
        return _Request(read, headers)

    def handle_response(self, status: int, body: Any, headers: Any) -> Answer:
        return _answer(status, body, headers)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Keep nothing: a token proves itself by its signature until it expires."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Tell nobody: there are no listeners."""

    def _issue(self, *, client: RegisteredClient, scope: str | None, **_: Any) -> dict[str, Any]:
        allowed = client.get_allowed_scope(scope)
        token = self._tokens.issue(self._key, client_id=client.client_id, tenant=client.tenant, scope=allowed, at=self._at)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(self._tokens.lifetime.total_seconds()),
            "scope": allowed,
        }


def error_answer(error: OAuth2Error) -> Answer:
    """Return an error that was found before there was a server to find it."""
    return _answer(*error())


def _answer(status: int, body: Any, headers: Any) -> Answer:
    sent = dict(headers)
    if "WWW-Authenticate" in sent:
        # HTTP Basic asks for a realm (RFC 7617 section 2), which Authlib's challenge lacks.
        sent["WWW-Authenticate"] = 'Basic realm="oauth", charset="UTF-8"'
    return Answer(status, dict(body), sent)


class _ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = list(AUTHENTICATION_METHODS)


class _Request(OAuth2Request):  # type: ignore[misc]
    def __init__(self, request: TokenRequest, headers: Headers) -> None:
        # TLS ends before this process, so the scheme that it sees tells nothing about the transport, which Authlib checks.
        super().__init__("POST", "https://token.endpoint/oauth/token", headers=headers)
        self.payload = BasicOAuth2Payload(request.form)

    @property
    def form(self) -> dict[str, str]:
        form: dict[str, str] = self.payload.data
        return form
