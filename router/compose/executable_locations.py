"""Where operations, and not schemas, take directives (GraphQL specification, section 3.13, ExecutableDirectiveLocation)."""

from __future__ import annotations

__all__ = ["EXECUTABLE_LOCATIONS"]

EXECUTABLE_LOCATIONS = frozenset(
    {
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    }
)
