"""Reasons that only this subgraph refuses for.

DomainError
└── ScopeNotHeld    the caller would hand on a scope its own token lacks
"""

from subgraphs.kit.domain.errors import DomainError

__all__ = ["ScopeNotHeld"]


class ScopeNotHeld(DomainError):
    """The caller's token lacks scopes that it would give to, or take over from, a client."""

    code = "SCOPE_NOT_HELD"

    def __init__(self, scopes: tuple[str, ...], *, field: tuple[str, ...] = ()) -> None:
        super().__init__(f"your token does not hold {', '.join(scopes)}; only scopes you hold can be passed on", field=field)
        self.scopes = scopes
