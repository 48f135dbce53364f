"""An issuer of access tokens for router tests: keys, a JWKS document and signed tokens."""

from __future__ import annotations

import time
import warnings
from typing import Any

from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

__all__ = ["AUDIENCE", "ISSUER", "TokenIssuer"]

ISSUER = "https://issuer.test"
AUDIENCE = "https://api.test"
ALGORITHMS = ["ES256", "RS256", "EdDSA", "Ed25519", "HS256", "ES384"]


class TokenIssuer:
    """Signs tokens with one key; `rotate` adds another and signs with it from then on."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self.keys: list[ECKey | RSAKey | OKPKey] = []
        self.reads = 0
        self.rotate(algorithm)

    def rotate(self, algorithm: str = "ES256") -> None:
        self.algorithm = algorithm
        parameters: Any = {"kid": f"key-{len(self.keys)}", "use": "sig"}
        if algorithm == "RS256":
            self.keys.append(RSAKey.generate_key(2048, parameters))
        elif algorithm in {"EdDSA", "Ed25519"}:
            self.keys.append(OKPKey.generate_key("Ed25519", parameters))
        else:
            self.keys.append(ECKey.generate_key("P-256", parameters))

    def jwks(self) -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False) for key in self.keys]}

    async def fetch(self) -> dict[str, Any]:
        self.reads += 1
        return self.jwks()

    def token(self, scope: str = "", *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        key = self.keys[-1]
        now = int(time.time())
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "client-1",
            "client_id": "client-1",
            "iat": now,
            "exp": now + 300,
            "scope": scope,
            **claims,
        }
        head = {"alg": self.algorithm, "typ": "at+jwt", "kid": key.kid, **(header or {})}
        present = {name: value for name, value in payload.items() if value is not None}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            return jwt.encode(head, present, key, registry=JWSRegistry(algorithms=ALGORITHMS))
