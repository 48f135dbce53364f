"""`tributary token` against an authorization server."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.testkit.asgi_server import serve
from tributary.failure import Failure
from tributary.oauth import fetch_token


async def metadata(request: Request) -> JSONResponse:
    return JSONResponse({"issuer": str(request.base_url), "token_endpoint": f"{request.base_url}oauth/token"})


async def issue(request: Request) -> JSONResponse:
    login = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
    form = dict(parse_qsl((await request.body()).decode()))
    if login != "client_1:s3cret":
        return JSONResponse({"error": "invalid_client"}, status_code=401)
    if form.get("scope") == "world:rule":
        return JSONResponse({"error": "invalid_scope", "error_description": "no such scope"}, status_code=400)
    return JSONResponse({"access_token": f"token for {form['grant_type']} {form.get('scope')}", "token_type": "Bearer"})


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    routes = [
        Route("/.well-known/oauth-authorization-server", metadata),
        Route("/oauth/token", issue, methods=["POST"]),
    ]
    async with serve(Starlette(routes=routes)) as url:
        yield url


@pytest.mark.parametrize("scope", [None, "customers:read"])
async def test_token_is_fetched_from_the_announced_endpoint(issuer: str, scope: str | None) -> None:
    assert await fetch_token(issuer, "client_1", "s3cret", scope) == f"token for client_credentials {scope}"


async def test_refusal_names_the_reason(issuer: str) -> None:
    with pytest.raises(Failure, match="refuses: invalid_client → check the client id"):
        await fetch_token(issuer, "client_1", "wrong")
    with pytest.raises(Failure, match="refuses: no such scope"):
        await fetch_token(issuer, "client_1", "s3cret", "world:rule")


async def test_nobody_answering_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"no authorization server answers at http://127\.0\.0\.1:1 .* → start one: `tributary up`"):
        await fetch_token("http://127.0.0.1:1", "client_1", "s3cret")
