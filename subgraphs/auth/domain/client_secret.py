"""Client secrets: 256 random bits, kept only as a SHA-256 digest.

A slow password hash defends guessable secrets. These cannot be guessed: searching 2^256 values is hopeless at any speed, so a
plain digest gives nothing away, and a token request costs microseconds instead of tens of milliseconds that a stranger could
make the server spend.
"""

import hashlib
import hmac
import secrets

__all__ = ["MINIMUM_LENGTH", "hash_secret", "new_secret", "secret_matches"]

# What a secret set by the operator must have at least: 32 characters hold 128 random bits even in hexadecimal.
MINIMUM_LENGTH = 32
_PREFIX = "tbs_"


def new_secret() -> str:
    """Return a fresh secret; its prefix lets secret scanners find one that was leaked."""
    return _PREFIX + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Return the digest under which a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_matches(secret: str, digest: str) -> bool:
    """Compare in a time that does not depend on how much of the digest is right."""
    return hmac.compare_digest(hash_secret(secret), digest)
