"""Tokens and access directives over the whole way: an issuer's keys over HTTP, what is asked of subgraphs, what is answered."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from router.http.response import send_response
from tests.testkit.asgi_server import serve
from tests.testkit.router_server import RunningRouter, run_router
from tests.testkit.router_tokens import AUDIENCE, ISSUER, TokenIssuer

BOTH = "{ products(first: 1) { upc name reviews { body } } }"


@pytest.fixture(scope="module")
def issuer() -> TokenIssuer:
    return TokenIssuer()


@contextlib.asynccontextmanager
async def guarded(folder: Path, issuer: TokenIssuer, **settings: Any) -> AsyncIterator[RunningRouter]:
    """A router for which reviews need the scope `reviews:read`, and renaming a token."""

    async def keys(scope: Any, receive: Any, send: Any) -> None:
        await send_response(send, 200, b"application/json", orjson.dumps(issuer.jwks()), [])

    async with (
        serve(keys, lifespan="off") as url,
        run_router(folder, jwks_url=f"{url}/jwks", issuer=ISSUER, audience=AUDIENCE, **settings) as router,
    ):
        text = router.supergraph.read_text(encoding="utf-8")
        text = text.replace("reviews: [Review!]", 'reviews: [Review!] @requiresScopes(scopes: [["reviews:read"]])')
        text = text.replace("rename(upc: ID!, name: String!): Product", "rename(upc: ID!, name: String!): Product @authenticated")
        text += "directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on FIELD_DEFINITION\n"
        text += "scalar requiresScopes__Scope\n"
        spec = "https://specs.apollo.dev"
        text = text.replace(
            "schema @link",
            f'schema @link(url: "{spec}/authenticated/v0.1", for: SECURITY) '
            f'@link(url: "{spec}/requiresScopes/v0.1", for: SECURITY) @link',
            1,
        )
        router.supergraph.write_text(text, encoding="utf-8")
        assert await router.app.router.watch.refresh(force=True)
        yield router


@pytest.fixture(scope="module")
async def router(tmp_path_factory: pytest.TempPathFactory, issuer: TokenIssuer) -> AsyncIterator[RunningRouter]:
    async with guarded(tmp_path_factory.mktemp("router"), issuer) as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_with_the_scope_everything_is_answered(router: RunningRouter, issuer: TokenIssuer) -> None:
    data = await router.data(BOTH, headers=bearer(issuer.token("reviews:read")))
    assert data == {"products": [{"upc": "1", "name": "Product 1", "reviews": [{"body": "On 1"}]}]}


@pytest.mark.parametrize("scope", [None, "", "reviews:write"])
async def test_without_it_the_rest_is_answered_and_nothing_is_fetched(
    router: RunningRouter, issuer: TokenIssuer, scope: str | None
) -> None:
    router.reviews.requests.clear()
    response = await router.post(BOTH, headers=bearer(issuer.token(scope)) if scope is not None else {})
    assert response.json == {
        "data": {"products": [{"upc": "1", "name": "Product 1", "reviews": None}]},
        "errors": [
            {
                "message": "Product.reviews needs the scope reviews:read",
                "path": ["products", 0, "reviews"],
                "extensions": {"code": "UNAUTHORIZED_FIELD_OR_TYPE"},
            }
        ],
    }
    assert router.reviews.requests == []


async def test_nothing_changes_without_a_token(router: RunningRouter, issuer: TokenIssuer) -> None:
    router.catalog.requests.clear()
    mutation = 'mutation { rename(upc: "1", name: "x") { name } }'
    response = await router.post(mutation)
    assert (response.json["data"], response.codes) == ({"rename": None}, ["UNAUTHORIZED_FIELD_OR_TYPE"])
    assert router.catalog.requests == []
    assert await router.data(mutation, headers=bearer(issuer.token())) == {"rename": {"name": "x"}}


async def test_on_request_an_operation_that_is_not_allowed_is_refused_whole(tmp_path: Path, issuer: TokenIssuer) -> None:
    async with guarded(tmp_path, issuer, reject_unauthorized=True) as router:
        response = await router.post(BOTH)
        assert (response.status, response.codes) == (403, ["UNAUTHORIZED_FIELD_OR_TYPE"])
        assert "data" not in response.json
        assert router.catalog.requests == []
        assert (await router.post(BOTH, headers=bearer(issuer.token("reviews:read")))).status == 200
        assert (await router.post("{ products { upc } }")).status == 200


async def test_deferred_fields_are_withheld_too(router: RunningRouter) -> None:
    query = "{ products(first: 1) { upc ... @defer { reviews { body } } } }"
    response = await router.post(query, accept="multipart/mixed, application/json;q=0.5")
    assert b"UNAUTHORIZED_FIELD_OR_TYPE" in response.body
    assert b"On 1" not in response.body


async def test_a_token_that_is_not_valid_is_401(router: RunningRouter, issuer: TokenIssuer) -> None:
    response = await router.post("{ __typename }", headers=bearer(issuer.token(aud="other")))
    assert (response.status, response.codes) == (401, ["UNAUTHENTICATED"])
    assert response.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


async def test_a_rotated_key_is_fetched(tmp_path: Path) -> None:
    issuer = TokenIssuer()
    async with guarded(tmp_path, issuer, jwks_minimum_interval_seconds=0) as router:
        await router.data("{ __typename }", headers=bearer(issuer.token()))
        issuer.rotate()
        await router.data("{ __typename }", headers=bearer(issuer.token()))


async def test_clients_have_their_own_rate(tmp_path: Path, issuer: TokenIssuer) -> None:
    async with guarded(
        tmp_path, issuer, rate_limit_client_rate=0.01, rate_limit_client_burst=2, rate_limit_anonymous_rate=0.01
    ) as router:
        one, two = (bearer(issuer.token(client_id=name)) for name in ("one", "two"))
        assert [(await router.post("{ __typename }", headers=one)).status for _ in range(3)] == [200, 200, 429]
        limited = await router.post("{ __typename }", headers=one)
        assert (limited.codes, limited.headers["retry-after"]) == (["RATE_LIMITED"], "100")
        assert (await router.post("{ __typename }", headers=two)).status == 200


async def test_a_key_set_longer_than_a_megabyte_is_refused_though_its_length_is_not_told(
    tmp_path: Path, issuer: TokenIssuer
) -> None:
    async def keys(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": orjson.dumps(issuer.jwks()) + b" " * 1_000_000})

    async with (
        serve(keys, lifespan="off") as url,
        run_router(tmp_path, jwks_url=f"{url}/jwks", issuer=ISSUER, audience=AUDIENCE) as router,
    ):
        response = await router.post("{ __typename }", headers=bearer(issuer.token()))
        assert (response.status, response.codes) == (503, ["SERVICE_UNAVAILABLE"])
