"""What the access directives of a coordinate demand: whether a request meets it, and in words what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from router.auth.scopes import Grants

__all__ = ["AccessRule", "satisfied", "unmet_demand"]


class AccessRule(Protocol):
    """The access directives of one schema coordinate.

    `scopes` and `policies` are an OR of ANDs: one of the groups must be granted completely; no group, no demand.
    """

    @property
    def authenticated(self) -> bool: ...
    @property
    def scopes(self) -> Sequence[frozenset[str]]: ...
    @property
    def policies(self) -> Sequence[frozenset[str]]: ...


def satisfied(rule: AccessRule, grants: Grants) -> bool:
    """Tell whether the grants meet every demand of the rule."""
    if rule.authenticated and not grants.authenticated:
        return False
    return _granted(rule.scopes, grants.scopes) and _granted(rule.policies, grants.policies)


def unmet_demand(rule: AccessRule, grants: Grants) -> str | None:
    """Return the demands that are not met, such as `an access token and the scopes a and b, or c`; None when all are."""
    demands = []
    if rule.authenticated and not grants.authenticated:
        demands.append("an access token")
    if not _granted(rule.scopes, grants.scopes):
        demands.append(_in_words("scope", rule.scopes))
    if not _granted(rule.policies, grants.policies):
        demands.append(_in_words("policy", rule.policies))
    return " and ".join(demands) or None


def _granted(groups: Sequence[frozenset[str]], granted: frozenset[str]) -> bool:
    return not groups or any(group <= granted for group in groups)


def _in_words(kind: str, groups: Sequence[frozenset[str]]) -> str:
    plural = {"scope": "scopes", "policy": "policies"}[kind]
    alternatives = [" and ".join(sorted(group)) for group in groups]
    return f"the {plural if len(groups[0]) > 1 else kind} {', or '.join(alternatives)}"
