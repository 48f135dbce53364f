"""The supergraph: the API schema that clients see, and what of it each subgraph holds (join specification v0.1 to v0.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from graphql import DocumentNode, GraphQLSchema, SelectionSetNode

__all__ = ["ContextArgument", "Key", "Subgraph", "SubgraphField", "SubgraphType", "Supergraph", "TypeKind"]


class TypeKind(Enum):
    """The kind of a type as one subgraph defines it."""

    OBJECT = "object"
    INTERFACE = "interface"
    UNION = "union"
    ENUM = "enum"
    INPUT = "input"
    SCALAR = "scalar"


@dataclass(frozen=True, slots=True)
class Key:
    """One `@key` of an entity in one subgraph. Unresolvable keys name the entity but do not lead into the subgraph."""

    fields: SelectionSetNode
    text: str
    resolvable: bool = True


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument that the gateway fills from an ancestor (`@fromContext`)."""

    name: str
    type: str
    context: str
    selection: str


@dataclass(frozen=True, slots=True)
class SubgraphField:
    """A field of an object, interface or input type as one subgraph has it."""

    name: str
    # As written in this subgraph, such as `[Product!]!`.
    type: str
    type_name: str
    list_depth: int = 0
    # Declared but resolved elsewhere, unless a path provides it.
    external: bool = False
    # Taken over by another subgraph; used here only in keys and requirements.
    overridden: bool = False
    # Set while an override is progressive: this subgraph resolves the field when the label's condition has this value.
    override_label: str | None = None
    override_active: bool = True
    requires: SelectionSetNode | None = None
    provides: SelectionSetNode | None = None
    context_arguments: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True)
class SubgraphType:
    """A type as one subgraph has it."""

    name: str
    kind: TypeKind
    keys: tuple[Key, ...] = ()
    # An object type in the subgraph that stands for an interface elsewhere (`@interfaceObject`).
    is_interface_object: bool = False
    fields: Mapping[str, SubgraphField] = field(default_factory=dict)
    interfaces: frozenset[str] = frozenset()
    # Object types of this subgraph that a value of this type can have: members, implementations, or the type itself.
    possible_types: frozenset[str] = frozenset()
    enum_values: frozenset[str] = frozenset()

    @property
    def is_abstract(self) -> bool:
        """Whether values have one of several object types."""
        return self.kind in {TypeKind.INTERFACE, TypeKind.UNION}

    @cached_property
    def resolvable_keys(self) -> tuple[Key, ...]:
        """The keys by which this subgraph answers `_entities`."""
        return tuple(key for key in self.keys if key.resolvable)


@dataclass(frozen=True)
class Subgraph:
    """One subgraph. `graph_enum` is its value of the `join__Graph` enum."""

    name: str
    url: str
    graph_enum: str
    types: Mapping[str, SubgraphType] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Supergraph:
    """A loaded supergraph. Two are never equal, so that what is derived from one can be kept with it.

    `schema` is the API schema: without the join and link machinery and without what is @inaccessible. `full_schema` still has
    the inaccessible elements, which subgraphs answer with and keys may use.
    """

    sdl_hash: str
    subgraphs: Mapping[str, Subgraph]
    schema: GraphQLSchema
    full_schema: GraphQLSchema
    document: DocumentNode

    @cached_property
    def possible_types(self) -> Mapping[str, frozenset[str]]:
        """For each composite type, the object types that its values can have anywhere in the supergraph."""
        found: dict[str, frozenset[str]] = {}
        for subgraph in self.subgraphs.values():
            for name, type_ in subgraph.types.items():
                if type_.kind in {TypeKind.OBJECT, TypeKind.INTERFACE, TypeKind.UNION} and not type_.is_interface_object:
                    found[name] = found.get(name, frozenset()) | type_.possible_types
        return found
