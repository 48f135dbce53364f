"""Shared fields whose values can be of different object types in different subgraphs.

All subgraphs must resolve a shared field to the same value, so only object types that all of them have can occur. None in
common is an error; some that lack somewhere is a hint, because a subgraph that answers with one breaks the contract.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from router.compose.errors import CompositionError, CompositionHint
from router.compose.satisfiability.positions import Path
from router.compose.satisfiability.witness import witness
from router.supergraph.query_graph import Node, QueryGraph

__all__ = ["RuntimeTypes", "runtime_types"]


@dataclass(frozen=True, slots=True)
class RuntimeTypes:
    """The object types with which each subgraph can answer a shared field, and those common to all of them."""

    coordinate: str
    type_text: str
    by_subgraph: Mapping[str, tuple[str, ...]]
    common: tuple[str, ...]

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal for the same finding on another path."""
        return (self.coordinate, *self.by_subgraph.items())

    @property
    def agree(self) -> bool:
        """Whether all subgraphs have the same types."""
        return len(set(self.by_subgraph.values())) <= 1

    def error(self, path: Path) -> CompositionError | None:
        """Return the error when no type is common to all, but some subgraph has types."""
        if self.common or not any(self.by_subgraph.values()):
            return None
        groups: dict[tuple[str, ...], list[str]] = {}
        for subgraph, names in self.by_subgraph.items():
            groups.setdefault(names, []).append(subgraph)
        lines = [
            f" - in {_listed('subgraph', subgraphs)}, {_listed('type', names) if names else 'no runtime type is defined'}"
            for names, subgraphs in groups.items()
        ]
        message = "\n".join(
            (
                "For the following supergraph API query:",
                witness(path),
                f'Shared field "{self.coordinate}" return type "{self.type_text}" has a non-intersecting set of possible runtime '
                "types across subgraphs. Runtime types in subgraphs are:",
                ";\n".join(lines) + ".",
                "This is not allowed as shared fields must resolve the same way in all subgraphs, and that implies at least some "
                "common runtime types between the subgraphs.",
            )
        )
        return CompositionError("SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES", message, coordinates=(self.coordinate,))

    def hint(self, path: Path) -> CompositionHint | None:
        """Return the hint when a subgraph has types that another one lacks."""
        if self.agree or not self.common:
            return None
        only = [
            f' - subgraph "{subgraph}" should never resolve "{self.coordinate}" to an object of {_listed("type", extra)}'
            for subgraph, names in self.by_subgraph.items()
            if (extra := [name for name in names if name not in self.common])
        ]
        message = "\n".join(
            (
                "For the following supergraph API query:",
                witness(path),
                f'Shared field "{self.coordinate}" return type "{self.type_text}" has different sets of possible runtime types '
                "across subgraphs.",
                f"Since a shared field must be resolved the same way in all subgraphs, make sure that "
                f'{_listed("subgraph", self.by_subgraph)} only resolve "{self.coordinate}" to objects of '
                f"{_listed('type', self.common)}. In particular:",
                ";\n".join(only) + ".",
                "Otherwise the @shareable contract will be broken.",
            )
        )
        return CompositionHint("INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN", message, coordinates=(self.coordinate,))


def runtime_types(
    graph: QueryGraph, coordinate: str, type_text: str, known: Set[str], nodes: Sequence[Node]
) -> RuntimeTypes | None:
    """Compare the subgraphs that give `nodes` for a shared field; None when fewer than two have an abstract type there.

    `known` are the object types that clients know of for the field's type.
    """
    if len({node.subgraph for node in nodes}) < 2 or sum(map(graph.type_is_abstract, nodes)) < 2:
        return None
    found: dict[str, tuple[str, ...]] = {}
    for node in sorted(nodes, key=lambda node: node.subgraph):
        if not node.is_interface_object:  # which stands for all of them
            names = found.get(node.subgraph, ())
            found[node.subgraph] = tuple(sorted({*names, *graph.object_types(node)}))
    common = tuple(sorted(set(known).intersection(*found.values()))) if found else ()
    return RuntimeTypes(coordinate, type_text, found, common) if len(found) > 1 else None


def _listed(noun: str, names: Iterable[str]) -> str:
    """Return the names as `types "A", "B" and "C"`."""
    quoted = [f'"{name}"' for name in names]
    text = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
    return f"{noun}{'s' * (len(quoted) > 1)} {text}"
