"""What all mergers share: the subgraphs, the errors and hints found so far, and what types are used for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias, TypeVar

from graphql import Node

from router.compose.definitions import TypeDefinition, TypeKind
from router.compose.errors import CompositionError, CompositionHint
from router.compose.field_uses import key_fields, provided_fields, used_fields
from router.compose.merge.composed_directives import ComposedDirectives
from router.compose.subgraph import Subgraph, locations

__all__ = ["MergeContext", "Sources", "named"]

T = TypeVar("T")

Sources: TypeAlias = Sequence[tuple[Subgraph, T]]
"""The same element in each subgraph that has it, in the subgraphs' order."""


@dataclass
class MergeContext:
    """The state of one merge."""

    subgraphs: Sequence[Subgraph]
    sources: Mapping[str, Sources[TypeDefinition]]
    kinds: Mapping[str, TypeKind]
    composed: ComposedDirectives
    errors: list[CompositionError] = field(default_factory=list)
    hints: list[CompositionHint] = field(default_factory=list)
    root_types: frozenset[str] = frozenset({"Query", "Mutation", "Subscription"})
    # Types that merged fields return, and that merged arguments and input fields take.
    output_types: set[str] = field(default_factory=set)
    input_types: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        supertypes: dict[str, set[str]] = defaultdict(set)
        for name, sources in self.sources.items():
            for _, type_ in sources:
                supertypes[name] |= type_.interfaces.keys()
                for member in type_.members:
                    supertypes[member].add(name)
        self.supertypes: Mapping[str, set[str]] = supertypes
        self._used: dict[str, frozenset[str]] = {}
        self._provided: dict[str, frozenset[str]] = {}
        self._keys: dict[str, frozenset[str]] = {}

    @cached_property
    def directive_types(self) -> frozenset[str]:
        """The types that arguments of the subgraphs' own directives take."""
        return frozenset(
            argument.type_name
            for subgraph in self.subgraphs
            for definition in subgraph.directives.values()
            for argument in definition.arguments.values()
        )

    def used_fields(self, subgraph: Subgraph) -> frozenset[str]:
        """Return the coordinates of the fields that the subgraph has to have for itself."""
        if subgraph.name not in self._used:
            self._used[subgraph.name] = used_fields(subgraph)
        return self._used[subgraph.name]

    def provided_fields(self, subgraph: Subgraph) -> frozenset[str]:
        """Return the coordinates of the fields that some `@provides` of the subgraph names."""
        if subgraph.name not in self._provided:
            self._provided[subgraph.name] = provided_fields(subgraph)
        return self._provided[subgraph.name]

    def key_fields(self, subgraph: Subgraph) -> frozenset[str]:
        """Return the coordinates of all fields in keys of the subgraph."""
        if subgraph.name not in self._keys:
            self._keys[subgraph.name] = key_fields(subgraph)
        return self._keys[subgraph.name]

    def error(self, code: str, message: str, nodes: Iterable[tuple[Subgraph, Node | None]] = ()) -> None:
        """Refuse the supergraph."""
        found = tuple(place for subgraph, node in nodes for place in locations(subgraph, node))
        self.errors.append(CompositionError(code, message, found))

    def hint(self, code: str, message: str, nodes: Iterable[tuple[Subgraph, Node | None]] = ()) -> None:
        """Say what merges with loss."""
        found = tuple(place for subgraph, node in nodes for place in locations(subgraph, node))
        self.hints.append(CompositionHint(code, message, found))


def named(subgraphs: Iterable[Subgraph]) -> str:
    """Return `subgraph "a"`, or `subgraphs "a", "b" and "c"`."""
    names = [f'"{subgraph.name}"' for subgraph in subgraphs]
    if len(names) == 1:
        return f"subgraph {names[0]}"
    return f"subgraphs {', '.join(names[:-1])} and {names[-1]}"
