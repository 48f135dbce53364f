"""Which fields of a schema a request may not see, and which of its grants an operation's answer depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    visit,
)
from graphql.type import GraphQLNamedType

from router.auth.demands import AccessRule, satisfied, unmet_demand
from router.auth.scopes import Grants

__all__ = ["FieldAccess", "GrantSelector"]


class FieldAccess:
    """Answers, for one schema, whether given grants allow a field; `rules` is keyed by coordinate (`T`, `T.f`)."""

    def __init__(self, schema: GraphQLSchema, rules: Mapping[str, AccessRule]) -> None:
        self.schema = schema
        self._rules = rules

    def __bool__(self) -> bool:
        return bool(self._rules)

    def allows(self, grants: Grants, type_name: str, field_name: str) -> bool:
        """Tell whether `type_name.field_name` may be seen: its type's, its own and its result type's rules hold."""
        return all(satisfied(rule, grants) for rule in self.rules_of(type_name, field_name))

    def refusal(self, grants: Grants, type_name: str, field_name: str) -> str | None:
        """Return what `type_name.field_name` demands and `grants` lack, as `Invoice needs the scope invoices:read`.

        None when nothing is lacking. The words come from the schema's names and access directives alone.
        """
        # The same demand of a type and of its field is told once.
        demands: dict[str, str] = {}
        for coordinate, rule in self._ruled(type_name, field_name):
            if unmet := unmet_demand(rule, grants):
                demands.setdefault(unmet, coordinate)
        return "; ".join(f"{coordinate} needs {unmet}" for unmet, coordinate in demands.items()) or None

    def rules_of(self, type_name: str, field_name: str) -> Iterable[AccessRule]:
        """Yield the rules a field of an object or interface type is under."""
        return (rule for _, rule in self._ruled(type_name, field_name))

    def _ruled(self, type_name: str, field_name: str) -> Iterable[tuple[str, AccessRule]]:
        names = [type_name, f"{type_name}.{field_name}"]
        parent = self.schema.get_type(type_name)
        field = self.schema.get_field(parent, field_name) if is_composite_type(parent) else None
        if field is not None:
            names.append(get_named_type(field.type).name)
        for name in names:
            rule = self._rules.get(name)
            if rule is not None:
                yield name, rule

    def possible_names(self, type_: GraphQLNamedType) -> frozenset[str]:
        """Return the names of the object types that a value of this composite type can have."""
        if is_abstract_type(type_):
            return frozenset(t.name for t in self.schema.get_possible_types(type_))
        return frozenset((type_.name,))


class GrantSelector:
    """The grants that can make a difference for one document.

    Two requests whose selected grants are equal get the same plan, so they share it in the cache.
    """

    def __init__(self, access: FieldAccess, document: DocumentNode) -> None:
        rules = list(_rules_in(access, document))
        self._authenticated = any(rule.authenticated for rule in rules)
        self._scopes = frozenset(scope for rule in rules for group in rule.scopes for scope in group)
        self._policies = frozenset(policy for rule in rules for group in rule.policies for policy in group)
        self.unrestricted = not rules

    def select(self, grants: Grants) -> Grants:
        """Return the part of `grants` that the document's rules look at."""
        return Grants(
            authenticated=self._authenticated and grants.authenticated,
            scopes=grants.scopes & self._scopes,
            policies=grants.policies & self._policies,
        )


def _rules_in(access: FieldAccess, document: DocumentNode) -> Iterable[AccessRule]:
    """Yield the rules of every field the document selects, on every object type it can be selected on."""
    if not access:
        return
    coordinates: dict[tuple[str, str], None] = {}
    type_info = TypeInfo(access.schema)

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            parent = type_info.get_parent_type()
            if parent is not None and not node.name.value.startswith("__"):
                for name in {parent.name, *access.possible_names(parent)}:
                    coordinates[name, node.name.value] = None

    visit(document, TypeInfoVisitor(type_info, Collect()))
    for coordinate in coordinates:
        yield from access.rules_of(*coordinate)
