"""What would make a field answerable: the smallest change to the subgraphs that the checker can name."""

from __future__ import annotations

from collections.abc import Iterator

from router.compose.satisfiability.closure import Closure
from router.compose.satisfiability.positions import Position
from router.compose.satisfiability.reachability import Reachability
from router.supergraph.query_graph import Entrance, Node, QueryGraph

__all__ = ["remedy"]


def remedy(position: Position, name: str, reach: Reachability) -> str:
    """Return the advice, as the end of a sentence."""
    graph, closure = reach.graph, position.closures[0]
    found = [*_requirements(position, closure, name, reach), *_keys(closure, name, reach), *_missing_keys(graph, closure, name)]
    field = f'"{closure.type_name}.{name}"'
    here = closure.start.subgraph
    if not found:
        return f'let subgraph "{here}" resolve {field}'
    alternative = f', or resolve {field} in subgraph "{here}" too (@shareable)'
    return min(found)[1] + (alternative if graph.edge(closure.start, name) is None else "")


def _requirements(position: Position, closure: Closure, name: str, reach: Reachability) -> Iterator[tuple[int, str]]:
    for node in closure.place.nodes:
        edge = reach.graph.edge(node, name)
        if edge is not None and edge.obstacle is None and edge.requires:
            missing = reach.missing(reach.closure(closure.type_name, node), edge.requires, position.contexts)
            if missing:
                names = _named(missing)
                yield (
                    len(missing),
                    f'make {names}, which "{closure.type_name}.{name}" requires in subgraph "{node.subgraph}", resolvable from '
                    "it",
                )


def _keys(closure: Closure, name: str, reach: Reachability) -> Iterator[tuple[int, str]]:
    """Advise to supply what lacks of a key that leads to the field."""
    for entrance in closure.refused:
        if entrance.key is not None and _answers(reach.graph, entrance.node, name):
            missing = reach.missing(closure, entrance.fields)
            yield len(missing), _supply(entrance, closure, missing)


def _supply(entrance: Entrance, closure: Closure, missing: tuple[str, ...]) -> str:
    here, there = closure.start.subgraph, entrance.node.subgraph
    return (
        f'make {_named(missing)} of "{closure.type_name}" resolvable from subgraph "{here}", or add a @key to '
        f'"{entrance.entered_as}" in subgraph "{there}" with fields that subgraph "{here}" resolves'
    )


def _missing_keys(graph: QueryGraph, closure: Closure, name: str) -> Iterator[tuple[int, str]]:
    for subgraph in graph.subgraphs_with(closure.type_name):
        type_ = graph.supergraph.subgraphs[subgraph].types[closure.type_name]
        if not type_.resolvable_keys and _answers(graph, graph.node(subgraph, closure.type_name), name):
            change = "make a @key resolvable on" if type_.keys else "add a @key to"
            yield (
                1,
                f'{change} "{closure.type_name}" in subgraph "{subgraph}", with fields that subgraph '
                f'"{closure.start.subgraph}" resolves',
            )


def _answers(graph: QueryGraph, node: Node, name: str) -> bool:
    edge = graph.edge(node, name)
    return edge is not None and edge.obstacle is None


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in dict.fromkeys(names)) or "the key"
