"""Enforces in the subgraph what its schema declares with @authenticated and @requiresScopes.

A gateway filters by the same declarations before it asks; going around it gains nothing. A denied field is an error at its
path, and the other fields still answer.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type, is_abstract_type
from strawberry.federation.schema_directives import Authenticated, RequiresScopes

from subgraphs.kit.graphql.errors import unauthorized
from subgraphs.kit.identity import Principal

__all__ = ["AccessRule", "enforce_access", "type_rule"]

_DEFINITION = "strawberry-definition"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What a token must have: any token, and for each of `all_of` one of its scope sets in full."""

    all_of: tuple[tuple[frozenset[str], ...], ...] = ()

    def allows(self, principal: Principal | None) -> bool:
        if principal is None:
            return False
        return all(any(scopes <= principal.scopes for scopes in any_of) for any_of in self.all_of)


def enforce_access(schema: GraphQLSchema) -> None:
    """Wrap the resolvers of every field whose declaration, or whose type's declaration, asks for a token or scopes."""
    members = {
        member.name
        for abstract in schema.type_map.values()
        if is_abstract_type(abstract) and abstract.name != "_Entity"
        for member in schema.get_possible_types(abstract)
    }
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            for field in type_.fields.values():
                rules = [_rule(field), type_rule(get_named_type(field.type))]
                # A member of an interface or union can be reached without naming its type: its fields check.
                rules += [type_rule(type_)] if type_.name in members else []
                _guard(field, [rule for rule in rules if rule is not None])


def type_rule(type_: Any) -> AccessRule | None:
    """Return what a GraphQL type of a Strawberry schema declares, None when nothing."""
    return _rule(type_)


def _rule(element: Any) -> AccessRule | None:
    definition = (element.extensions or {}).get(_DEFINITION)
    directives: Iterable[Any] = getattr(definition, "directives", None) or ()
    found = [directive for directive in directives if isinstance(directive, (Authenticated, RequiresScopes))]
    if not found:
        return None
    scopes = [directive.scopes for directive in found if isinstance(directive, RequiresScopes)]
    return AccessRule(tuple(tuple(frozenset(any_of) for any_of in all_of) for all_of in scopes))


def _guard(field: GraphQLField, rules: list[AccessRule]) -> None:
    if not rules:
        return
    rule = AccessRule(tuple(dict.fromkeys(any_of for rule in rules for any_of in rule.all_of)))
    if field.subscribe is not None:
        field.subscribe = _guarded_subscribe(rule, field.subscribe)
    elif field.resolve is not None:
        field.resolve = _guarded_resolve(rule, field.resolve)


def _guarded_resolve(rule: AccessRule, resolve: Any) -> Any:
    def guarded(source: Any, info: Any, **arguments: Any) -> Any:
        if not rule.allows(info.context.principal):
            raise unauthorized()
        return resolve(source, info, **arguments)

    return guarded


def _guarded_subscribe(rule: AccessRule, subscribe: Any) -> Any:
    def guarded(source: Any, info: Any, **arguments: Any) -> AsyncIterator[Any]:
        if not rule.allows(info.context.principal):
            raise unauthorized()
        return subscribe(source, info, **arguments)  # type: ignore[no-any-return]

    return guarded
