"""Random valid operations over a schema.

`generate` takes any `random.Random`: a seeded one is fast, one of hypothesis's `st.randoms(use_true_random=False)` shrinks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OverlappingFieldsCanBeMergedRule,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    parse,
    validate,
)

from tests.router.differential.values import ValueGenerator

__all__ = ["Operation", "generate"]

MAX_FIELDS = 45
SETS_OF_VARIABLES = 2
ALIASES = ("a", "b", "name", "id")

# Composite types that a selection set can be on.
Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass(frozen=True)
class Operation:
    """A valid operation with the variables to execute it with."""

    document: DocumentNode
    text: str
    variables: tuple[dict[str, Any], ...]


def generate(schema: GraphQLSchema, ids: Mapping[str, Sequence[str]], random: Random) -> Operation:
    """Return an operation; `ids` are those of entities, by type: what arguments of type ID are drawn from."""
    # Names that may clash make the better test, and now and then an invalid operation: then names are kept apart.
    for daring in (random.random() < 0.5, False):
        writer = _Writer(schema, ids, random, daring)
        text = writer.operation()
        document = parse(text, no_location=True)
        # All else is right by construction, which a test holds it to.
        if not daring or not validate(schema, document, [OverlappingFieldsCanBeMergedRule]):
            return Operation(document, text, writer.values.variables())
    raise AssertionError("unreachable")


class _Writer:
    def __init__(self, schema: GraphQLSchema, ids: Mapping[str, Sequence[str]], random: Random, daring: bool) -> None:
        self.schema, self.random, self.daring = schema, random, daring
        self.values = ValueGenerator(random, ids, SETS_OF_VARIABLES)
        # Response name → what it stands for: equal names must merge (GraphQL section 5.3.2).
        self.names: dict[str, str] = {}
        self.fragments: dict[str, tuple[Composite, str]] = {}
        self.fields_left = MAX_FIELDS
        # Some operations select much the same again and again, under all kinds of conditions.
        self.conditional = random.random() < 0.25

    def operation(self) -> str:
        root, kind = self.schema.query_type, "query"
        if self.schema.mutation_type is not None and self.random.random() < 0.4:
            root, kind = self.schema.mutation_type, "mutation"
        if self.schema.subscription_type is not None and self.random.random() < 0.7:
            root, kind = self.schema.subscription_type, "subscription"
        assert root is not None
        depth = self.random.choice((2, 3, 3, 4, 5))
        selection = self.selection(root, depth) if kind != "subscription" else self.root_field(root, depth)
        if kind == "query" and self.random.random() < 0.06:
            selection = f"{{ {self.introspection()} {selection[1:]}"
        name = self.random.choice((" Test", ""))
        definitions = self.values.definitions()
        text = selection if kind == "query" and not name and not definitions else f"{kind}{name}{definitions} {selection}"
        return "\n".join((text, *(f"fragment {name} on {on.name} {body}" for name, (on, body) in self.fragments.items())))

    def root_field(self, root: GraphQLObjectType, depth: int) -> str:
        """Return the single field of a subscription, without a condition (GraphQL section 5.2.4.1)."""
        name, field = self.random.choice(list(root.fields.items()))
        text = self.field(root, name, field, depth, conditional=False)
        return self.random.choice((f"{{ {text} }}", f"{{ ... on {root.name} {{ {text} }} }}"))

    def selection(self, type_: Composite, depth: int) -> str:
        items: list[str] = []
        if isinstance(type_, GraphQLUnionType):
            candidates: list[tuple[str, GraphQLField]] = []
        else:
            # Below the last level there is nothing composite, as long as the type has a leaf.
            candidates = [
                (name, field) for name, field in type_.fields.items() if depth > 0 or is_leaf_type(get_named_type(field.type))
            ]
        chosen: list[tuple[str, GraphQLField]] = []
        for _ in range(self.random.choice((2, 3, 4) if self.conditional else (1, 1, 2, 3, 4))):
            if candidates and self.fields_left > 0:
                again = chosen and self.conditional and self.random.random() < 0.5
                name, field = self.random.choice(chosen if again else candidates)
                chosen.append((name, field))
                items.append(self.field(type_, name, field, depth))
        if self.random.random() < 0.12:
            items.append(self.typename(type_))
        often = 0.4 if self.conditional else 0.2
        fragments = self.random.choice((1, 2, 3)) if is_abstract_type(type_) else int(self.random.random() < often)
        items.extend(self.fragment(type_, depth) for _ in range(fragments) if self.fields_left > 0)
        self.random.shuffle(items)
        return "{ " + " ".join(items or [self.typename(type_)]) + " }"

    def field(self, type_: Composite, name: str, field: GraphQLField, depth: int, *, conditional: bool = True) -> str:
        self.fields_left -= 1
        named = get_named_type(field.type)
        arguments = self.values.arguments(field.args, () if is_leaf_type(named) else sorted(self.possible(_composite(named))))
        alias = self.response_name(type_, name, f"{name}{arguments} {field.type}", str(field.type))
        directives = self.directives() if conditional else ""
        below = "" if is_leaf_type(named) else " " + self.selection(_composite(named), depth - 1)
        return f"{alias + ': ' if alias != name else ''}{name}{arguments}{directives}{below}"

    def response_name(self, type_: Composite, name: str, meaning: str, shape: str) -> str:
        """Return the field's name or an alias."""
        wanted = self.random.choice(ALIASES) if self.random.random() < 0.15 else name
        if self.daring:
            # On different object types one name may mean different fields of one shape.
            meaning = f"{type_.name} {meaning}" if isinstance(type_, GraphQLObjectType) and self.random.random() < 0.8 else shape
            if self.random.random() < 0.8 and wanted == name:
                return name
        for number in range(100):
            candidate = wanted if number == 0 else f"{wanted}{number}"
            if self.names.setdefault(candidate, meaning) == meaning:
                return candidate
        raise AssertionError("out of names")

    def typename(self, type_: Composite) -> str:
        # `__typename` under an alias takes part in merging like any field.
        alias = (
            self.response_name(type_, "__typename", "__typename String!", "String!")
            if self.random.random() < 0.3
            else "__typename"
        )
        return ("" if alias == "__typename" else f"{alias}: ") + "__typename" + self.directives()

    def fragment(self, type_: Composite, depth: int) -> str:
        """Return an inline fragment or a spread, on any type that the parent can have."""
        directives = self.directives()
        overlapping = self.overlapping(type_)
        if self.random.random() < 0.35:
            known = [name for name, (on, _) in self.fragments.items() if on in overlapping]
            if known and self.random.random() < 0.5:
                return f"...{self.random.choice(known)}{directives}"
            on = self.random.choice(overlapping)
            # The name is taken before the body is written: the body spreads only what is complete by then.
            body = self.selection(on, depth - self.random.randrange(2))
            name = f"F{len(self.fragments)}"
            self.fragments[name] = (on, body)
            return f"...{name}{directives}"
        if self.random.random() < 0.1:
            return f"...{directives} {self.selection(type_, depth)}"
        on = self.random.choice(overlapping)
        return f"... on {on.name}{directives} {self.selection(on, depth)}"

    def overlapping(self, type_: Composite) -> list[Composite]:
        possible = self.possible(type_)
        found = [
            _composite(other)
            for name, other in sorted(self.schema.type_map.items())
            if isinstance(other, Composite) and not name.startswith("__") and possible & self.possible(_composite(other))
        ]
        # Object types tell more than their interfaces.
        objects: list[Composite] = [other for other in found if isinstance(other, GraphQLObjectType)]
        return objects if self.random.random() < 0.6 else found

    def possible(self, type_: Composite) -> frozenset[str]:
        if isinstance(type_, GraphQLObjectType):
            return frozenset((type_.name,))
        return frozenset(found.name for found in self.schema.get_possible_types(type_))

    def directives(self) -> str:
        often = 0.25 if self.conditional else 0.07
        chosen = [name for name in ("include", "skip") if self.random.random() < often]
        self.random.shuffle(chosen)
        return "".join(f" @{name}(if: {self.values.boolean()})" for name in chosen)

    def introspection(self) -> str:
        named = self.random.choice([name for name in sorted(self.schema.type_map) if not name.startswith("__")])
        return self.random.choice(
            (
                "__schema { queryType { name } mutationType { __typename name } }",
                f'__type(name: "{named}") {{ kind name fields {{ name args {{ name defaultValue }} type {{ kind name }} }} }}',
                "__schema { types { name possibleTypes { name } enumValues { name } } }",
                '__type(name: "Nothing") { name }',
            )
        )


def _composite(type_: GraphQLNamedType) -> Composite:
    assert isinstance(type_, Composite)
    return type_
