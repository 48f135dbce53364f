"""One truth about the objects of a supergraph, from which its subgraphs and one merged schema answer alike.

A world is a pure function: the value of a field follows from the object's type and id, the field and its arguments. It keeps to
what every subgraph that declares the field can answer: types of objects, enum values, nullability. Where it is harmless for
comparing (see `_Facts`), values are null, fields fail, and subgraphs miss entities.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    SelectionSetNode,
    TypeNode,
    get_named_type,
    print_ast,
)
from graphql.execution.values import get_argument_values

from tests.testkit.federation_sdl import FieldSdl, SubgraphSdl

__all__ = ["FieldFailed", "Faults", "Item", "World"]

ENTITIES_PER_TYPE = 4
ROOTS = frozenset(("Query", "Mutation", "Subscription"))


class FieldFailed(Exception):
    """The field fails wherever it is asked."""


@dataclass(frozen=True, slots=True)
class Item:
    """An object: an entity by its number, another object by the way it was reached."""

    type_name: str
    id: str


@dataclass(frozen=True, slots=True)
class Faults:
    """Percentages of values that are null, fields that fail, and entities that a subgraph misses."""

    nulls: int = 0
    failures: int = 0
    missing: int = 0


class World:
    """The objects of one supergraph. `schema` is the supergraph's with what is inaccessible."""

    def __init__(
        self, subgraphs: Mapping[str, SubgraphSdl], schema: GraphQLSchema, seed: int = 0, faults: Faults | None = None
    ) -> None:
        self.subgraphs = subgraphs
        self.schema = schema
        self._seed = seed
        self._faults = faults or Faults()
        self._facts = _Facts(subgraphs, schema)
        self._entities: dict[str, tuple[Item, ...]] = {}
        self._selections: dict[tuple[Item, int], Any] = {}

    def entities(self, type_name: str) -> tuple[Item, ...]:
        """Return the objects of an entity type; no two agree in all fields of a key."""
        known = self._entities.get(type_name)
        if known is None:
            everyone = tuple(Item(type_name, str(number)) for number in range(ENTITIES_PER_TYPE))
            self._entities[type_name] = everyone
            kept: list[Item] = []
            seen: set[tuple[int, str]] = set()
            for item in everyone:
                texts = {(at, _text(self.select(item, key))) for at, key in enumerate(self._facts.keys(type_name))}
                if not texts & seen:
                    seen |= texts
                    kept.append(item)
            known = self._entities[type_name] = tuple(kept)
            self._selections.clear()
        return known

    def find(self, subgraph: str, type_name: str, representation: Mapping[str, Any]) -> Item | None:
        """Return the entity that a representation sent to a subgraph stands for; None when the subgraph misses it.

        Raises:
            KeyError: the representation has none of the subgraph's keys.
        """
        keys = self.subgraphs[subgraph].types[type_name].resolvable_keys
        complete = [key for key in keys if _holds(representation, key)]
        if not complete:
            raise KeyError(f"no key of {type_name} in {representation}")
        for key in complete:
            wanted = _text(self.picked(representation, key, type_name))
            for possible in sorted(self._facts.concrete(type_name)):
                for item in self.entities(possible):
                    if _text(self.select(item, key)) == wanted:
                        return None if self.misses(subgraph, item) else item
        return None

    def ids(self) -> dict[str, list[str]]:
        """Return the values of the entities' fields `id`, by type."""
        return {name: [self._leaf_text(item, "id") for item in self.entities(name)] for name in sorted(self._facts.entity_types)}

    def misses(self, subgraph: str, item: Item) -> bool:
        """Whether the subgraph does not know the entity, which others refer to."""
        return self._facts.may_miss(subgraph, item.type_name) and self._chance(self._faults.missing, "miss", subgraph, item)

    def field(self, item: Item, name: str, arguments: Mapping[str, Any]) -> Any:
        """Return the value of a field as the whole supergraph has it: a leaf, an `Item`, None, or lists of these.

        Raises:
            FieldFailed
        """
        requires = self._facts.requires(item.type_name, name)
        if requires is not None:
            arguments = {**arguments, "@requires": self.select(item, requires)}
        owners = self._facts.owners(item.type_name, name)
        if owners and all(self.misses(owner, item) for owner in owners):
            return None
        return self.value(item, name, arguments)

    def value(self, item: Item, name: str, arguments: Mapping[str, Any]) -> Any:
        """Return the value of a field whose requirements, if any, are the argument `@requires`.

        Raises:
            FieldFailed
        """
        facts = self._facts.field(item.type_name, name)
        text = _text({key: value for key, value in arguments.items() if key in facts.arguments})
        seed = (item.type_name, item.id, name, text)
        if facts.may_fail and self._chance(self._faults.failures, "fail", *seed):
            raise FieldFailed(f"{item.type_name}.{name} fails")
        known = self._looked_up(item, name, arguments, facts)
        if known is not None:
            return known[0]
        return self._of_type(facts.types, facts, seed)

    def select(self, item: Item, selection: SelectionSetNode) -> Any:
        """Return the values of a field set, as a representation holds them.

        Raises:
            FieldFailed
        """
        key = (item, id(selection))
        if key not in self._selections:
            self._selections[key] = dict(self._selected(item, selection))
        return self._selections[key]

    def picked(self, values: Mapping[str, Any], selection: SelectionSetNode, type_name: str) -> Any:
        """Return what a representation holds of a field set, in the form of `select`.

        Raises:
            KeyError: a field is missing.
        """
        found: dict[str, Any] = {}
        for node in selection.selections:
            if isinstance(node, FieldNode):
                name = node.name.value
                found[name] = self._picked(values[name], node, self._facts.field_type(type_name, name))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else type_name
                concrete = values.get("__typename", "" if type_name in self._facts.abstract else type_name)
                # Gateways may leave out `__typename` where the field set does not ask for it: then the fields tell.
                applies = condition in self._facts.supertypes(concrete) if concrete else _holds(values, node.selection_set)
                if applies:
                    found.update(self.picked(values, node.selection_set, condition))
        return found

    def _picked(self, value: Any, node: FieldNode, type_name: str) -> Any:
        if isinstance(value, list):
            return [self._picked(one, node, type_name) for one in value]
        if node.selection_set is None or value is None:
            return value
        return self.picked(value, node.selection_set, value.get("__typename", type_name))

    def _selected(self, item: Item, selection: SelectionSetNode) -> Iterator[tuple[str, Any]]:
        for node in selection.selections:
            if isinstance(node, FieldNode):
                name = node.name.value
                if name == "__typename":
                    yield name, item.type_name
                    continue
                definition = self._facts.definition(item.type_name, name)
                arguments = get_argument_values(definition, node)
                yield name, self._below(self.field(item, name, arguments), node.selection_set)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else item.type_name
                if condition in self._facts.supertypes(item.type_name):
                    yield from self._selected(item, node.selection_set)

    def _below(self, value: Any, selection: SelectionSetNode | None) -> Any:
        if isinstance(value, list):
            return [self._below(one, selection) for one in value]
        return self.select(value, selection) if isinstance(value, Item) and selection is not None else value

    def _looked_up(self, item: Item, name: str, arguments: Mapping[str, Any], facts: _Field) -> tuple[Any] | None:
        """Return the entity with the key that the arguments of a root field have; None when they have none."""
        if item.type_name not in ROOTS or any(isinstance(_nullable(type_), ListTypeNode) for type_ in facts.types):
            return None
        for type_name in sorted(facts.possible & self._facts.entity_types):
            for key in self._facts.keys(type_name):
                names = [node.name.value for node in key.selections if isinstance(node, FieldNode)]
                if len(names) == 1 and names[0] in arguments and isinstance(arguments[names[0]], str):
                    for entity in self.entities(type_name):
                        if self._leaf_text(entity, names[0]) == arguments[names[0]]:
                            return (entity,)
        asked = any(isinstance(value, str) for key, value in arguments.items() if key == "id")
        return (None,) if asked and facts.nullable else None

    def _of_type(self, types: tuple[TypeNode, ...], facts: _Field, seed: tuple[str, ...]) -> Any:
        """Return a value that fits the field's type in all subgraphs."""
        if not any(isinstance(type_, NonNullTypeNode) for type_ in types):
            if facts.may_be_null and self._chance(self._faults.nulls, "null", *seed):
                return None
            if not (facts.possible or facts.is_leaf or any(isinstance(type_, ListTypeNode) for type_ in types)):
                return None
        inner = tuple(map(_nullable, types))
        if isinstance(inner[0], ListTypeNode):
            length = self._number("length", *seed) % 4 if facts.possible or facts.is_leaf else 0
            if seed[0] in ROOTS and facts.possible and not (length and self._faults.nulls):
                # Little would be compared below an empty list at the root.
                length = 3 - self._number("root", *seed) % (4 if self._faults.nulls else 3)
            items = tuple(type_.type for type_ in inner if isinstance(type_, ListTypeNode))
            return [self._of_type(items, facts, (*seed, str(index))) for index in range(length)]
        return self._leaf(facts, seed) if facts.is_leaf else self._object(facts, seed)

    def _object(self, facts: _Field, seed: tuple[str, ...]) -> Item:
        number = self._number("object", *seed)
        possible = sorted(facts.possible)
        if not possible:
            raise FieldFailed(f"no subgraph has an object for {seed[0]}.{seed[2]}")
        type_name = possible[number % len(possible)]
        if type_name in self._facts.entity_types:
            entities = self.entities(type_name)
            return entities[number // 8 % len(entities)]
        return Item(type_name, hashlib.sha256(_text(seed).encode()).hexdigest()[:12])

    def _leaf(self, facts: _Field, seed: tuple[str, ...]) -> Any:
        number = self._number("leaf", *seed)
        type_ = facts.leaf
        if isinstance(type_, GraphQLEnumType):
            return facts.values[number % len(facts.values)]
        assert type_ is not None
        item, name = Item(*seed[:2]), seed[2]
        if type_.name in {"String", "ID"}:
            if item.type_name in self._facts.entity_types and (type_.name == "ID" or facts.in_key):
                return self._leaf_text(item, name) + "".join(f".{step}" for step in seed[4:])
            return ":".join((item.type_name, item.id, name, *seed[3:]))
        if type_.name == "Int":
            # Numbers in keys tell the entities of a type apart.
            return int(item.id) + 10 if facts.in_key and item.id.isdigit() and len(item.id) < 3 else number % 1000
        if type_.name == "Float":
            return number % 1000 + 0.25
        if type_.name == "Boolean":
            return number % 2 == 0
        return {"of": [item.type_name, item.id], "number": number % 100}

    def _leaf_text(self, item: Item, name: str) -> str:
        return f"{item.type_name}-{item.id}" if name == "id" else f"{name}-{item.type_name}-{item.id}"

    def _chance(self, percent: int, *seed: object) -> bool:
        return percent > 0 and self._number(*seed) % 100 < percent

    def _number(self, *seed: object) -> int:
        text = repr((self._seed, *seed)).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big")


@dataclass(frozen=True)
class _Field:
    """What a field's values may be, in all subgraphs that declare it."""

    types: tuple[TypeNode, ...]
    arguments: frozenset[str]
    possible: frozenset[str]
    values: tuple[str, ...]
    leaf: GraphQLScalarType | GraphQLEnumType | None
    in_key: bool
    may_be_null: bool
    may_fail: bool

    @property
    def is_leaf(self) -> bool:
        return self.leaf is not None

    @property
    def nullable(self) -> bool:
        return not any(isinstance(type_, NonNullTypeNode) for type_ in self.types)


class _Facts:
    """What the subgraphs' SDLs say together."""

    def __init__(self, subgraphs: Mapping[str, SubgraphSdl], schema: GraphQLSchema) -> None:
        self._subgraphs = subgraphs
        self._schema = schema
        self._fields: dict[tuple[str, str], _Field] = {}
        self._missing: dict[tuple[str, str], bool] = {}
        self._requires: dict[tuple[str, str], SelectionSetNode | None] = {}
        self._owners: dict[tuple[str, str], tuple[str, ...]] = {}
        self._supertypes: dict[str, frozenset[str]] = {}
        objects = [type_ for type_ in schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
        self.abstract = frozenset(name for name, type_ in schema.type_map.items() if name not in {one.name for one in objects})
        self.entity_types = frozenset(type_.name for type_ in objects if self.keys(type_.name))
        # Names of fields that representations or `@provides` take along: a failure there would show in other fields.
        self._carried = frozenset(self._carried_names())
        self._nested = any(
            getattr(node, "selection_set", None) is not None
            for subgraph in subgraphs.values()
            for type_ in subgraph.types.values()
            for field in type_.fields.values()
            if field.requires is not None
            for node in field.requires.selections
        )

    def keys(self, type_name: str) -> list[SelectionSetNode]:
        """Return the keys of a type and of its interfaces, in all subgraphs."""
        names = self.supertypes(type_name)
        return [
            key
            for subgraph in self._subgraphs.values()
            for name, type_ in subgraph.types.items()
            if name in names
            for key in type_.keys
        ]

    def supertypes(self, type_name: str) -> frozenset[str]:
        """Return the type itself, its interfaces and unions."""
        known = self._supertypes.get(type_name)
        if known is None:
            type_ = self._schema.get_type(type_name)
            found = {type_name}
            if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)):
                found |= {interface.name for interface in type_.interfaces}
            for subgraph in self._subgraphs.values():
                for name, declared in subgraph.types.items():
                    if type_name in declared.members:
                        found.add(name)
            known = self._supertypes[type_name] = frozenset(found)
        return known

    def concrete(self, type_name: str) -> frozenset[str]:
        """Return the object types of a type, anywhere."""
        found = frozenset[str]().union(*(subgraph.possible(type_name) for subgraph in self._subgraphs.values()))
        return found or frozenset((type_name,))

    def definition(self, type_name: str, name: str) -> Any:
        root = getattr(self._schema, f"{type_name.lower()}_type") if type_name in ROOTS else None
        type_ = root or self._schema.get_type(type_name)
        assert isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType))
        return type_.fields[name]

    def field_type(self, type_name: str, name: str) -> str:
        return "String" if name == "__typename" else get_named_type(self.definition(type_name, name).type).name

    def field(self, type_name: str, name: str) -> _Field:
        key = (type_name, name)
        known = self._fields.get(key)
        if known is None:
            known = self._fields[key] = self._field(type_name, name)
        return known

    def requires(self, type_name: str, name: str) -> SelectionSetNode | None:
        """Return the field's `@requires`, whichever subgraph has it."""
        key = (type_name, name)
        if key not in self._requires:
            found = [field.requires for _, field in self._declarations(type_name, name) if field.requires is not None]
            self._requires[key] = found[0] if found else None
        return self._requires[key]

    def owners(self, type_name: str, name: str) -> tuple[str, ...]:
        """Return the subgraphs that answer the field."""
        key = (type_name, name)
        if key not in self._owners:
            found = [subgraph for subgraph, field in self._declarations(type_name, name) if not field.external]
            in_key = self.field(type_name, name).in_key
            self._owners[key] = () if in_key else tuple(found)
        return self._owners[key]

    def may_miss(self, subgraph: str, type_name: str) -> bool:
        key = (subgraph, type_name)
        if key not in self._missing:
            self._missing[key] = self._may_miss(subgraph, type_name)
        return self._missing[key]

    def _declarations(self, type_name: str, name: str) -> Iterator[tuple[str, FieldSdl]]:
        """Yield the field in every subgraph, also where an interface object of the subgraph has it."""
        for subgraph in self._subgraphs.values():
            for declared in self.supertypes(type_name):
                type_ = subgraph.types.get(declared)
                if type_ is not None and (declared == type_name or type_.is_interface_object) and name in type_.fields:
                    yield subgraph.name, type_.fields[name]

    def _field(self, type_name: str, name: str) -> _Field:
        definition = self.definition(type_name, name)
        declared = list(self._declarations(type_name, name))
        possible: frozenset[str] | None = None
        values: frozenset[str] | None = None
        for subgraph, field in declared:
            named = _named(field.type)
            here = self._possible_in(subgraph, named)
            possible = here if possible is None else possible & here
            enum = self._subgraphs[subgraph].types.get(named)
            if enum is not None and enum.kind == "enum":
                values = frozenset(enum.values) if values is None else values & enum.values
        leaf = get_named_type(definition.type)
        is_leaf = isinstance(leaf, (GraphQLScalarType, GraphQLEnumType))
        in_key = any(
            isinstance(node, FieldNode) and node.name.value == name for key in self.keys(type_name) for node in key.selections
        )
        non_null = any(isinstance(field.type, NonNullTypeNode) or "!" in print_ast(field.type) for _, field in declared)
        single = {print_ast(field.type) for _, field in declared} == {str(definition.type)}
        context = frozenset(argument for _, field in declared for argument in field.from_context)
        return _Field(
            types=tuple(field.type for _, field in declared),
            arguments=frozenset(definition.args) | context | {"@requires", "@call"},
            possible=frozenset() if is_leaf else possible or frozenset(),
            values=tuple(sorted(values or ())),
            leaf=leaf if isinstance(leaf, (GraphQLScalarType, GraphQLEnumType)) else None,
            in_key=in_key,
            # A null key leads nowhere for want of a value; a composite key may have nulls in it.
            may_be_null=not in_key or self._in_composite_keys_only(type_name, name),
            # A failure that spreads upwards may take a value away that a representation carries.
            may_fail=single
            and not in_key
            and name not in self._carried
            and type_name != "Mutation"
            and not (self._nested and non_null),
        )

    def _in_composite_keys_only(self, type_name: str, name: str) -> bool:
        for key in self.keys(type_name):
            names = [node.name.value for node in key.selections if isinstance(node, FieldNode)]
            if name in names and len(names) == 1:
                return False
        return True

    def _possible_in(self, subgraph: str, type_name: str) -> frozenset[str]:
        type_ = self._subgraphs[subgraph].types.get(type_name)
        if type_ is not None and type_.is_interface_object:
            return self.concrete(type_name)
        return self._subgraphs[subgraph].possible(type_name)

    def _may_miss(self, subgraph: str, type_name: str) -> bool:
        """An entity may be missing where nothing but the subgraph's own fields hangs on it."""
        here = self._subgraphs[subgraph]
        type_ = here.types.get(type_name)
        if type_ is None or not type_.resolvable_keys:
            return False
        every = {print_ast(key) for key in type_.keys}
        for other in self._subgraphs.values():
            for name in self.supertypes(type_name):
                declared = other.types.get(name)
                if declared is None or declared.kind == "union" or not declared.keys:
                    continue
                if declared.is_interface_object or {print_ast(key) for key in declared.keys} != every:
                    return False
                if other is not here and name == type_name and _shares(declared.fields, type_.fields, every):
                    return False
        returned = [_named(field.type) for declared in here.types.values() for field in declared.fields.values()]
        return not any(type_name in self._possible_in(subgraph, name) for name in returned)

    def _carried_names(self) -> Iterator[str]:
        for subgraph in self._subgraphs.values():
            for type_ in subgraph.types.values():
                for key in type_.keys:
                    yield from _names(key)
                for field in type_.fields.values():
                    for selection in (field.requires, field.provides, *(found for _, found in field.from_context.values())):
                        if selection is not None:
                            yield from _names(selection)


def _shares(one: Mapping[str, FieldSdl], other: Mapping[str, FieldSdl], keys: set[str]) -> bool:
    words = {word for key in keys for word in key.split()}
    return any(name in other and name not in words for name in one)


def _names(selection: SelectionSetNode) -> Iterator[str]:
    for node in selection.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        below = getattr(node, "selection_set", None)
        if below is not None:
            yield from _names(below)


def _holds(values: Any, selection: SelectionSetNode) -> bool:
    """Whether a representation has all fields of a field set."""
    if isinstance(values, list):
        return all(_holds(value, selection) for value in values)
    if values is None:
        return True
    return all(
        node.name.value in values and (node.selection_set is None or _holds(values[node.name.value], node.selection_set))
        for node in selection.selections
        if isinstance(node, FieldNode)
    )


def _nullable(type_: TypeNode) -> TypeNode:
    return type_.type if isinstance(type_, NonNullTypeNode) else type_


def _named(type_: TypeNode) -> str:
    while isinstance(type_, (ListTypeNode, NonNullTypeNode)):
        type_ = type_.type
    assert isinstance(type_, NamedTypeNode)
    return type_.name.value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
