"""The access directives of a supergraph (`@authenticated`, `@requiresScopes`, `@policy`; Federation 2.5 and later)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import TypeDefinitionNode, value_from_ast_untyped

from router.supergraph.model import Supergraph

__all__ = ["AccessRule", "access_rules"]


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What one coordinate demands; `scopes` and `policies` are an OR of ANDs, empty when there is no demand."""

    authenticated: bool = False
    scopes: Sequence[frozenset[str]] = ()
    policies: Sequence[frozenset[str]] = ()


def access_rules(supergraph: Supergraph) -> Mapping[str, AccessRule]:
    """Return the rules by coordinate (`Type`, `Type.field`); coordinates without a rule are left out."""
    rules: dict[str, AccessRule] = {}
    for definition in supergraph.document.definitions:
        if isinstance(definition, TypeDefinitionNode):
            for coordinate, node in _elements(definition):
                rule = _rule(node)
                if rule is not None:
                    rules[coordinate] = rule
    return rules


def _elements(definition: TypeDefinitionNode) -> Iterator[tuple[str, Any]]:
    name = definition.name.value
    yield name, definition
    for field in getattr(definition, "fields", None) or ():
        yield f"{name}.{field.name.value}", field


def _rule(node: Any) -> AccessRule | None:
    authenticated, scopes, policies = False, [], []
    for directive in node.directives or ():
        # The composer links these specifications under their own names; an alias would be `spec__name`.
        name = directive.name.value.rpartition("__")[2]
        arguments = {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}
        if name == "authenticated":
            authenticated = True
        elif name == "requiresScopes":
            scopes += [frozenset(group) for group in arguments.get("scopes") or ()]
        elif name == "policy":
            policies += [frozenset(group) for group in arguments.get("policies") or ()]
    if not (authenticated or scopes or policies):
        return None
    return AccessRule(authenticated, tuple(scopes), tuple(policies))
