"""Tokens for client credentials over HTTP, on real stores; who holds one is who it says."""

import base64
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from subgraphs.auth.app import create_app
from subgraphs.auth.domain.scopes import SCOPES
from subgraphs.auth.key_encryption import KeyCipher
from subgraphs.auth.oauth.tokens import AccessTokens
from subgraphs.auth.settings import AuthSettings
from subgraphs.auth.signing_keys import SigningKeys
from subgraphs.kit.domain.clock import SystemClock
from subgraphs.kit.identity import InvalidToken, TokenVerifier, http_keys
from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.telemetry import configure_logging
from tests.subgraphs.auth.conftest import OPERATOR_SECRET
from tests.testkit.subgraph import RunningSubgraph, run_subgraph

GRANT = {"grant_type": "client_credentials"}
POST = {**GRANT, "client_id": "operator", "client_secret": OPERATOR_SECRET}
VIEWER = "{ viewer { clientId tenantId scopes tenant { name } } }"
CREATE = """
mutation($input: OAuthClientCreateInput!) {
  oauthClientCreate(input: $input) { clientSecret oauthClient { id } userErrors { code field } }
}"""
ROTATE = """
mutation($input: OAuthClientRotateSecretInput!) {
  oauthClientRotateSecret(input: $input) { clientSecret oauthClient { previousSecretExpiresAt } userErrors { code field } }
}"""
REVOKE = """
mutation($input: OAuthClientRevokeInput!) { oauthClientRevoke(input: $input) { oauthClient { revokedAt } userErrors { code } } }
"""


@pytest.fixture
async def auth(auth_settings: AuthSettings) -> AsyncIterator[RunningSubgraph]:
    """The subgraph with its own keys: only tokens of its own are accepted."""
    async with run_subgraph(lambda settings, _: create_app(settings), auth_settings) as running:
        yield running


async def ask(
    auth: RunningSubgraph, form: dict[str, str] | str | bytes, basic: tuple[str, str] | str | None = None, **headers: str
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """POST a token request; return status, body and headers."""
    if isinstance(basic, tuple):
        basic = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
    if basic is not None:
        headers["authorization"] = basic
    if not isinstance(form, dict):
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
    async with auth.session.post(f"{auth.url}/oauth/token", data=form, headers=headers) as response:
        return response.status, await response.json(), {name.lower(): value for name, value in response.headers.items()}


async def token(auth: RunningSubgraph, client_id: str = "operator", secret: str = OPERATOR_SECRET, scope: str = "") -> str:
    status, body, _ = await ask(auth, {**GRANT, **({"scope": scope} if scope else {})}, (client_id, secret))
    assert status == 200, body
    found: str = body["access_token"]
    return found


async def run(auth: RunningSubgraph, query: str, bearer: str, **input: Any) -> dict[str, Any]:
    status, answer = await auth.send(query, {"input": input} if input else None, token=bearer)
    assert (status, answer.get("errors")) == (200, None)
    data: dict[str, Any] = answer["data"]
    return data


async def make_client(auth: RunningSubgraph, *scopes: str) -> tuple[str, str]:
    data = await run(auth, CREATE, await token(auth), name="Back office", scopes=list(scopes))
    assert data["oauthClientCreate"]["userErrors"] == []
    return data["oauthClientCreate"]["oauthClient"]["id"], data["oauthClientCreate"]["clientSecret"]


async def get(auth: RunningSubgraph, path: str) -> tuple[dict[str, Any], dict[str, str]]:
    async with auth.session.get(auth.url + path) as response:
        assert response.status == 200
        return await response.json(content_type=None), {name.lower(): value for name, value in response.headers.items()}


async def test_a_token_has_the_claims_of_rfc_9068_and_lives_ten_minutes(auth: RunningSubgraph) -> None:
    before = int(time.time())
    status, body, headers = await ask(auth, {**GRANT, "scope": "plans:read invoices:read"}, ("operator", OPERATOR_SECRET))
    assert status == 200
    assert (headers["cache-control"], headers["pragma"]) == ("no-store", "no-cache")
    key_set, _ = await get(auth, "/.well-known/jwks.json")
    decoded = jwt.decode(body.pop("access_token"), KeySet.import_key_set(key_set), algorithms=["ES256"])  # type: ignore[arg-type]
    assert body == {"token_type": "Bearer", "expires_in": 600, "scope": "plans:read invoices:read"}
    assert decoded.header == {"typ": "at+jwt", "alg": "ES256", "kid": key_set["keys"][0]["kid"]}
    claims = decoded.claims
    assert before <= claims["iat"] <= int(time.time())
    assert len(claims["jti"]) == 22  # 128 random bits in base64url
    assert claims == {
        "iss": auth.settings.issuer,
        "sub": "operator",
        "aud": auth.settings.audience,
        "client_id": "operator",
        "scope": "plans:read invoices:read",
        "tenant": "operator",
        "jti": claims["jti"],
        "iat": claims["iat"],
        "exp": claims["iat"] + 600,
    }


async def test_credentials_in_the_body_serve_as_well_and_no_scope_means_all(auth: RunningSubgraph) -> None:
    status, body, _ = await ask(auth, POST)
    assert (status, body["scope"]) == (200, " ".join(SCOPES))


async def test_the_log_names_client_and_request_but_no_secret_or_token(
    auth: RunningSubgraph, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("auth")
    _, body, headers = await ask(auth, GRANT, ("operator", OPERATOR_SECRET), **{"x-request-id": "req-7"})
    await ask(auth, GRANT, ("operator", "a-wrong-secret"))
    logged = capsys.readouterr().err
    issued = next(line for line in map(json.loads, logged.splitlines()) if line["event"] == "access token issued")
    assert (issued["client"], issued["tenant"], issued["request_id"]) == ("operator", "operator", "req-7")
    assert "client authentication failed" in logged
    assert headers["x-request-id"] == "req-7"
    assert not any(secret in logged for secret in (OPERATOR_SECRET, body["access_token"], "a-wrong-secret"))


async def test_two_tokens_differ(auth: RunningSubgraph) -> None:
    assert await token(auth) != await token(auth)


async def test_the_subgraph_accepts_the_token_that_it_issued(auth: RunningSubgraph) -> None:
    data = await run(auth, VIEWER, await token(auth, scope="plans:read audit:read"))
    viewer = {
        "clientId": "operator",
        "tenantId": "operator",
        "scopes": ["audit:read", "plans:read"],
        "tenant": {"name": "Operator"},
    }
    assert data == {"viewer": viewer}


async def test_other_services_verify_it_by_the_published_keys(auth: RunningSubgraph) -> None:
    settings = auth.settings.model_copy(update={"jwks_url": f"{auth.url}/.well-known/jwks.json"})
    good = await token(auth, scope="plans:read")
    principal = await TokenVerifier(settings.issuer, settings.audience, http_keys(settings)).verify(good)
    assert (principal.tenant, principal.client_id, principal.scopes) == ("operator", "operator", {"plans:read"})
    for issuer, audience, reason in [("https://other", settings.audience, "issuer"), (settings.issuer, "other", "audience")]:
        with pytest.raises(InvalidToken, match=f"another {reason}"):
            await TokenVerifier(issuer, audience, http_keys(settings)).verify(good)
    header, payload, signature = good.split(".")
    claims = base64.urlsafe_b64decode(payload + "==").replace(b"plans:read", b"plans:read payments:write")
    forged = f"{header}.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.{signature}"
    with pytest.raises(InvalidToken, match="signature"):
        await TokenVerifier(settings.issuer, settings.audience, http_keys(settings)).verify(forged)


async def test_an_expired_token_is_refused(auth: RunningSubgraph, auth_settings: AuthSettings) -> None:
    now = SystemClock().now()
    async with connect(auth_settings, "auth") as database:
        key = await SigningKeys(
            database,
            KeyCipher(auth_settings.auth_key_encryption_secret),
            SystemClock(),
            token_lifetime=timedelta(minutes=10),
            rotate_after=timedelta(days=90),
        ).current()
    tokens = AccessTokens(issuer=auth_settings.issuer, audience=auth_settings.audience, lifetime=timedelta(minutes=10))
    issue = {"client_id": "operator", "tenant": "operator", "scope": "plans:read"}
    fresh = tokens.issue(key, at=now - timedelta(minutes=9), **issue)
    stale = tokens.issue(key, at=now - timedelta(minutes=11), **issue)
    assert (await run(auth, VIEWER, fresh))["viewer"]["clientId"] == "operator"
    status, answer = await auth.send(VIEWER, token=stale)
    assert (status, answer["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert "expired" in answer["errors"][0]["message"]


@pytest.mark.parametrize(
    ("form", "basic"),
    [
        (GRANT, ("operator", "wrong-secret")),
        (GRANT, ("nobody", OPERATOR_SECRET)),
        ({**GRANT, "client_id": "operator", "client_secret": "wrong-secret"}, None),
        ({**GRANT, "client_id": "nobody", "client_secret": ""}, None),
        ({**GRANT, "client_id": "operator"}, None),
        (GRANT, None),
        (GRANT, "Bearer abc"),
        (GRANT, "Basic %%%"),
        (GRANT, "Basic " + base64.b64encode(b"\xff\xfe:x").decode()),
        (GRANT, ("operator", "")),
    ],
)
async def test_who_does_not_authenticate_gets_invalid_client(
    auth: RunningSubgraph, form: dict[str, str], basic: tuple[str, str] | str | None
) -> None:
    status, body, headers = await ask(auth, form, basic)
    assert (status, body["error"]) == (401, "invalid_client")
    assert headers["www-authenticate"] == 'Basic realm="oauth", charset="UTF-8"'
    assert headers["cache-control"] == "no-store"


async def test_an_unknown_client_reads_like_a_wrong_secret(auth: RunningSubgraph) -> None:
    unknown = await ask(auth, GRANT, ("nobody", "wrong-secret"))
    wrong = await ask(auth, GRANT, ("operator", "wrong-secret"))
    assert unknown[:2] == wrong[:2]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({**POST, "grant_type": "password"}, "unsupported_grant_type"),
        ({**POST, "grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({**POST, "scope": "plans:delete"}, "invalid_scope"),
        ({"client_id": "operator", "client_secret": OPERATOR_SECRET}, "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("&".join(f"p{number}=1" for number in range(21)), "invalid_request"),
        (b"grant_type=%ff", "invalid_request"),
        (b"\xff", "invalid_request"),
    ],
)
async def test_a_wrong_request_gets_the_error_of_rfc_6749(
    auth: RunningSubgraph, form: dict[str, str] | str | bytes, error: str
) -> None:
    status, body, _ = await ask(auth, form)
    assert (status, body["error"]) == (400, error)


async def test_two_ways_to_authenticate_are_refused(auth: RunningSubgraph) -> None:
    for form in (POST, {**GRANT, "client_id": "someone-else"}):
        status, body, _ = await ask(auth, form, ("operator", OPERATOR_SECRET))
        assert (status, body["error"]) == (400, "invalid_request")


async def test_only_forms_of_bounded_size_are_read(auth: RunningSubgraph) -> None:
    status, body, _ = await ask(auth, b"{}", **{"content-type": "application/json"})
    assert (status, body["error"]) == (400, "invalid_request")
    status, body, _ = await ask(auth, b"x" * 16_385)
    assert (status, body["error"]) == (413, "invalid_request")
    async with auth.session.get(f"{auth.url}/oauth/token") as response:
        assert response.status == 405


async def test_a_client_gets_its_own_scopes_only(auth: RunningSubgraph) -> None:
    id, secret = await make_client(auth, "plans:read", "invoices:read")
    _, body, _ = await ask(auth, GRANT, (id, secret))
    assert body["scope"] == "plans:read invoices:read"
    _, body, _ = await ask(auth, {**GRANT, "scope": "invoices:read invoices:read"}, (id, secret))
    assert body["scope"] == "invoices:read"
    status, body, _ = await ask(auth, {**GRANT, "scope": "plans:read plans:write"}, (id, secret))
    assert (status, body["error"]) == (400, "invalid_scope")


async def test_a_rotated_secret_works_at_once_and_the_former_one_only_for_the_overlap(auth: RunningSubgraph) -> None:
    id, first = await make_client(auth, "plans:read")
    bearer = await token(auth)
    rotated = (await run(auth, ROTATE, bearer, id=id, overlapSeconds=3600))["oauthClientRotateSecret"]
    assert rotated["userErrors"] == []
    second = rotated["clientSecret"]
    assert [(await ask(auth, GRANT, (id, secret)))[0] for secret in (first, second)] == [200, 200]
    third = (await run(auth, ROTATE, bearer, id=id))["oauthClientRotateSecret"]["clientSecret"]
    assert [(await ask(auth, GRANT, (id, secret)))[0] for secret in (first, second, third)] == [401, 401, 200]


async def test_a_revoked_client_gets_no_more_tokens(auth: RunningSubgraph) -> None:
    id, secret = await make_client(auth, "plans:read")
    assert (await run(auth, REVOKE, await token(auth), id=id))["oauthClientRevoke"]["oauthClient"]["revokedAt"] is not None
    status, body, _ = await ask(auth, GRANT, (id, secret))
    assert (status, body["error"]) == (401, "invalid_client")


async def test_who_keeps_failing_must_wait(auth: RunningSubgraph) -> None:
    answers = [await ask(auth, GRANT, ("operator", "wrong-secret")) for _ in range(25)]
    statuses = [status for status, _, _ in answers]
    assert statuses[:20] == [401] * 20
    assert 429 in statuses[20:]
    refused = next(answer for answer in answers if answer[0] == 429)
    assert refused[1]["error"] == "temporarily_unavailable"
    assert refused[2]["retry-after"] == "1"


async def test_the_key_set_may_be_cached_and_holds_public_halves(auth: RunningSubgraph) -> None:
    body, headers = await get(auth, "/.well-known/jwks.json")
    assert headers["cache-control"] == "public, max-age=300"
    assert [sorted(key) for key in body["keys"]] == [["alg", "crv", "kid", "kty", "use", "x", "y"]]


async def test_metadata_names_what_the_server_can(auth: RunningSubgraph) -> None:
    body, headers = await get(auth, "/.well-known/oauth-authorization-server")
    assert headers["cache-control"] == "public, max-age=3600"
    assert body == {
        "issuer": "http://127.0.0.1:3005",
        "token_endpoint": "http://127.0.0.1:3005/oauth/token",
        "jwks_uri": "http://127.0.0.1:3005/.well-known/jwks.json",
        "scopes_supported": list(SCOPES),
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }
