"""Mutation fields: one subgraph alone must answer all that is selected below one, since calling it twice would act twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_composite_type

from router.compose.errors import CompositionError
from router.compose.satisfiability.conditions import NO_CONTEXTS
from router.compose.satisfiability.exploration import Exploration
from router.compose.satisfiability.labels import Labels, by_label
from router.compose.satisfiability.positions import Path
from router.compose.satisfiability.reachability import Reachability
from router.compose.satisfiability.reasons import SATISFIABILITY_ERROR
from router.compose.satisfiability.visits import Visits
from router.supergraph.query_graph import Edge, Node

__all__ = ["check_mutations"]


def check_mutations(
    root: GraphQLObjectType, reach: Reachability, explore: Callable[[], Exploration], proven: Visits
) -> Iterator[CompositionError]:
    """Yield the errors of mutation fields. What turns out sound below one of them is added to `proven`."""
    for name, field in root.fields.items():
        if is_composite_type(get_named_type(field.type)):
            for labels, edges in by_label(_calls(root.name, name, reach), frozenset()):
                calls = {edge.child.subgraph: edge.child for edge in edges if edge.child is not None}
                yield from _field_errors(f"{root.name}.{name}", name, field, calls, labels, explore, proven)


def _calls(type_name: str, name: str, reach: Reachability) -> Sequence[Edge]:
    """Return the field in each subgraph that has it."""
    roots = reach.graph.roots(type_name)
    return reach.edges(reach.closure(type_name, roots[0]), name) if roots else ()


def _field_errors(
    coordinate: str,
    name: str,
    field: GraphQLField,
    calls: Mapping[str, Node],
    labels: Labels,
    explore: Callable[[], Exploration],
    proven: Visits,
) -> Iterator[CompositionError]:
    found: dict[str, list[CompositionError]] = {}
    path = Path("mutation").then((name, field))
    if len(calls) > 1:
        # Only for what this walk compares: all of the subgraphs must give the same value, although one of them is called.
        explore().start_below(get_named_type(field.type).name, tuple(calls.values()), NO_CONTEXTS, labels, path)
    for subgraph, node in calls.items():
        walk = explore()
        walk.start_below(get_named_type(field.type).name, (node,), NO_CONTEXTS, labels, path)
        proven.extend(walk.sound())
        if not walk.errors:
            return
        found[subgraph] = walk.errors
    if len(found) == 1:
        yield from next(iter(found.values()))
    elif found:
        yield _joint(coordinate, found)


def _joint(coordinate: str, found: Mapping[str, list[CompositionError]]) -> CompositionError:
    lines = [
        f'Supergraph API queries using the mutation field "{coordinate}" at top-level must be satisfiable without needing to '
        "call that field from multiple subgraphs, but every subgraph with that field encounters satisfiability errors. Please "
        "fix these satisfiability errors for (at least) one of the following subgraphs with the mutation field:"
    ]
    for subgraph, errors in found.items():
        lines.append(f'- When calling "{coordinate}" at top-level from subgraph "{subgraph}":')
        lines += [f"  {line}" if line else line for error in errors for line in error.message.split("\n")]
    return CompositionError(SATISFIABILITY_ERROR, "\n".join(lines), coordinates=(coordinate,))
