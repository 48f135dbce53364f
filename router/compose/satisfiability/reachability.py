"""Which subgraphs an object can be asked of, from each node: the least set that is closed under keys whose fields it supplies.

A key of an object may have fields of other objects, whose own keys may have fields of this one. So closures that need each
other grow together, each from its start alone, until none gains a node.

Composition asks more than that a plan exists: objects in a key must be fetched without the subgraph that the key leads to. So
closures are kept per set of excluded subgraphs; outside of keys nothing is excluded.

There is a closure for each type, node and set of at most MAX_EXCLUDED subgraphs, at most; its time is that of its keys' fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from router.compose.satisfiability.budget import Budget
from router.compose.satisfiability.closure import Closure, Growth, Place
from router.compose.satisfiability.conditions import NO_CONTEXTS, Conditions, Contexts
from router.supergraph.query_graph import Edge, Entrance, FieldSet, Node, QueryGraph

__all__ = ["Reachability"]

_Origin: TypeAlias = tuple[str, Node, frozenset[str]]
_NONE: frozenset[str] = frozenset()


class Reachability:
    """Closures, each computed once."""

    def __init__(self, graph: QueryGraph, budget: Budget) -> None:
        self.graph = graph
        self._closed: dict[_Origin, Closure] = {}
        # The closures that grow together, those of them that may gain something, and the one that is looked at.
        self._growing: dict[_Origin, Growth] = {}
        self._waiting: dict[Growth, None] = {}
        self._current: Growth | None = None
        self._transitions: dict[tuple[object, ...], tuple[Edge, ...]] = {}
        self._conditions = Conditions(graph, budget, self._place_of)

    def closure(self, type_name: str, start: Node) -> Closure:
        """Return what is reachable for an object of `type_name` from `start`."""
        return self._closure((type_name, start, _NONE))

    def edges(self, closure: Closure, name: str, contexts: Contexts = NO_CONTEXTS) -> tuple[Edge, ...]:
        """Return the ways in which a field of the closure's object is answered, some of them under labels."""
        key = (closure.type_name, closure.reached, closure.entered, name, contexts)
        found = self._transitions.get(key)
        if found is None:
            found = self._transitions[key] = tuple(self._edges(closure.place, name, contexts))
        return found

    def missing(self, closure: Closure, fields: FieldSet, contexts: Contexts = NO_CONTEXTS) -> tuple[str, ...]:
        """Return the top-level names of a field set that cannot be fetched from the closure's nodes."""
        return tuple(self._conditions.missing(closure.place, fields, contexts))

    def _edges(self, place: Place, name: str, contexts: Contexts) -> Iterator[Edge]:
        for node in place.nodes:
            edge = self._conditions.edge(place, node, name, contexts)
            if edge is not None:
                yield edge

    def _closure(self, origin: _Origin) -> Closure:
        found = self._closed.get(origin)
        if found is not None:
            return found
        try:
            self._begin(origin)
            with self._conditions.afresh():
                while self._waiting:
                    self._current = next(iter(self._waiting))
                    del self._waiting[self._current]
                    if self._grow(self._current):
                        self._waiting.update(self._current.dependents)
            for grown, growth in self._growing.items():
                self._closed[grown] = growth.closed()
        finally:
            self._growing, self._waiting, self._current = {}, {}, None
        return self._closed[origin]

    def _begin(self, origin: _Origin) -> Growth:
        type_name, start, excluded = origin
        ways = self.graph.entrances(type_name)
        if start.is_interface_object:
            ways = (*self.graph.identifying(start.type_name, type_name), *ways)
        pending = [entrance for entrance in ways if entrance.node.subgraph not in excluded]
        growth = self._growing[origin] = Growth(type_name, start, excluded, pending)
        growth.nodes[start] = None
        self._waiting[growth] = None
        return growth

    def _grow(self, growth: Growth) -> bool:
        """Add what can be entered by now; say whether anything was."""
        gained, again = False, True
        while again:
            again, refused = False, []
            for entrance in growth.pending:
                if not growth.needs(entrance):
                    continue
                if self._admits(growth, entrance):
                    growth.enter(entrance)
                    gained = again = True
                else:
                    refused.append(entrance)
            growth.pending = refused
        return gained

    def _admits(self, growth: Growth, entrance: Entrance) -> bool:
        if entrance.entered_as != growth.start.type_name and not growth.is_identified:
            return False  # a representation of the object's own type needs to know that type
        return self._conditions.hold(growth.place(entrance), entrance.fields, NO_CONTEXTS)

    def _place_of(self, type_name: str, start: Node, excluded: frozenset[str]) -> Place:
        """Return what is known to be reachable from a node: all of it, or what has been found so far of what is growing."""
        origin = (type_name, start, excluded)
        closed = self._closed.get(origin)
        if closed is None and not self._growing:
            closed = self._closure(origin)
        if closed is not None:
            return closed.place
        growth = self._growing.get(origin) or self._begin(origin)
        if self._current is not None:
            growth.dependents[self._current] = None
        return Place(type_name, growth.nodes.keys(), growth.entered.keys(), excluded)
