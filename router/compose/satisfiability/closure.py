"""What is reachable for one object: the nodes at which its fields can be asked for."""

from __future__ import annotations

from collections.abc import Collection, Set
from dataclasses import dataclass, field

from router.supergraph.query_graph import Entrance, FieldSet, Node

__all__ = ["Closure", "Growth", "Place"]

# How many subgraphs are left out at once: there is a closure for each combination. Keys of keys of keys have no more of them.
MAX_EXCLUDED = 2


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """An object of `type_name` whose fields can be asked for at `nodes`; those in `entered` take representations.

    What is below is fetched without the subgraphs in `excluded`.
    """

    type_name: str
    nodes: Collection[Node]
    entered: Set[Node]
    excluded: frozenset[str] = frozenset()

    @property
    def is_identified(self) -> bool:
        """Whether a node knows the object's type; interface objects do not."""
        return any(not node.is_interface_object for node in self.nodes)


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """The nodes that are reachable from `start` for an object.

    Those in `entered` were reached through an entrance, so that fields with conditions can be answered there. `refused` are the
    entrances whose keys nothing supplies.
    """

    start: Node
    place: Place
    reached: frozenset[Node]
    entered: frozenset[Node]
    refused: tuple[Entrance, ...]

    @property
    def type_name(self) -> str:
        """The object's type."""
        return self.place.type_name

    def covers(self, other: Closure) -> bool:
        """Whether everything that is answered from `other` is answered from here."""
        return other.reached <= self.reached and other.entered <= self.entered


@dataclass(slots=True, eq=False)
class Growth:
    """A closure in the making."""

    type_name: str
    start: Node
    excluded: frozenset[str]
    pending: list[Entrance]
    nodes: dict[Node, None] = field(default_factory=dict)
    # By which keys each node was entered.
    entered: dict[Node, set[FieldSet]] = field(default_factory=dict)
    # Nodes entered by a key without objects.
    direct: set[Node] = field(default_factory=set)
    # Who has looked at this one, and must look again when it gains a node.
    dependents: dict[Growth, None] = field(default_factory=dict)

    @property
    def is_identified(self) -> bool:
        """Whether a node knows the object's type."""
        return any(not node.is_interface_object for node in self.nodes)

    def place(self, entrance: Entrance) -> Place:
        """Return the place from which the entrance's key must be fetched: what has been reached so far.

        A node that was entered by the same key gives nothing for it: the key then comes from where it came from before.
        """
        nodes: Collection[Node] = self.nodes.keys()
        if entrance.is_nested:
            nodes = [node for node in nodes if node is self.start or self.entered[node] != {entrance.fields}]
        excluded, target = self.excluded, entrance.node.subgraph
        if entrance.is_nested and target != self.start.subgraph and len(excluded) < MAX_EXCLUDED:
            excluded |= {target}
        return Place(self.type_name, nodes, self.entered.keys(), excluded)

    def needs(self, entrance: Entrance) -> bool:
        """Whether entering would tell anything: one key of several objects that leads to a node is not yet all about it."""
        ways = self.entered.get(entrance.node)
        return ways is None or (self._nested_only(entrance.node) and entrance.fields not in ways)

    def enter(self, entrance: Entrance) -> None:
        """Add the entrance's node."""
        self.nodes.setdefault(entrance.node)
        self.entered.setdefault(entrance.node, set()).add(entrance.fields)
        if not entrance.is_nested:
            self.direct.add(entrance.node)

    def closed(self) -> Closure:
        """Return the closure, to be asked for when nothing can be added."""
        entered = frozenset(self.entered)
        place = Place(self.type_name, tuple(self.nodes), entered, self.excluded)
        refused = tuple(entrance for entrance in self.pending if entrance.node not in entered)
        return Closure(self.start, place, frozenset(self.nodes), entered, refused)

    def _nested_only(self, node: Node) -> bool:
        return node not in self.direct and len(self.entered[node]) == 1
