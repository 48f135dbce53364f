"""Which subgraphs an object can be asked of, from each node: the least set that is closed under keys whose fields it supplies.

A key of an object may have fields of other objects, whose own keys may have fields of this one. So closures that need each
other grow together, each from its start alone, until none gains a node.
"""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.satisfiability.closure import Closure, Growth
from router.compose.satisfiability.conditions import Conditions, Contexts, Place
from router.compose.satisfiability.labels import Labels, UndecidedLabelError
from router.supergraph.query_graph import Edge, Entrance, FieldSet, Node, QueryGraph

__all__ = ["Reachability"]

_NO_CONTEXTS: Contexts = frozenset()


class Reachability:
    """Closures under one assumption about labels; what does not depend on the last label is shared with `parent`."""

    def __init__(self, graph: QueryGraph, labels: Labels = (), parent: Reachability | None = None) -> None:
        self.graph, self.labels = graph, labels
        self._parent = parent
        self._assumed: dict[tuple[str, bool], Reachability] = {}
        self._closed: dict[tuple[str, Node], Closure] = {}
        self._places: dict[Closure, Place] = {}
        self._undecided: dict[tuple[str, Node], str] = {}
        self._growing: dict[tuple[str, Node], Growth] = {}
        self._transitions: dict[tuple[str, int, int, str], tuple[Edge, ...]] = {}
        self._conditions = Conditions(graph, dict(labels), self._place_of)

    def assume(self, label: str, value: bool) -> Reachability:
        """Return the reachability under one more assumption."""
        found = self._assumed.get((label, value))
        if found is None:
            labels = tuple(sorted((*self.labels, (label, value))))
            found = self._assumed[label, value] = Reachability(self.graph, labels, self)
        return found

    def closure(self, type_name: str, start: Node) -> Closure:
        """Return what is reachable for an object of `type_name` from `start`.

        Raises:
            UndecidedLabelError: that depends on a label about which nothing is assumed.
        """
        key = (type_name, start)
        found = self._closed.get(key)
        if found is not None:
            return found
        if key in self._undecided:
            raise UndecidedLabelError(self._undecided[key])
        try:
            return self._inherited(key) or self._computed(key)
        except UndecidedLabelError as error:
            self._undecided[key] = error.label
            raise

    def edges(self, closure: Closure, name: str, contexts: Contexts = _NO_CONTEXTS) -> tuple[Edge, ...]:
        """Return the ways in which a field of the closure's object is answered, at most one for each of its nodes.

        Raises:
            UndecidedLabelError: that depends on a label about which nothing is assumed.
        """
        if contexts:
            return tuple(self._edges(closure, name, contexts))
        key = (closure.type_name, closure.mask, closure.entered, name)
        found = self._transitions.get(key)
        if found is None:
            found = self._transitions[key] = tuple(self._edges(closure, name, contexts))
        return found

    def missing(self, closure: Closure, fields: FieldSet, contexts: Contexts = _NO_CONTEXTS) -> tuple[str, ...]:
        """Return the top-level names of a field set that cannot be fetched from the closure's nodes."""
        return tuple(self._conditions.missing(self._place(closure), fields, contexts))

    def _edges(self, closure: Closure, name: str, contexts: Contexts) -> Iterator[Edge]:
        place = self._place(closure)
        for node in closure.nodes:
            edge = self._conditions.edge(place, node, name, contexts)
            if edge is not None:
                yield edge

    def _place(self, closure: Closure) -> Place:
        found = self._places.get(closure)
        if found is None:
            entered = frozenset(node for node in closure.nodes if closure.entered >> node.number & 1)
            found = self._places[closure] = Place(closure.type_name, closure.nodes, entered)
        return found

    def _inherited(self, key: tuple[str, Node]) -> Closure | None:
        if self._parent is None:
            return None
        try:
            found = self._closed[key] = self._parent.closure(*key)
        except UndecidedLabelError:
            return None
        return found

    def _computed(self, key: tuple[str, Node]) -> Closure:
        try:
            self._begin(key)
            while any([self._grow(growth) for growth in list(self._growing.values())]):
                pass
            for grown, growth in self._growing.items():
                self._closed[grown] = growth.closed()
        finally:
            self._growing = {}
        return self._closed[key]

    def _begin(self, key: tuple[str, Node]) -> Growth:
        type_name, start = key
        pending = list(self.graph.entrances(type_name))
        if start.is_interface_object:
            pending = [*self.graph.identifying(start.type_name, type_name), *pending]
        growth = self._growing[key] = Growth(type_name, start, pending)
        growth.nodes[start] = None
        return growth

    def _grow(self, growth: Growth) -> bool:
        """Add what can be entered by now; say whether anything was added, here or as another closure to grow."""
        before = len(self._growing)
        gained, again = False, True
        while again:
            again = False
            for entrance in list(growth.pending):
                if self._admits(growth, entrance):
                    growth.nodes.setdefault(entrance.node)
                    growth.entered.add(entrance.node)
                    growth.pending = [other for other in growth.pending if other.node is not entrance.node]
                    gained = again = True
        return gained or len(self._growing) > before

    def _admits(self, growth: Growth, entrance: Entrance) -> bool:
        if entrance.node in growth.entered:
            return False
        if not growth.identified and entrance.entered_as != growth.start.type_name:
            return False  # a representation of the object's own type needs to know that type
        place = Place(growth.type_name, growth.nodes.keys(), growth.entered)
        return self._conditions.hold(place, entrance.fields, _NO_CONTEXTS)

    def _place_of(self, type_name: str, start: Node) -> Place:
        """Return what is known to be reachable from a node: all of it, or what has been found so far of what is growing."""
        key = (type_name, start)
        if not self._growing:
            return self._place(self.closure(type_name, start))
        closed = self._closed.get(key) or self._inherited(key)
        if closed is not None:
            return self._place(closed)
        growth = self._growing.get(key) or self._begin(key)
        return Place(type_name, growth.nodes.keys(), growth.entered)
