"""The authorization server over HTTP: /oauth/token and what /.well-known tells about it."""

from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749.errors import OAuth2Error
from pymongo.errors import PyMongoError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from subgraphs.auth.domain.scopes import SCOPES
from subgraphs.auth.oauth.authorization_server import Answer, TokenServer, error_answer
from subgraphs.auth.oauth.failure_limit import FailureLimit
from subgraphs.auth.oauth.registered_client import AUTHENTICATION_METHODS, RegisteredClient, find_client
from subgraphs.auth.oauth.token_request import BODY_LIMIT_BYTES, TokenRequest
from subgraphs.auth.oauth.tokens import AccessTokens
from subgraphs.auth.services import AuthServices
from subgraphs.auth.settings import AuthSettings
from subgraphs.kit.graphql.request import RequestHeaders
from subgraphs.kit.telemetry import bind_request, get_logger

__all__ = ["oauth_routes"]

# Verifiers may keep keys this long without asking; well below the time that a key is published before it signs.
KEY_SET_MAX_AGE_SECONDS = 300


def oauth_routes(settings: AuthSettings) -> list[BaseRoute]:
    """Return the routes; they find the open services in `app.state.deps`."""
    tokens = AccessTokens(
        issuer=settings.issuer, audience=settings.audience, lifetime=timedelta(seconds=settings.access_token_seconds)
    )
    failures = FailureLimit()

    async def token(request: Request) -> JSONResponse:
        headers = RequestHeaders.of(request.scope)
        bind_request(headers.request_id, headers.trace_id)
        answer = await _token(request, tokens, failures)
        return JSONResponse(answer.body, answer.status, answer.headers | {"x-request-id": headers.request_id})

    async def key_set(request: Request) -> JSONResponse:
        services: AuthServices = request.app.state.deps
        headers = {"cache-control": f"public, max-age={KEY_SET_MAX_AGE_SECONDS}"}
        return JSONResponse(await services.signing_keys.key_set(), headers=headers, media_type="application/jwk-set+json")

    async def metadata(_: Request) -> JSONResponse:
        return JSONResponse(_metadata(settings), headers={"cache-control": "public, max-age=3600"})

    return [
        Route("/oauth/token", token, methods=["POST"]),
        Route("/.well-known/jwks.json", key_set),
        Route("/.well-known/oauth-authorization-server", metadata),
    ]


async def _token(request: Request, tokens: AccessTokens, failures: FailureLimit) -> Answer:
    address = request.client.host if request.client else ""
    if wait := failures.wait_seconds(address):
        body = {"error": "temporarily_unavailable", "error_description": f"too many failures; try again in {wait} seconds"}
        return Answer(429, body, {"retry-after": str(wait), "cache-control": "no-store"})
    payload = await _read(request)
    if payload is None:
        body = {"error": "invalid_request", "error_description": f"the body is larger than {BODY_LIMIT_BYTES} bytes"}
        return Answer(413, body, {"cache-control": "no-store"})
    try:
        answer = await _grant(request.app.state.deps, request.headers, payload, tokens)
    except PyMongoError as error:
        get_logger("oauth").error("clients cannot be looked up", error=type(error).__name__)
        body = {"error": "temporarily_unavailable", "error_description": "try again in a few seconds"}
        return Answer(503, body, {"retry-after": "5", "cache-control": "no-store"})
    if answer.body.get("error") == "invalid_client":
        failures.failed(address)
        get_logger("oauth").info("client authentication failed", address=address)
    return answer


async def _grant(services: AuthServices, headers: Headers, payload: bytes, tokens: AccessTokens) -> Answer:
    try:
        request = TokenRequest.read(headers, payload)
    except OAuth2Error as error:
        return error_answer(error)
    at = services.clock.now()
    client = RegisteredClient(request.client_id, await find_client(request.client_id), at)
    answer = TokenServer(client, await services.signing_keys.current(), tokens, at).answer(request, headers)
    if answer.status == 200:
        get_logger("oauth").info("access token issued", client=client.client_id, tenant=client.tenant, scope=answer.body["scope"])
    return answer


async def _read(request: Request) -> bytes | None:
    """Return the body, None when it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            return None
    return bytes(body)


def _metadata(settings: AuthSettings) -> dict[str, Any]:
    """Return authorization server metadata (RFC 8414 section 2)."""
    issuer = settings.issuer.rstrip("/")
    return {
        "issuer": settings.issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": list(SCOPES),
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": list(AUTHENTICATION_METHODS),
    }
