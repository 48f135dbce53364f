"""Access directives (`@authenticated`, `@requiresScopes`, `@policy`; Federation 2.5): who may read what several subgraphs guard.

Every subgraph's demand has to be met. Scopes and policies are an OR of ANDs, so demands of several subgraphs multiply out:
`[["a"], ["b"]]` here and `[["c"]]` there is `[["a", "c"], ["b", "c"]]`. What an object type demands holds for its interfaces too,
because whoever selects a field through an interface reads the object's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from router.compose.definitions import Field, TypeDefinition, TypeKind, Use
from router.compose.links import FEDERATION

__all__ = ["ACCESS_ARGUMENTS", "conjunction", "groups", "guard_interfaces", "merge_access", "with_access"]

E = TypeVar("E", TypeDefinition, Field)

ACCESS_ARGUMENTS: Mapping[str, str | None] = {"authenticated": None, "requiresScopes": "scopes", "policy": "policies"}


def conjunction(demands: Iterable[Sequence[Sequence[str]]]) -> list[list[str]]:
    """Return the OR of ANDs that holds when every one of the demands does; sorted, without groups that a smaller one covers."""
    merged: set[frozenset[str]] = {frozenset()}
    for demand in demands:
        merged = {group | frozenset(other) for group in merged for other in demand} if demand else merged
        merged = {group for group in merged if not any(other < group for other in merged)}
    return sorted(sorted(group) for group in merged)


def merge_access(uses: Iterable[Use]) -> list[Use]:
    """Return one use of each access directive that demands as much as all of `uses` together; others are passed over."""
    found = [use for use in uses if use.spec == FEDERATION and use.name in ACCESS_ARGUMENTS]
    merged = []
    for name, argument in ACCESS_ARGUMENTS.items():
        same = [use for use in found if use.name == name]
        if not same:
            continue
        arguments: dict[str, Any] = {}
        if argument is not None:
            arguments[argument] = conjunction(groups(use.arguments.get(argument)) for use in same)
        merged.append(Use(name, arguments))
    return merged


def guard_interfaces(types: Mapping[str, TypeDefinition]) -> dict[str, TypeDefinition]:
    """Return the types, with interfaces and their fields demanding what the implementing objects demand."""
    implementations: dict[str, list[TypeDefinition]] = {}
    for type_ in types.values():
        if type_.kind is TypeKind.OBJECT:
            for interface in type_.interfaces:
                implementations.setdefault(interface, []).append(type_)
    return {
        name: _guarded(type_, implementations[name]) if type_.kind is TypeKind.INTERFACE and name in implementations else type_
        for name, type_ in types.items()
    }


def _guarded(interface: TypeDefinition, objects: Sequence[TypeDefinition]) -> TypeDefinition:
    fields = {
        name: with_access(field, [found.fields[name] for found in objects if name in found.fields])
        for name, field in interface.fields.items()
    }
    return replace(with_access(interface, objects), fields=fields)


def with_access(element: E, others: Sequence[E]) -> E:
    """Return the element, demanding what it and all the others demand."""
    demands: list[Use] = [
        use for other in others for use in other.uses if use.name in ACCESS_ARGUMENTS and use.spec == FEDERATION
    ]
    if not demands:
        return element
    kept: tuple[Use, ...] = tuple(use for use in element.uses if not (use.name in ACCESS_ARGUMENTS and use.spec == FEDERATION))
    return replace(element, uses=(*kept, *merge_access((*element.uses, *demands))))


def groups(value: Any) -> list[list[str]]:
    """Return an argument of type `[[String!]!]!` as lists; GraphQL coerces a single item to a list."""
    outer = value if isinstance(value, list) else [value]
    return [[str(item) for item in (group if isinstance(group, list) else [group])] for group in outer]
