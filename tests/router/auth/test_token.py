"""Access tokens: what is accepted, what is refused and how, and what is remembered."""

from __future__ import annotations

import time
from typing import Any

import pytest

from router.auth.jwks import KeySource
from router.auth.scopes import ANONYMOUS, Grants
from router.auth.token import TokenVerifier, bearer_token
from router.errors import KeysUnavailable, Unauthenticated
from tests.testkit.router_tokens import AUDIENCE, ISSUER, TokenIssuer


def verifier_of(issuer: TokenIssuer, **changes: Any) -> TokenVerifier:
    keys = KeySource(issuer.fetch, refresh_seconds=600, minimum_interval_seconds=0)
    options: dict[str, Any] = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "leeway_seconds": 5,
        "token_types": ("at+jwt", "jwt"),
        "cache_size": 100,
    }
    return TokenVerifier(keys, **(options | changes))


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA", "Ed25519"])
async def test_token_gives_scopes_client_and_expiry(algorithm: str) -> None:
    issuer = TokenIssuer(algorithm)
    identity = await verifier_of(issuer).identify(issuer.token("read write", exp=int(time.time()) + 60))
    assert identity.grants == Grants(True, frozenset({"read", "write"}))
    assert identity.client_id == "client-1"
    assert identity.expires_at is not None
    assert 50 < identity.expires_at - time.time() <= 60


async def test_no_token_is_anonymous() -> None:
    assert await verifier_of(TokenIssuer()).identify(None) is ANONYMOUS


@pytest.mark.parametrize(
    ("claims", "header", "message"),
    [
        ({"exp": 1_000_000_000}, {}, "The access token has expired."),
        ({"exp": None}, {}, "The access token's claim 'exp' is not accepted."),
        ({"nbf": 4_000_000_000}, {}, "The access token's claim 'nbf' is not accepted."),
        ({"iss": "https://other.test"}, {}, "The access token's claim 'iss' is not accepted."),
        ({"aud": "https://other.test"}, {}, "The access token's claim 'aud' is not accepted."),
        ({"aud": None}, {}, "The access token's claim 'aud' is not accepted."),
        ({}, {"typ": "logout+jwt"}, "The token is not an access token."),
        ({}, {"kid": "unknown"}, "The access token is signed with an unknown key."),
    ],
)
async def test_token_that_is_not_for_us_is_refused(claims: dict[str, Any], header: dict[str, Any], message: str) -> None:
    issuer = TokenIssuer()
    with pytest.raises(Unauthenticated) as refusal:
        await verifier_of(issuer).identify(issuer.token(header=header, **claims))
    assert refusal.value.message == message
    assert refusal.value.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


async def test_expiry_within_leeway_is_accepted() -> None:
    issuer = TokenIssuer()
    identity = await verifier_of(issuer).identify(issuer.token(exp=int(time.time()) - 2))
    assert identity.grants.authenticated


async def test_tampered_payload_is_refused() -> None:
    issuer = TokenIssuer()
    verifier = verifier_of(issuer)
    header, _, signature = issuer.token("read").split(".")
    _, payload, _ = issuer.token("read admin").split(".")
    with pytest.raises(Unauthenticated, match="signature is invalid"):
        await verifier.identify(f"{header}.{payload}.{signature}")


async def test_token_of_another_issuer_with_our_key_id_is_refused() -> None:
    ours, theirs = TokenIssuer(), TokenIssuer()
    with pytest.raises(Unauthenticated, match="signature is invalid"):
        await verifier_of(ours).identify(theirs.token())


@pytest.mark.parametrize("token", ["x", "a.b.c", "", "e30.e30.", "W10.e30.x", "x" * 9000])
async def test_malformed_token_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier_of(TokenIssuer()).identify(token)


async def test_unsigned_token_is_refused() -> None:
    # {"alg":"none","typ":"at+jwt"} . {} .
    with pytest.raises(Unauthenticated, match="algorithm"):
        await verifier_of(TokenIssuer()).identify("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.")


async def test_verified_token_is_remembered_until_it_expires() -> None:
    issuer = TokenIssuer()
    now = time.time()
    lookups: list[bool] = []
    verifier = verifier_of(issuer, clock=lambda: now, on_lookup=lookups.append)
    token = issuer.token(exp=int(now) + 10)
    await verifier.identify(token)
    await verifier.identify(token)
    assert lookups == [False, True]
    now += 16  # ten seconds and the leeway of five are over
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.identify(token)


async def test_remembered_tokens_are_bounded() -> None:
    issuer = TokenIssuer()
    lookups: list[bool] = []
    verifier = verifier_of(issuer, cache_size=2, on_lookup=lookups.append)
    first, second, third = (issuer.token(jti=name) for name in "abc")
    for token in (first, second, third, first):
        await verifier.identify(token)
    assert lookups == [False, False, False, False]


async def test_policies_are_read_from_their_claim() -> None:
    issuer = TokenIssuer()
    identity = await verifier_of(issuer, policy_claim="roles").identify(issuer.token(roles=["auditor", 3]))
    assert identity.grants.policies == {"auditor"}


async def test_unknown_keys_without_key_set_is_unavailable_rather_than_unauthenticated() -> None:
    issuer = TokenIssuer()

    async def fail() -> dict[str, Any]:
        raise OSError("connection refused")

    keys = KeySource(fail, refresh_seconds=600, minimum_interval_seconds=0)
    verifier = TokenVerifier(keys, issuer=None, audience=None, leeway_seconds=5, token_types=("at+jwt",), cache_size=10)
    with pytest.raises(KeysUnavailable):
        await verifier.identify(issuer.token())


@pytest.mark.parametrize(("header", "token"), [(None, None), ("", None), ("Bearer abc", "abc"), ("bearer  abc ", "abc")])
def test_bearer_token_is_read_from_the_header(header: str | None, token: str | None) -> None:
    assert bearer_token(header) == token


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer ", "abc"])
def test_other_credentials_are_refused(header: str) -> None:
    with pytest.raises(Unauthenticated):
        bearer_token(header)
