"""The type of a field or argument that subgraphs declare differently but compatibly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["is_subtype", "most_general", "most_specific"]


def is_subtype(type_: str, of: str, supertypes: Mapping[str, set[str]]) -> bool:
    """Whether every value of `type_` is one of `of` (GraphQL specification, IsValidImplementationFieldType).

    `supertypes` are the interfaces and unions that a type belongs to.
    """
    if type_ == of:
        return True
    if of.endswith("!"):
        return type_.endswith("!") and is_subtype(type_[:-1], of[:-1], supertypes)
    if type_.endswith("!"):
        return is_subtype(type_[:-1], of, supertypes)
    if type_.startswith("[") or of.startswith("["):
        return type_.startswith("[") and of.startswith("[") and is_subtype(type_[1:-1], of[1:-1], supertypes)
    return of in supertypes.get(type_, ())


def most_general(types: Sequence[str], supertypes: Mapping[str, set[str]]) -> str | None:
    """Return the one of `types` that all others are subtypes of: what a client can rely on whichever subgraph answers."""
    return next((found for found in types if all(is_subtype(other, found, supertypes) for other in types)), None)


def most_specific(types: Sequence[str], supertypes: Mapping[str, set[str]]) -> str | None:
    """Return the one of `types` that is a subtype of all others: what every subgraph accepts."""
    return next((found for found in types if all(is_subtype(found, other, supertypes) for other in types)), None)
