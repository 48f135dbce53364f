"""Verified access tokens (RFC 9068): signature, type, issuer, audience and times, remembered until they expire."""

from __future__ import annotations

import time
import warnings
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import orjson
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError, SecurityWarning
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from router.auth.jwks import KeySource, VerificationKey
from router.auth.scopes import ANONYMOUS, Identity, identity_of
from router.errors import Unauthenticated

__all__ = ["TokenVerifier", "bearer_token"]

# Asymmetric only: with an HMAC among them, a public key could be abused as a shared secret.
# "Ed25519" is the name RFC 9864 gives to what RFC 8037 called "EdDSA".
ALGORITHMS = ("ES256", "RS256", "EdDSA", "Ed25519")

# Longer than any sensible access token; bounds what is hashed and decoded before anything is known.
MAX_TOKEN_BYTES = 8192


class TokenVerifier:
    """Turns an access token into an identity.

    A verified token is remembered by its SHA-256, so that the signature is checked once per token; the
    memory is bounded and the expiry is checked at every use.
    """

    def __init__(
        self,
        keys: KeySource,
        *,
        issuer: str | None,
        audience: str | None,
        leeway_seconds: int,
        token_types: tuple[str, ...],
        cache_size: int,
        client_id_claim: str = "client_id",
        policy_claim: str = "policies",
        clock: Callable[[], float] = time.time,
        on_lookup: Callable[[bool], None] | None = None,
    ) -> None:
        self._keys = keys
        self._leeway_seconds = leeway_seconds
        self._token_types = frozenset(name.lower() for name in token_types)
        self._cache_size = cache_size
        self._client_id_claim = client_id_claim
        self._policy_claim = policy_claim
        self._clock = clock
        self._on_lookup = on_lookup
        self._verified: OrderedDict[bytes, Identity] = OrderedDict()
        self._registry = JWSRegistry(algorithms=list(ALGORITHMS))
        required: dict[str, jwt.ClaimsOption] = {"exp": {"essential": True}}
        if issuer:
            required["iss"] = {"essential": True, "value": issuer}
        if audience:
            required["aud"] = {"essential": True, "value": audience}
        self._claims = jwt.JWTClaimsRegistry(lambda: int(clock()), leeway_seconds, **required)

    async def identify(self, token: str | None) -> Identity:
        """Return who presents this token; without a token, nobody.

        Raises:
            Unauthenticated: the token is malformed, tampered with, expired, not yet valid or not for us.
            KeysUnavailable: the issuer's keys were never read.
        """
        if token is None:
            return ANONYMOUS
        if len(token) > MAX_TOKEN_BYTES:
            raise Unauthenticated("The access token is too long.")
        digest = sha256(token.encode()).digest()
        identity = self._verified.get(digest)
        if self._on_lookup:
            self._on_lookup(identity is not None)
        if identity is None:
            identity = await self._verify(token)
            self._remember(digest, identity)
        elif self._expired(identity):
            del self._verified[digest]
            raise Unauthenticated("The access token has expired.")
        return identity

    def _remember(self, digest: bytes, identity: Identity) -> None:
        self._verified[digest] = identity
        if len(self._verified) > self._cache_size:
            self._verified.popitem(last=False)

    def _expired(self, identity: Identity) -> bool:
        return identity.expires_at is not None and identity.expires_at <= int(self._clock()) - self._leeway_seconds

    async def _verify(self, token: str) -> Identity:
        header = _header(token)
        if header.get("alg") not in ALGORITHMS:
            raise Unauthenticated("The access token is signed with an algorithm that is not accepted.")
        if not self._type_accepted(header.get("typ", "jwt")):
            raise Unauthenticated("The token is not an access token.")
        kid = header.get("kid")
        if kid is not None and not isinstance(kid, str):
            raise Unauthenticated("The access token is malformed.")
        key = await self._keys.find(kid)
        if key is None:
            raise Unauthenticated("The access token is signed with an unknown key.")
        try:
            claims = self._decode(token, key)
            self._claims.validate(claims)
        except ExpiredTokenError:
            raise Unauthenticated("The access token has expired.") from None
        except (InvalidClaimError, MissingClaimError) as error:
            raise Unauthenticated(f"The access token's claim '{error.claim}' is not accepted.") from None
        except (JoseError, ValueError):
            raise Unauthenticated("The access token's signature is invalid.") from None
        return identity_of(claims, client_id_claim=self._client_id_claim, policy_claim=self._policy_claim)

    def _decode(self, token: str, key: VerificationKey) -> dict[str, Any]:
        with warnings.catch_warnings():
            # joserfc warns that "EdDSA" is an old name (RFC 9864); issuers still write it.
            warnings.simplefilter("ignore", SecurityWarning)
            return jwt.decode(token, key, registry=self._registry).claims

    def _type_accepted(self, typ: object) -> bool:
        """Compare `typ` as a media type: "application/" may be left out, case does not matter (RFC 7515 section 4.1.9)."""
        return isinstance(typ, str) and typ.lower().removeprefix("application/") in self._token_types


def bearer_token(authorization: str | None) -> str | None:
    """Return the token of an `Authorization` header (RFC 6750 section 2.1); None when there is none.

    Raises:
        Unauthenticated: the header is there with another scheme or without a token.
    """
    if not authorization:
        return None
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("The Authorization header must carry a bearer token.")
    return token


def _header(token: str) -> dict[str, Any]:
    try:
        header = orjson.loads(urlsafe_b64decode(token.split(".", 1)[0].encode()))
    except ValueError:
        raise Unauthenticated("The access token is malformed.") from None
    if not isinstance(header, dict):
        raise Unauthenticated("The access token is malformed.")
    return header
