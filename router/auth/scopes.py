"""What a request has been granted: whether it is authenticated, its scopes, its policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ANONYMOUS", "Grants", "Identity", "identity_of"]


@dataclass(frozen=True, slots=True)
class Grants:
    """The facts that `@authenticated`, `@requiresScopes` and `@policy` are checked against."""

    authenticated: bool = False
    scopes: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sent a request: the claims of a verified access token that the router needs, and no more of it."""

    grants: Grants = field(default_factory=Grants)
    client_id: str | None = None
    # Seconds since the epoch; None for an anonymous request.
    expires_at: float | None = None


ANONYMOUS = Identity()


def identity_of(claims: Mapping[str, Any], *, client_id_claim: str, policy_claim: str) -> Identity:
    """Return the identity in verified claims (`scope`: RFC 9068 section 2.2.3, space separated; or a list).

    A token without a client id is known by its subject.
    """
    client_id = claims.get(client_id_claim) or claims.get("azp") or claims.get("sub")
    return Identity(
        grants=Grants(
            authenticated=True,
            scopes=_names(claims.get("scope", claims.get("scp"))),
            policies=_names(claims.get(policy_claim)),
        ),
        client_id=client_id if isinstance(client_id, str) else None,
        expires_at=float(claims["exp"]),
    )


def _names(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split())
    if isinstance(value, list):
        return frozenset(name for name in value if isinstance(name, str))
    return frozenset()
