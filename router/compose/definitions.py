"""The elements of a schema as composition works on them: of one subgraph, and of the merge of all.

Extensions are folded in, directives are known by their canonical names, root types have their default names. The AST nodes
stay attached for source locations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from graphql import ConstDirectiveNode, ConstValueNode, Node

from router.compose.links import FEDERATION
from router.compose.values import print_value, read_value
from router.supergraph.model import TypeKind

__all__ = [
    "DirectiveDefinition",
    "Element",
    "EnumValue",
    "Field",
    "InputValue",
    "Key",
    "Reference",
    "TypeDefinition",
    "TypeKind",
    "Use",
]


@dataclass(frozen=True, slots=True)
class Use:
    """One applied directive.

    `name` is the specification's name, whatever the schema calls it; `spec` is the specification's identity
    (`links.FEDERATION`, `links.GRAPHQL`, a URL) and None for the schema's own directives.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    spec: str | None = FEDERATION
    node: ConstDirectiveNode | None = None


@dataclass(frozen=True)
class _Annotated:
    name: str
    # `Type`, `Type.field`, `Type.field(argument:)`, `@directive(argument:)`.
    coordinate: str
    description: str | None
    uses: tuple[Use, ...]
    node: Node | None

    def uses_of(self, name: str, spec: str | None = FEDERATION) -> tuple[Use, ...]:
        """Return the applications of one directive, by its canonical name."""
        return tuple(use for use in self.uses if use.name == name and use.spec == spec)

    def has(self, name: str, spec: str | None = FEDERATION) -> bool:
        """Whether the directive stands on this element itself."""
        return any(use.name == name and use.spec == spec for use in self.uses)


@dataclass(frozen=True)
class InputValue(_Annotated):
    """An argument, or a field of an input type."""

    # As written, `[ID!]!`.
    type: str
    type_name: str
    default: ConstValueNode | None = None

    @cached_property
    def default_text(self) -> str | None:
        """The default as canonical text; None when there is none, `"null"` when it is null."""
        return None if self.default is None else print_value(read_value(self.default))

    @property
    def required(self) -> bool:
        """Whether a value must be given: non-null and without default."""
        return self.type.endswith("!") and self.default is None


@dataclass(frozen=True)
class Field(_Annotated):
    """A field of an object or interface type."""

    type: str
    type_name: str
    arguments: Mapping[str, InputValue]
    # @external or @shareable, on the field or on the definition (or extension) of the type that holds it.
    external: bool = False
    shareable: bool = False
    # Whether it stands in an `extend type`, or a type with @extends.
    in_extension: bool = False


@dataclass(frozen=True)
class EnumValue(_Annotated):
    """A value of an enum type."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A type that another names: an implemented interface, or a member of a union."""

    name: str
    node: Node | None
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """One `@key`."""

    fields: str
    resolvable: bool
    use: Use


@dataclass(frozen=True)
class TypeDefinition(_Annotated):
    """A type with all its extensions. Which of the mappings are filled follows from `kind`; all are in written order."""

    kind: TypeKind
    fields: Mapping[str, Field] = field(default_factory=dict)
    input_fields: Mapping[str, InputValue] = field(default_factory=dict)
    values: Mapping[str, EnumValue] = field(default_factory=dict)
    interfaces: Mapping[str, Reference] = field(default_factory=dict)
    members: Mapping[str, Reference] = field(default_factory=dict)
    # The definition, if there is one, and all extensions, in written order. `node` is the first of them.
    nodes: tuple[Node, ...] = ()
    # Whether the schema only extends the type (`extend type`, @extends) and leaves its definition to another subgraph.
    is_extension: bool = False

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """The keys whose `fields` argument is a string (and no enum value or number)."""
        return tuple(
            Key(use.arguments["fields"], use.arguments.get("resolvable", True) is not False, use)
            for use in self.uses_of("key")
            if type(use.arguments.get("fields")) is str
        )

    @property
    def is_composite(self) -> bool:
        """Whether values of the type have fields to select."""
        return self.kind in {TypeKind.OBJECT, TypeKind.INTERFACE, TypeKind.UNION}

    @property
    def is_interface_object(self) -> bool:
        """Whether this object type stands for an interface of other subgraphs."""
        return self.has("interfaceObject")


@dataclass(frozen=True)
class DirectiveDefinition:
    """The definition of a directive; `name` is the local one."""

    name: str
    description: str | None
    arguments: Mapping[str, InputValue]
    locations: tuple[str, ...]
    repeatable: bool
    node: Node | None = None


Element: TypeAlias = TypeDefinition | Field | InputValue | EnumValue
