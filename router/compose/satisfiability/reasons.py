"""Why a field cannot be answered: what each subgraph that was reached lacks, and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from router.compose.errors import CompositionError
from router.compose.satisfiability.closure import Closure
from router.compose.satisfiability.positions import Path, Position
from router.compose.satisfiability.reachability import Reachability
from router.compose.satisfiability.remedies import remedy
from router.compose.satisfiability.witness import witness
from router.supergraph.query_graph import Entrance, Node, Obstacle, QueryGraph

__all__ = ["SATISFIABILITY_ERROR", "unanswered_field", "unidentified_object"]

SATISFIABILITY_ERROR = "SATISFIABILITY_ERROR"


def unanswered_field(position: Position, path: Path, name: str, reach: Reachability) -> CompositionError:
    """Return the error for a field that no subgraph answers at a position."""
    reasons: dict[str, list[str]] = {}
    for closure in position.closures:
        for node in closure.place.nodes:
            reasons.setdefault(node.subgraph, []).extend(_at_node(position, closure, node, name, reach.graph))
    return _error(position, path, reasons, remedy(position, name, reach), [f"{position.type_name}.{name}"])


def unidentified_object(position: Position, nodes: Iterable[Node]) -> CompositionError:
    """Return the error for interface objects of which no subgraph can tell which object type they are."""
    reasons: dict[str, list[str]] = {}
    interfaces: dict[str, None] = {}
    for node in nodes:
        interfaces[node.type_name] = None
        reasons.setdefault(node.subgraph, []).append(
            f'no subgraph can be reached to resolve the implementation type of @interfaceObject type "{node.type_name}"'
        )
    named = " and ".join(f'"{name}"' for name in interfaces)
    advice = f"give the interface {named} a @key in a subgraph that defines it, with fields that these subgraphs resolve"
    return _error(position, position.path, reasons, advice, list(interfaces))


def _at_node(position: Position, closure: Closure, node: Node, name: str, graph: QueryGraph) -> Iterator[str]:
    yield _obstacle(position, closure, node, name, graph)
    for entrance in closure.refused:
        if entrance.node.subgraph != node.subgraph:
            yield _refusal(entrance, node)
    yield from _closed_subgraphs(graph, closure, node, name)


def _obstacle(position: Position, closure: Closure, node: Node, name: str, graph: QueryGraph) -> str:
    field = f'"{closure.type_name}.{name}"'
    edge = graph.edge(node, name)
    if edge is None:
        return f"cannot find field {field}"
    if edge.obstacle is Obstacle.EXTERNAL:
        return f"field {field} is not resolvable because marked @external"
    if edge.obstacle is Obstacle.OVERRIDDEN:
        return f"field {field} is not resolvable because it is overridden by another subgraph"
    if edge.label is not None and dict(position.labels).get(edge.label) is not edge.active:
        state = "off" if edge.active else "on"
        return f'field {field} is not resolvable while the @override label "{edge.label}" is {state}'
    unset = sorted({found.context for found in edge.contexts if (found.context, found.selection) not in position.contexts})
    if unset:
        names = ", ".join(f'"{context.partition("__")[2] or context}"' for context in unset)
        return f"cannot find @context {names}, which field {field} takes arguments from, on this path"
    if node not in closure.entered:
        return f'cannot enter this subgraph again with the arguments of field {field}: no resolvable @key of "{node.type_name}"'
    return f"cannot satisfy @require conditions on field {field}"


def _refusal(entrance: Entrance, node: Node) -> str:
    assert entrance.key is not None  # noqa: S101  without a key nothing is refused
    return (
        f'cannot move to subgraph "{entrance.node.subgraph}" using @key(fields: "{entrance.key.text}") of '
        f'"{entrance.entered_as}", the key field(s) cannot be resolved from subgraph "{node.subgraph}"'
    )


def _closed_subgraphs(graph: QueryGraph, closure: Closure, node: Node, name: str) -> Iterator[str]:
    """Name the subgraphs that have the field, but no key by which to ask for it."""
    for subgraph in graph.subgraphs_with(closure.type_name):
        type_ = graph.supergraph.subgraphs[subgraph].types[closure.type_name]
        field = type_.fields.get(name)
        if subgraph == node.subgraph or field is None or field.external or field.overridden or type_.resolvable_keys:
            continue
        why = f'because type "{closure.type_name}" has no @key defined in subgraph "{subgraph}"'
        if type_.keys:
            why = (
                f'because none of the @key defined on type "{closure.type_name}" in subgraph "{subgraph}" are resolvable '
                '(they are all declared with their "resolvable" argument set to false)'
            )
        yield f'cannot move to subgraph "{subgraph}", which has field "{closure.type_name}.{name}", {why}'


def _error(
    position: Position, path: Path, reasons: dict[str, list[str]], advice: str, coordinates: Sequence[str]
) -> CompositionError:
    assumed = [f'"{label}" {"on" if value else "off"}' for label, value in sorted(position.labels)]
    condition = f" (with the @override label{'s' * (len(assumed) > 1)} {', '.join(assumed)})" if assumed else ""
    lines = [f"The following supergraph API query{condition}:", witness(path), "cannot be satisfied by the subgraphs because:"]
    for subgraph, found in reasons.items():
        details = list(dict.fromkeys(found))
        if len(details) == 1:
            lines.append(f'- from subgraph "{subgraph}": {details[0]}.')
        else:
            lines.append(f'- from subgraph "{subgraph}":')
            lines += [f"  - {detail}." for detail in details]
    lines.append(f"To fix it: {advice}.")
    return CompositionError(SATISFIABILITY_ERROR, "\n".join(lines), coordinates=tuple(coordinates))
