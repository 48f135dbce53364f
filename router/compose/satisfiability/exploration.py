"""Walks every path that the API schema allows, with all subgraphs that may have answered so far.

Breadth first, so that the example of an error is short. On an abstract type the walk goes on with each object type: what a
client selects on the abstract type itself is answered when it is for each of them.

Bounds. A position is a type, the closures there, contexts and labels. In most supergraphs there are one or two of them for
each type, but deciding satisfiability is deciding whether a nondeterministic automaton (subgraphs are its states, fields its
letters) accepts every word, so that hostile schemas have exponentially many. Every field looked at costs a step of the
`Budget`, so the check ends after MAX_STEPS in any case, and then says that it gave up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_abstract_type, is_composite_type

from router.compose.errors import CompositionError
from router.compose.satisfiability.budget import VISIT_STEPS, Budget
from router.compose.satisfiability.conditions import Contexts
from router.compose.satisfiability.contexts import ContextTable
from router.compose.satisfiability.labels import Labels, by_label
from router.compose.satisfiability.positions import Path, Position, strongest
from router.compose.satisfiability.reachability import Reachability
from router.compose.satisfiability.reasons import unanswered_field, unidentified_object
from router.compose.satisfiability.shared_fields import SharedFields
from router.compose.satisfiability.visits import Visits
from router.supergraph.query_graph import Node, QueryGraph

__all__ = ["Exploration"]


class Exploration:
    """One walk. Afterwards `errors` holds what was found; positions in `proven` are not walked again."""

    def __init__(self, reach: Reachability, contexts: ContextTable, shared: SharedFields, budget: Budget, proven: Visits) -> None:
        self.errors: list[CompositionError] = []
        self._reach, self._contexts, self._shared, self._budget, self._proven = reach, contexts, shared, budget, proven
        self._graph: QueryGraph = reach.graph
        self._schema: GraphQLSchema = reach.graph.supergraph.schema
        self._visits = Visits()
        self._queue: deque[tuple[Position, int]] = deque()
        self._positions: dict[int, Position] = {}
        self._junctions: dict[tuple[object, ...], int] = {}
        # Places of the walk are numbered; a place leads to another one from its parents.
        self._parents: list[list[int]] = []
        self._faulty: set[int] = set()

    def start(self, position: Position) -> None:
        """Walk from a position."""
        self._visit(position, self._new_place())
        self._walk()

    def start_below(self, type_name: str, nodes: Sequence[Node], contexts: Contexts, labels: Labels, path: Path) -> None:
        """Walk from the values of a field: of type `type_name`, given by `nodes`."""
        self._enter(type_name, nodes, contexts, labels, path, self._new_place())
        self._walk()

    def sound(self) -> Iterator[Position]:
        """Yield the positions from which no error can be reached."""
        faulty, waiting = set(self._faulty), list(self._faulty)
        while waiting:
            for parent in self._parents[waiting.pop()]:
                if parent not in faulty:
                    faulty.add(parent)
                    waiting.append(parent)
        return (position for place, position in self._positions.items() if place not in faulty)

    def _walk(self) -> None:
        while self._queue:
            position, place = self._queue.popleft()
            self._fields(position, self._contexts.below(position, self._reach), place)

    def _fields(self, position: Position, contexts: Contexts, place: int) -> None:
        type_ = self._schema.get_type(position.type_name)
        if not isinstance(type_, GraphQLObjectType):
            return
        for name, field in type_.fields.items():
            self._budget.spend(VISIT_STEPS * len(position.closures))
            path = position.path.then((name, field))
            found = [edge for closure in position.closures for edge in self._reach.edges(closure, name, position.contexts)]
            for labels, edges in by_label(found, position.labels):
                if not edges:
                    self._fault(unanswered_field(replace(position, labels=labels), path, name, self._reach), place)
                elif is_composite_type(named := get_named_type(field.type)):
                    nodes = tuple(dict.fromkeys(edge.child for edge in edges if edge.child is not None))
                    self._enter(named.name, nodes, contexts, labels, path, place)

    def _enter(self, type_name: str, nodes: Sequence[Node], contexts: Contexts, labels: Labels, path: Path, parent: int) -> None:
        """Go on with the values of a field, for each object type that they can have."""
        key = (type_name, nodes, contexts, labels)
        junction = self._junctions.get(key)
        if junction is not None:
            self._parents[junction].append(parent)
            return
        junction = self._junctions[key] = self._new_place(parent)
        named = self._schema.get_type(type_name)
        objects = self._schema.get_possible_types(named) if is_abstract_type(named) else (named,)
        for object_type in objects:
            assert object_type is not None  # noqa: S101  a field's type is in the schema
            name = object_type.name
            self._budget.spend(VISIT_STEPS * len(nodes))
            narrowed = [self._graph.as_object(node, name) for node in nodes]
            if not all(narrowed):
                continue  # a subgraph that gives the value never gives such an object, so there is none
            starts = tuple(dict.fromkeys(node for found in narrowed for node in found))
            below = path.then(name) if is_abstract_type(named) else path
            closures = strongest(found for start in starts if (found := self._reach.closure(name, start)).place.is_identified)
            position = Position(name, closures, contexts, labels, below)
            if closures:
                self._visit(position, junction)
            else:
                self._fault(unidentified_object(position, starts), junction)

    def _visit(self, position: Position, parent: int) -> None:
        self._shared.compare(position)
        if self._proven.find(position) is not None:
            return
        known = self._visits.find(position)
        if known is not None:
            self._parents[known].append(parent)
            return
        place = self._new_place(parent)
        self._visits.add(position, place)
        self._positions[place] = position
        self._queue.append((position, place))

    def _new_place(self, *parents: int) -> int:
        self._parents.append(list(parents))
        return len(self._parents) - 1

    def _fault(self, error: CompositionError, place: int) -> None:
        self.errors.append(error)
        self._faulty.add(place)
