"""One subgraph as every rule and every merger sees it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from graphql import DocumentNode, Node

from router.compose.definitions import DirectiveDefinition, TypeDefinition, TypeKind, Use
from router.compose.errors import SourceLocation
from router.compose.links import FEDERATION, Link, Links

__all__ = ["Subgraph", "graph_enum_names", "locations"]

_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}


@dataclass(frozen=True)
class Subgraph:
    """A subgraph, its own elements only: without what it links to and without the gateway's `_service` and `_entities`.

    Root types are called Query, Mutation and Subscription, whatever the SDL calls them (`roots` has the SDL's names), unless
    another type has that name already.
    """

    name: str
    url: str
    # Its value of the supergraph's `join__Graph` enum.
    graph_enum: str
    document: DocumentNode
    links: Links
    # By name, in written order.
    types: Mapping[str, TypeDefinition]
    # The schema's own directives by local name, those of specifications that it composes included.
    directives: Mapping[str, DirectiveDefinition]
    # From `query`, `mutation`, `subscription` to the type's name in the SDL; operations without a type are left out.
    roots: Mapping[str, str] = field(default_factory=dict)
    # What stands on the schema definition and its extensions.
    schema_uses: tuple[Use, ...] = ()
    schema_description: str | None = None

    @property
    def is_federation_1(self) -> bool:
        """Whether the SDL links to no Federation 2 specification."""
        return self.links.federation_1

    @property
    def federation_version(self) -> tuple[int, int]:
        """The linked version, (2, 3) for v2.3; (1, 0) without link, (2, 0) when the link has no valid version."""
        if self.links.federation_1:
            return (1, 0)
        link = self.links.by_identity(FEDERATION)
        return (link.version if link else None) or (2, 0)

    @property
    def federation(self) -> Link | None:
        """The link to the federation specification."""
        return self.links.by_identity(FEDERATION)

    def root(self, operation: str) -> TypeDefinition | None:
        """Return the root type of `query`, `mutation` or `subscription`."""
        if operation not in self.roots:
            return None
        return self.types.get(self.roots[operation]) or self.types.get(_ROOTS[operation])

    def node_of(self, coordinate: str) -> Node | None:
        """Return where the SDL defines a type (`User`) or a field of one (`User.name`), None when it does not."""
        type_name, _, field_name = coordinate.partition(".")
        type_ = self.types.get(type_name)
        if type_ is None:
            return None
        found = type_.fields.get(field_name) if field_name else type_
        return found.node if found is not None else None

    @cached_property
    def implementations(self) -> Mapping[str, tuple[str, ...]]:
        """The object types that implement each interface, in written order."""
        found: dict[str, list[str]] = defaultdict(list)
        for type_ in self.types.values():
            if type_.kind is TypeKind.OBJECT:
                for interface in type_.interfaces:
                    found[interface].append(type_.name)
        return {name: tuple(names) for name, names in found.items()}

    def possible_types(self, name: str) -> tuple[str, ...]:
        """Return the object types that a value of the composite type can have in this subgraph."""
        type_ = self.types.get(name)
        if type_ is None:
            return ()
        if type_.kind is TypeKind.INTERFACE:
            return self.implementations.get(name, ())
        return tuple(type_.members) if type_.kind is TypeKind.UNION else (name,)


def graph_enum_names(names: Sequence[str]) -> list[str]:
    """Return each subgraph's value of the `join__Graph` enum (join specification, `join__Graph`): unique, in the given order.

    Names that differ only in what an enum value cannot show are numbered: `foo` and `FOO` are FOO_1 and FOO_2.
    """
    texts: list[str] = []
    for name in names:
        text = re.sub(r"[^_0-9A-Za-z]", "_", name).upper()
        text = f"_{text}" if text[:1].isdigit() else text
        # A number at the end is kept for telling equal names apart.
        texts.append(f"{text}_" if re.search(r"_\d+$", text) else text)
    numbers: Counter[str] = Counter()
    found: list[str] = []
    for text in texts:
        numbers[text] += 1
        found.append(f"{text}_{numbers[text]}" if texts.count(text) > 1 else text)
    return found


def locations(subgraph: Subgraph, *nodes: Node | None) -> tuple[SourceLocation, ...]:
    """Return where in the subgraph's SDL the nodes stand."""
    return tuple(
        SourceLocation(subgraph.name, node.loc.start_token.line, node.loc.start_token.column)
        for node in nodes
        if node is not None and node.loc is not None
    )
