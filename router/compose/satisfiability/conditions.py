"""Whether a field set can be fetched for an object: the conditions of keys (`@key`), fields (`@requires`) and contexts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import TypeAlias

from router.compose.satisfiability.labels import UndecidedLabelError
from router.supergraph.query_graph import Edge, FieldSet, Node, QueryGraph, SetField

__all__ = ["Conditions", "Contexts", "Place"]

# Contexts that a path has set, each with the selection on it that can be fetched.
Contexts: TypeAlias = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """An object of `type_name` whose fields can be asked for at `nodes`; those in `entered` take representations."""

    type_name: str
    nodes: Collection[Node]
    entered: Set[Node]

    @property
    def is_identified(self) -> bool:
        """Whether a node knows the object's type; interface objects do not."""
        return any(not node.is_interface_object for node in self.nodes)


class Conditions:
    """Evaluates field sets under fixed labels. `places` gives the place of an object below a field."""

    def __init__(self, graph: QueryGraph, labels: Mapping[str, bool], place: Callable[[str, Node], Place]) -> None:
        self._graph, self._labels, self._place = graph, labels, place
        # Requirements being evaluated: one that leads to itself is not met by it.
        self._open: set[tuple[str, Node, str]] = set()

    def edge(self, place: Place, node: Node, name: str, contexts: Contexts) -> Edge | None:
        """Return the field if it is answered at this node of the place, with all its conditions.

        Raises:
            UndecidedLabelError: that depends on a label about which nothing is assumed.
        """
        edge = self._graph.edge(node, name)
        if edge is None or edge.obstacle is not None:
            return None
        if edge.label is not None:
            if edge.label not in self._labels:
                raise UndecidedLabelError(edge.label)
            if self._labels[edge.label] is not edge.active:
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
        return not any(True for _ in self.missing(place, fields, contexts))

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

    def _holds(self, place: Place, item: SetField, contexts: Contexts) -> bool:
        if not item.selection:
            return any(self.edge(place, node, item.name, contexts) is not None for node in place.nodes)
        edges = (self.edge(place, node, item.name, contexts) for node in place.nodes)
        children = [edge.child for edge in edges if edge is not None and edge.child is not None]
        type_name = self._graph.field_type(place.type_name, item.name)
        if not children or type_name is None:
            return False
        return self._hold_below(type_name, children, item.selection, contexts)

    def _hold_below(self, type_name: str, children: list[Node], fields: FieldSet, contexts: Contexts) -> bool:
        for object_type in sorted(self._graph.possible(type_name)):
            narrowed = [self._graph.as_object(child, object_type) for child in children]
            if not all(narrowed):
                continue  # one of the subgraphs that give the value never gives such an object
            place = _joined(object_type, (self._place(object_type, node) for nodes in narrowed for node in nodes))
            if not self.hold(place, fields, contexts):
                return False
        return True

    def _required(self, place: Place, node: Node, edge: Edge, contexts: Contexts) -> bool:
        mark = (place.type_name, node, edge.name)
        if mark in self._open:
            return False
        self._open.add(mark)
        try:
            return self.hold(place, edge.requires, contexts)
        finally:
            self._open.discard(mark)


def _joined(type_name: str, places: Iterable[Place]) -> Place:
    nodes: dict[Node, None] = {}
    entered: set[Node] = set()
    for place in places:
        nodes.update(dict.fromkeys(place.nodes))
        entered |= place.entered
    return Place(type_name, nodes.keys(), entered)
