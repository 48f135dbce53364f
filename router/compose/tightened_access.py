"""What clients can no longer read with the tokens they have, when one supergraph takes another's place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from router.compose.breaking_changes import SchemaChange
from router.compose.merge.access import conjunction
from router.compose.values import print_value
from router.supergraph.access import AccessRule, access_rules
from router.supergraph.model import Supergraph

__all__ = ["tightened_access"]

_NO_RULE = AccessRule()


def tightened_access(old: Supergraph, new: Supergraph) -> list[SchemaChange]:
    """Return the types and fields that demand more than before, in order of their coordinates (Federation 2.5).

    A field is protected by its own demands and its type's together, so that moving a demand from type to field is no change.
    """
    before, after = access_rules(old), access_rules(new)
    return [
        SchemaChange("ACCESS_TIGHTENED", f"{coordinate} now demands {demands}.")
        for coordinate in sorted(_coordinates(old.schema))
        if coordinate in after and (demands := _added(_protection(before, coordinate), after[coordinate]))
    ]


def _coordinates(api: GraphQLSchema) -> Iterator[str]:
    for name, type_ in api.type_map.items():
        if not name.startswith("__"):
            yield name
            if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)):
                yield from (f"{name}.{field}" for field in type_.fields)


def _protection(rules: Mapping[str, AccessRule], coordinate: str) -> AccessRule:
    """Return what had to be met to read the element."""
    own, holder = rules.get(coordinate, _NO_RULE), rules.get(coordinate.partition(".")[0], _NO_RULE)
    return AccessRule(
        own.authenticated or holder.authenticated, _both(own.scopes, holder.scopes), _both(own.policies, holder.policies)
    )


def _both(one: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> Sequence[frozenset[str]]:
    demands = [[sorted(group) for group in groups] for groups in (one, other) if groups]
    return [frozenset(group) for group in conjunction(demands)] if demands else ()


def _added(had: AccessRule, has: AccessRule) -> str:
    """Return the demands that who met the old ones may not meet; empty when there is none."""
    demands = []
    if has.authenticated and not had.authenticated:
        demands.append("@authenticated")
    if not _implied(had.scopes, has.scopes):
        demands.append(f"@requiresScopes(scopes: {_groups(has.scopes)})")
    if not _implied(had.policies, has.policies):
        demands.append(f"@policy(policies: {_groups(has.policies)})")
    return " and ".join(demands)


def _implied(had: Sequence[frozenset[str]], wanted: Sequence[frozenset[str]]) -> bool:
    if not wanted:
        return True
    return bool(had) and all(any(group <= met for group in wanted) for met in had)


def _groups(groups: Iterable[frozenset[str]]) -> str:
    return print_value([sorted(group) for group in groups])
