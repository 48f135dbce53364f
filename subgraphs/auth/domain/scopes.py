"""What a token can allow, and who may hand it on."""

from collections.abc import Iterable

from subgraphs.auth.domain.errors import ScopeNotHeld
from subgraphs.kit.domain.errors import InvalidInput

__all__ = ["OPERATOR_SCOPES", "OPERATOR_TENANT", "SCOPES", "TENANT_SCOPES", "checked_scopes", "require_held"]

TENANT_SCOPES = (
    "customers:read",
    "customers:write",
    "plans:read",
    "plans:write",
    "subscriptions:read",
    "subscriptions:write",
    "usage:write",
    "invoices:read",
    "invoices:write",
    "payments:write",
    "clients:read",
    "clients:write",
    "audit:read",
)
"""What the clients of any tenant can hold."""

OPERATOR_SCOPES = ("tenants:write",)
"""What only clients of the operator's tenant can hold: it reaches beyond one tenant."""

SCOPES = (*TENANT_SCOPES, *OPERATOR_SCOPES)

OPERATOR_TENANT = "operator"
"""The tenant of whoever runs the installation; exists from the first start."""


def checked_scopes(tenant: str, scopes: Iterable[str], *, field: tuple[str, ...] = ("scopes",)) -> tuple[str, ...]:
    """Return the scopes without repetition, in the order of `SCOPES`.

    Raises:
        InvalidInput: there are none, one is unknown, or one belongs to the operator's tenant alone.
    """
    wanted = frozenset(scopes)
    if not wanted:
        raise InvalidInput("a client needs at least one scope", field=field)
    if unknown := sorted(wanted - set(SCOPES)):
        raise InvalidInput(f"{unknown[0]!r} is not a scope; there are {', '.join(SCOPES)}", field=field)
    reserved = sorted(wanted & set(OPERATOR_SCOPES))
    if reserved and tenant != OPERATOR_TENANT:
        raise InvalidInput(f"{reserved[0]!r} is for clients of the operator's tenant only", field=field)
    return tuple(scope for scope in SCOPES if scope in wanted)


def require_held(scopes: Iterable[str], held: frozenset[str], *, field: tuple[str, ...] = ("scopes",)) -> None:
    """Refuse to hand on what the caller does not hold: nobody gains a scope by making or taking over a client.

    Raises:
        ScopeNotHeld: names the scopes that the caller's own token lacks.
    """
    if missing := sorted(set(scopes) - held):
        raise ScopeNotHeld(tuple(missing), field=field)
