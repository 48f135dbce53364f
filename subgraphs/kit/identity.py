"""Who is asking: access tokens (RFC 9068) verified against the issuer's published keys."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from subgraphs.kit.settings import Settings

__all__ = ["IdentityUnavailable", "InvalidToken", "KeySource", "Principal", "TokenVerifier", "http_keys"]

ALGORITHMS = ("ES256", "EdDSA", "RS256")
LEEWAY_SECONDS = 5
# Unknown key ids make the keys be fetched again, but not more often than this: made-up ids must not become load on the issuer.
REFRESH_SECONDS = 10
# Keys are fetched again after this long in any case, so that a withdrawn key is forgotten.
KEEP_SECONDS = 600
CACHED_TOKENS = 10_000
FETCH_TIMEOUT_SECONDS = 3

KeySource = Callable[[], Awaitable[dict[str, Any]]]
"""Returns the issuer's current JSON Web Key Set (RFC 7517)."""


class InvalidToken(Exception):
    """The token proves nothing; `reason` may be shown to whoever sent it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IdentityUnavailable(Exception):
    """The issuer's keys cannot be fetched, so no token can be verified now."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller: an OAuth client acting for one tenant with these scopes."""

    tenant: str
    client_id: str
    subject: str
    scopes: frozenset[str]
    token_id: str


class TokenVerifier:
    """Verifies access tokens; keys and verified tokens are cached, within bounds."""

    def __init__(self, issuer: str, audience: str, keys: KeySource) -> None:
        self._issuer, self._audience, self._fetch = issuer, audience, keys
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._verified: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    async def verify(self, token: str) -> Principal:
        """Return who the token stands for.

        Raises:
            InvalidToken: it is malformed, of another issuer or audience, expired, or its signature is wrong.
            IdentityUnavailable: the issuer's keys are not known and cannot be fetched.
        """
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None and time.time() < known[0]:
            return known[1]
        self._verified.pop(digest, None)
        expires_at, principal = await self._check(token)
        self._verified[digest] = (expires_at, principal)
        if len(self._verified) > CACHED_TOKENS:
            self._verified.popitem(last=False)
        return principal

    async def _check(self, token: str) -> tuple[float, Principal]:
        header = _header(token)
        keys = await self._keys_with(header.get("kid"))
        try:
            decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError) as error:
            raise InvalidToken("the signature does not match a key of the issuer") from error
        claims = decoded.claims
        now = time.time()
        expires_at, issued_at, audience = claims.get("exp"), claims.get("iat"), claims.get("aud")
        if not isinstance(expires_at, (int, float)) or not isinstance(issued_at, (int, float)):
            raise InvalidToken("it has no expiry or no time of issue")
        if now >= expires_at + LEEWAY_SECONDS:
            raise InvalidToken("it has expired; request a new one")
        if issued_at > now + LEEWAY_SECONDS or claims.get("nbf", 0) > now + LEEWAY_SECONDS:
            raise InvalidToken("it is not valid yet")
        if claims.get("iss") != self._issuer:
            raise InvalidToken("it is of another issuer")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise InvalidToken("it is meant for another audience")
        return expires_at, _principal(claims)

    async def _keys_with(self, key_id: Any) -> KeySet:
        age = time.monotonic() - self._fetched_at
        if self._keys is None or age > KEEP_SECONDS or (not _has_key(self._keys, key_id) and age > REFRESH_SECONDS):
            async with self._fetching:
                if time.monotonic() - self._fetched_at >= min(age, REFRESH_SECONDS) or self._keys is None:
                    await self._refresh()
        if self._keys is None:
            raise IdentityUnavailable("the issuer's keys cannot be fetched")
        if not _has_key(self._keys, key_id):
            raise InvalidToken("its key is not one of the issuer's")
        return self._keys

    async def _refresh(self) -> None:
        try:
            self._keys = KeySet.import_key_set(await self._fetch())  # type: ignore[arg-type]
            self._fetched_at = time.monotonic()
        except (aiohttp.ClientError, TimeoutError, JoseError, ValueError, KeyError) as error:
            if self._keys is None:
                raise IdentityUnavailable("the issuer's keys cannot be fetched") from error


def http_keys(settings: Settings) -> KeySource:
    """Return a source that fetches the issuer's published keys."""

    async def fetch() -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=FETCH_TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(settings.key_set_url) as response:
            response.raise_for_status()
            keys: dict[str, Any] = await response.json(content_type=None)
            return keys

    return fetch


def _header(token: str) -> dict[str, Any]:
    from joserfc import jws

    try:
        header = dict(jws.extract_compact(token.encode()).headers())
    except (JoseError, ValueError) as error:
        raise InvalidToken("it is not a signed JSON Web Token") from error
    if header.get("alg") not in ALGORITHMS:
        raise InvalidToken(f"its algorithm is not one of {', '.join(ALGORITHMS)}")
    if str(header.get("typ", "")).lower().removeprefix("application/") != "at+jwt":
        raise InvalidToken("it is not an access token (typ at+jwt)")
    return header


def _has_key(keys: KeySet, key_id: Any) -> bool:
    return any(key.kid == key_id for key in keys.keys)


def _principal(claims: dict[str, Any]) -> Principal:
    tenant, client, subject = claims.get("tenant"), claims.get("client_id"), claims.get("sub")
    if not (isinstance(tenant, str) and tenant and isinstance(client, str) and client):
        raise InvalidToken("it names no tenant or no client")
    return Principal(
        tenant=tenant,
        client_id=client,
        subject=str(subject or client),
        scopes=frozenset(str(claims.get("scope", "")).split()),
        token_id=str(claims.get("jti", "")),
    )
