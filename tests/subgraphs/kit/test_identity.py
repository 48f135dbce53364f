"""Tokens are verified against the issuer's keys, which are fetched as seldom as possible."""

import time
from typing import Any

import pytest

from subgraphs.kit.identity import IdentityUnavailable, InvalidToken, Principal, TokenVerifier
from tests.testkit.router_tokens import AUDIENCE, ISSUER, TokenIssuer


@pytest.fixture
def issuer() -> TokenIssuer:
    return TokenIssuer()


@pytest.fixture
def verifier(issuer: TokenIssuer) -> TokenVerifier:
    return TokenVerifier(ISSUER, AUDIENCE, issuer.fetch)


async def test_a_good_token_names_tenant_client_and_scopes(issuer: TokenIssuer, verifier: TokenVerifier) -> None:
    token = issuer.token("a:read b:write", tenant="ten_1", jti="t1")
    assert await verifier.verify(token) == Principal("ten_1", "client-1", "client-1", frozenset({"a:read", "b:write"}), "t1")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": 1}, "it has expired; request a new one"),
        ({"exp": None}, "it has no expiry or no time of issue"),
        ({"iss": "https://evil.test"}, "it is of another issuer"),
        ({"aud": ["x", "y"]}, "it is meant for another audience"),
        ({"tenant": ""}, "it names no tenant or no client"),
        ({"client_id": None}, "it names no tenant or no client"),
        ({"iat": 2**40}, "it is not valid yet"),
    ],
)
async def test_wrong_claims_are_refused(
    issuer: TokenIssuer, verifier: TokenVerifier, claims: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidToken) as refused:
        await verifier.verify(issuer.token(**{"tenant": "ten_1", **claims}))
    assert refused.value.reason == reason


async def test_an_audience_list_may_hold_ours(issuer: TokenIssuer, verifier: TokenVerifier) -> None:
    assert (await verifier.verify(issuer.token(tenant="t", aud=["x", AUDIENCE]))).tenant == "t"


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"typ": None}, {"kid": "other"}])
async def test_other_kinds_of_tokens_and_keys_are_refused(
    issuer: TokenIssuer, verifier: TokenVerifier, header: dict[str, Any]
) -> None:
    with pytest.raises(InvalidToken):
        await verifier.verify(issuer.token(tenant="t", header={k: v or "" for k, v in header.items()}))


async def test_keys_are_fetched_once_even_for_unknown_key_ids(issuer: TokenIssuer, verifier: TokenVerifier) -> None:
    for _ in range(3):
        await verifier.verify(issuer.token(tenant="t"))
        with pytest.raises(InvalidToken):
            await verifier.verify(issuer.token(tenant="t", header={"kid": "made-up"}))
    assert issuer.reads == 1


async def test_a_rotated_key_is_found_after_the_refresh_interval(
    issuer: TokenIssuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    await verifier.verify(issuer.token(tenant="t"))
    issuer.rotate()
    now = time.monotonic()
    monkeypatch.setattr("subgraphs.kit.identity.time.monotonic", lambda: now + 11)
    assert (await verifier.verify(issuer.token(tenant="t"))).tenant == "t"
    assert issuer.reads == 2


async def test_a_cached_token_expires(issuer: TokenIssuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
    token = issuer.token(tenant="t")
    await verifier.verify(token)
    now = time.time()
    monkeypatch.setattr("subgraphs.kit.identity.time.time", lambda: now + 306)
    with pytest.raises(InvalidToken, match="expired"):
        await verifier.verify(token)


async def test_without_the_issuer_nothing_can_be_verified(issuer: TokenIssuer) -> None:
    async def away() -> dict[str, Any]:
        raise TimeoutError

    with pytest.raises(IdentityUnavailable):
        await TokenVerifier(ISSUER, AUDIENCE, away).verify(issuer.token(tenant="t"))
