"""Which contexts an object sets (`@context`), and whether the values that fields below take from it can be fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import GraphQLError, SelectionSetNode, TypeDefinitionNode, parse, value_from_ast_untyped
from graphql.language import OperationDefinitionNode

from router.compose.satisfiability.conditions import Contexts
from router.compose.satisfiability.positions import Position
from router.compose.satisfiability.reachability import Reachability
from router.supergraph.model import Supergraph
from router.supergraph.query_graph import FieldSet, read_field_set

__all__ = ["ContextTable"]


class ContextTable:
    """The contexts of the supergraph: set by which types, used by which selections."""

    def __init__(self, supergraph: Supergraph) -> None:
        self._uses: dict[str, dict[str, FieldSet]] = {}
        for context, selection in _used(supergraph):
            self._uses.setdefault(context, {})[selection] = _parsed(selection)
        self._set_by: dict[str, tuple[str, ...]] = dict(_set_by(supergraph)) if self._uses else {}

    def below(self, position: Position, reach: Reachability) -> Contexts:
        """Return the contexts for what is below an object: its own in place of those of the same name above it."""
        names = self._set_by.get(position.type_name, ())
        if not names:
            return position.contexts
        kept = {(context, selection) for context, selection in position.contexts if context not in names}
        for name in names:
            for selection, fields in self._uses.get(name, {}).items():
                if any(not reach.missing(closure, fields, position.contexts) for closure in position.closures):
                    kept.add((name, selection))
        return frozenset(kept)


def _used(supergraph: Supergraph) -> Iterator[tuple[str, str]]:
    for subgraph in supergraph.subgraphs.values():
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                for argument in field.context_arguments:
                    yield argument.context, argument.selection


def _set_by(supergraph: Supergraph) -> Mapping[str, tuple[str, ...]]:
    """Return the contexts of each object type: its own, and those of its interfaces and unions."""
    found: dict[str, dict[str, None]] = {}
    for definition in supergraph.document.definitions:
        if not isinstance(definition, TypeDefinitionNode):
            continue
        name = definition.name.value
        for directive in definition.directives or ():
            if directive.name.value == "context":
                arguments = {
                    argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()
                }
                for type_name in {name, *supergraph.possible_types.get(name, ())}:
                    found.setdefault(type_name, {})[str(arguments["name"])] = None
    return {name: tuple(contexts) for name, contexts in found.items()}


def _parsed(selection: str) -> FieldSet:
    """Parse the selection of a context argument; text that does not parse asks for nothing."""
    try:
        definition = parse(selection, no_location=True).definitions[0]
    except GraphQLError:
        return ()
    node = definition.selection_set if isinstance(definition, OperationDefinitionNode) else None
    return read_field_set(node) if isinstance(node, SelectionSetNode) else ()
