"""Whether a field set can be fetched for an object: the conditions of keys (`@key`), fields (`@requires`) and contexts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from router.compose.satisfiability.budget import Budget
from router.compose.satisfiability.closure import Place
from router.supergraph.query_graph import Edge, FieldSet, Node, QueryGraph, SetField

__all__ = ["NO_CONTEXTS", "Conditions", "Contexts"]

# Contexts that a path has set, each with the selection on it that can be fetched.
Contexts: TypeAlias = frozenset[tuple[str, str]]

NO_CONTEXTS: Contexts = frozenset()


class Conditions:
    """Evaluates field sets. `place_of` gives the place of an object below a field: its type, node, excluded subgraphs."""

    def __init__(self, graph: QueryGraph, budget: Budget, place_of: Callable[[str, Node, frozenset[str]], Place]) -> None:
        self._graph, self._budget, self._place_of = graph, budget, place_of
        # Requirements being evaluated: one that leads to itself is not met by it.
        self._open: set[tuple[str, Node, str]] = set()

    def edge(self, place: Place, node: Node, name: str, contexts: Contexts) -> Edge | None:
        """Return the field if it is answered at this node of the place, with its conditions; labels are the caller's."""
        self._budget.spend(1)
        edge = self._graph.edge(node, name)
        if edge is None or edge.obstacle is not None:
            return None
        if edge.requires or edge.contexts:
            if node not in place.entered:
                return None
            if any((argument.context, argument.selection) not in contexts for argument in edge.contexts):
                return None
            if edge.requires and not self._required(place, node, edge, contexts):
                return None
        return edge

    def hold(self, place: Place, fields: FieldSet, contexts: Contexts) -> bool:
        """Whether every field of the set can be fetched for the object at this place."""
        return next(self.missing(place, fields, contexts), None) is None

    def missing(self, place: Place, fields: FieldSet, contexts: Contexts) -> Iterator[str]:
        """Yield the top-level names of the set that cannot be fetched, with everything below them, at this place."""
        for item in fields:
            if not isinstance(item, SetField):
                if self._graph.is_a(place.type_name, item.type_name):
                    yield from self.missing(place, item.selection, contexts) if place.is_identified else ("__typename",)
            elif item.name == "__typename":
                if not place.is_identified:
                    yield item.name
            elif not self._holds(place, item, contexts):
                yield item.name

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Forget the requirements that are being evaluated: what is kept for later must not depend on them."""
        before, self._open = self._open, set()
        try:
            yield
        finally:
            self._open = before

    def _holds(self, place: Place, item: SetField, contexts: Contexts) -> bool:
        found = (self.edge(place, node, item.name, contexts) for node in place.nodes)
        edges = (edge for edge in found if edge is not None and edge.label is None)
        if not item.selection:
            return next(edges, None) is not None
        children = [edge.child for edge in edges if edge.child is not None]
        type_name = self._graph.field_type(place.type_name, item.name)
        if not children or type_name is None:
            return False
        return all(
            self._hold_for(object_type, children, place.excluded, item.selection, contexts)
            for object_type in sorted(self._graph.possible(type_name))
        )

    def _hold_for(
        self, object_type: str, values: list[Node], excluded: frozenset[str], fields: FieldSet, contexts: Contexts
    ) -> bool:
        narrowed = [self._graph.as_object(value, object_type) for value in values]
        if not all(narrowed):
            return True  # one of the subgraphs that give the value never gives such an object, so there is none
        places = (self._place_of(object_type, node, excluded) for nodes in narrowed for node in nodes)
        return self.hold(_joined(object_type, places, excluded), fields, contexts)

    def _required(self, place: Place, node: Node, edge: Edge, contexts: Contexts) -> bool:
        """Whether what the field requires can be fetched from its own node: composition does not count on where it came from."""
        mark = (place.type_name, node, edge.name)
        if mark in self._open:
            return False
        self._open.add(mark)
        try:
            return self.hold(self._place_of(place.type_name, node, place.excluded), edge.requires, contexts)
        finally:
            self._open.discard(mark)


def _joined(type_name: str, places: Iterable[Place], excluded: frozenset[str]) -> Place:
    nodes: dict[Node, None] = {}
    entered: set[Node] = set()
    for place in places:
        nodes.update(dict.fromkeys(place.nodes))
        entered |= place.entered
    return Place(type_name, nodes.keys(), entered, excluded)
