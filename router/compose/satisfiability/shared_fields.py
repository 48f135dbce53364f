"""Compares what subgraphs can answer a shared field of an abstract type with, at every position that a path reaches."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_abstract_type

from router.compose.errors import CompositionError, CompositionHint
from router.compose.satisfiability.labels import by_label
from router.compose.satisfiability.positions import Position
from router.compose.satisfiability.reachability import Reachability
from router.compose.satisfiability.runtime_types import runtime_types
from router.supergraph.model import SubgraphType

__all__ = ["SharedFields"]


class SharedFields:
    """What was found so far: each finding once, with the first path that led to it."""

    def __init__(self, reach: Reachability) -> None:
        self._reach = reach
        self._errors: dict[tuple[object, ...], CompositionError] = {}
        self._hints: dict[tuple[object, ...], CompositionHint] = {}
        self._fields: dict[str, tuple[tuple[str, GraphQLField], ...]] = {}
        self._compared: set[tuple[object, ...]] = set()

    @property
    def errors(self) -> tuple[CompositionError, ...]:
        """Shared fields that no object type can answer in all subgraphs."""
        return tuple(self._errors.values())

    @property
    def hints(self) -> tuple[CompositionHint, ...]:
        """Shared fields that some subgraph may answer as another one never does."""
        return tuple(self._hints.values())

    def compare(self, position: Position) -> None:
        """Compare the subgraphs that share fields of the object."""
        fields = self._shared(position.type_name)
        if not fields or position.identity in self._compared:
            return
        self._compared.add(position.identity)
        for name, field in fields:
            found = [edge for closure in position.closures for edge in self._reach.edges(closure, name, position.contexts)]
            for _, edges in by_label(found, position.labels):
                nodes = tuple(dict.fromkeys(edge.child for edge in edges if edge.child is not None))
                schema = self._reach.graph.supergraph.schema
                named = get_named_type(field.type)
                assert is_abstract_type(named)  # noqa: S101  only such fields are compared
                known = {type_.name for type_ in schema.get_possible_types(named)}
                coordinate = f"{position.type_name}.{name}"
                types = runtime_types(self._reach.graph, coordinate, str(field.type), known, nodes)
                if types is not None and not types.agree:
                    path = position.path.then((name, field))
                    error, hint = types.error(path), types.hint(path)
                    if error is not None:
                        self._errors.setdefault(types.identity, error)
                    if hint is not None:
                        self._hints.setdefault(types.identity, hint)

    def _shared(self, type_name: str) -> tuple[tuple[str, GraphQLField], ...]:
        found = self._fields.get(type_name)
        if found is None:
            found = self._fields[type_name] = tuple(self._shared_fields(type_name))
        return found

    def _shared_fields(self, type_name: str) -> Iterator[tuple[str, GraphQLField]]:
        type_ = self._reach.graph.supergraph.schema.get_type(type_name)
        if isinstance(type_, GraphQLObjectType):
            views = list(self._reach.graph.views(type_name))
            for name, field in type_.fields.items():
                if is_abstract_type(get_named_type(field.type)) and sum(_resolves(view, name) for view in views) > 1:
                    yield name, field


def _resolves(view: SubgraphType, name: str) -> bool:
    field = view.fields.get(name)
    return field is not None and not field.external and not field.overridden
