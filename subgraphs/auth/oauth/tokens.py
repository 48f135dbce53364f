"""Access tokens: signed JSON Web Tokens in the profile of RFC 9068."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc import jwt

from subgraphs.auth.signing_keys import SigningKey

__all__ = ["AccessTokens"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokens:
    """Issues the tokens of one issuer for one audience."""

    issuer: str
    audience: str
    lifetime: timedelta

    def issue(self, key: SigningKey, *, client_id: str, tenant: str, scope: str, at: datetime) -> str:
        """Return a token for the client itself (RFC 9068 section 2.2): it is its own subject. `scope` is space-separated."""
        issued_at = int(at.timestamp())
        claims = {
            "iss": self.issuer,
            "sub": client_id,
            "aud": self.audience,
            "client_id": client_id,
            "scope": scope,
            "tenant": tenant,
            "jti": secrets.token_urlsafe(16),
            "iat": issued_at,
            "exp": issued_at + int(self.lifetime.total_seconds()),
        }
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.id}, claims, key.key)
