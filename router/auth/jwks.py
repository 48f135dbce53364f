"""The issuer's public keys (RFC 7517): cached, refreshed in time and on an unknown key id, never more often than allowed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from router.errors import KeysUnavailable
from router.telemetry.logs import get_logger

__all__ = ["KeySource", "VerificationKey"]

log = get_logger(__name__)

VerificationKey = RSAKey | ECKey | OKPKey

# Public key algorithms only: a shared secret does not belong in a published key set.
KEY_TYPES = ("EC", "OKP", "RSA")

# A key set is a handful of keys; what is longer is not one, or an attack on our memory.
MAX_KEYS = 32


class KeySource:
    """Finds the key that signed a token.

    `fetch` reads the JWKS document and has its own timeout. A key set that cannot be refreshed is used on:
    an issuer that is down for a while does not log everybody out.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[dict[str, Any]]],
        *,
        refresh_seconds: float,
        minimum_interval_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._refresh_seconds = refresh_seconds
        self._minimum_interval_seconds = minimum_interval_seconds
        self._clock = clock
        self._keys: dict[str | None, VerificationKey] = {}
        self._read_at: float | None = None
        self._tried_at: float | None = None
        self._reading = asyncio.Lock()

    async def find(self, kid: str | None) -> VerificationKey | None:
        """Return the key with this id; without an id, the only key there is; None when there is none.

        Raises:
            KeysUnavailable: no key set was ever read and reading it fails.
        """
        key = self._find_cached(kid)
        # While one waits for a newer set, a known key serves the others.
        if key is None or (self._stale() and not self._reading.locked()):
            await self._refresh(kid)
            key = self._find_cached(kid)
        if key is None and self._read_at is None:
            raise KeysUnavailable("Tokens cannot be verified at the moment.")
        return key

    def _find_cached(self, kid: str | None) -> VerificationKey | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _stale(self) -> bool:
        return self._read_at is None or self._clock() - self._read_at > self._refresh_seconds

    async def _refresh(self, kid: str | None) -> None:
        async with self._reading:
            if self._find_cached(kid) is not None and not self._stale():
                return  # whoever held the lock before us read it
            if self._tried_at is not None and self._clock() - self._tried_at < self._minimum_interval_seconds:
                return
            self._tried_at = self._clock()
            try:
                keys = _verification_keys(await self._fetch())
            except Exception as error:
                log.warning("jwks.unavailable", error=str(error) or type(error).__name__)
                return
            self._keys = keys
            self._read_at = self._clock()
            log.info("jwks.read", keys=len(keys))


def _verification_keys(document: dict[str, Any]) -> dict[str | None, VerificationKey]:
    """Return the signature keys of a JWK set by id; keys of other kinds or uses are passed over (RFC 7517 section 5)."""
    keys: dict[str | None, VerificationKey] = {}
    for jwk in document["keys"][:MAX_KEYS]:
        if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig" or jwk.get("kty") not in KEY_TYPES:
            continue
        try:
            key = import_key(jwk)
        except (JoseError, ValueError, KeyError, TypeError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey):
            keys[jwk.get("kid")] = key
    return keys
