"""Nodes and edges of the query graph."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from router.supergraph.model import ContextArgument, Key
from router.supergraph.query_graph.field_set import FieldSet
from router.supergraph.query_graph.provided import Provided

__all__ = ["Edge", "Entrance", "Node", "Obstacle"]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """An object, as a subgraph sees it: of its type `type_name`, on a path that provides `provided`.

    The graph makes one node for equal values, so nodes are compared by identity.
    """

    subgraph: str
    type_name: str
    provided: Provided
    # The subgraph does not know which object type this is: it has an `@interfaceObject` for the interface.
    is_interface_object: bool

    def __repr__(self) -> str:
        return f"{self.type_name}({self.subgraph})"


class Obstacle(Enum):
    """Why a subgraph does not answer a field that it has."""

    EXTERNAL = "marked @external"
    OVERRIDDEN = "overridden by another subgraph"


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """A field of a node. `child` is None for leaves.

    With a `label` the edge is there while the label's condition is `active`. `requires` and `contexts` are conditions of it,
    and the subgraph is then entered (again) by a key, with what they ask for in the representation.
    """

    name: str
    child: Node | None
    obstacle: Obstacle | None = None
    label: str | None = None
    active: bool = True
    requires: FieldSet = ()
    contexts: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Entrance:
    """A way into a subgraph: by a key, or without one at a root type.

    `entered_as` is the type of the representation: the object's, or an interface's where one of both sides has an
    `@interfaceObject`.
    """

    node: Node
    entered_as: str
    key: Key | None
    fields: FieldSet = ()

    @property
    def is_nested(self) -> bool:
        """Whether the key has fields of other objects, or of some types only."""
        return any(item.selection for item in self.fields)
