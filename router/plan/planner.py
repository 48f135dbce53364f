"""Turns an operation into a query plan.

The passes, each in a module of its own: `selection` spreads fragments and decides constant conditions, `series` orders the root
fields of mutations; `views` says what each subgraph answers and how it is entered by keys; `branches` expands abstract types
where subgraphs need it; `solver` chooses subgraphs; `emitter` writes requests with their keys, requirements and `context`;
`joining` makes one request of equal ones; `conflicts` and `subgraph_operation` write them so that their subgraph takes them;
`assembly` orders them.

Planning is in proportion to the operation: see `solver` for its bounds, and `selection` for the largest operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    VariableDefinitionNode,
)

from router.plan.assembly import assemble, required_fragments, shared_conditions
from router.plan.branches import Branches
from router.plan.conflicts import resolve_conflicts
from router.plan.emitter import Emitter
from router.plan.fetch_group import FetchGroup, Groups
from router.plan.joining import joined
from router.plan.nodes import Fetch, OperationKind, PlanNode, QueryPlan, Sequence, SubscriptionPlan
from router.plan.position import Position
from router.plan.scope import Scope
from router.plan.selection import Conditions, Field, Selection, from_ast
from router.plan.series import in_series
from router.plan.solver import NOTHING, Solver
from router.plan.subgraph_operation import operation_text
from router.plan.views import Views
from router.supergraph.model import Supergraph

__all__ = ["plan"]

# Answered by the router itself.
INTROSPECTION = {"__typename", "__schema", "__type"}
_KINDS: dict[OperationType, OperationKind] = {
    OperationType.QUERY: "query",
    OperationType.MUTATION: "mutation",
    OperationType.SUBSCRIPTION: "subscription",
}


def plan(
    supergraph: Supergraph,
    document: DocumentNode,
    operation_name: str | None = None,
    *,
    override_labels: frozenset[str] = frozenset(),
) -> QueryPlan:
    """Return the plan of a valid operation.

    `override_labels` are the labels of progressive overrides (`@override(label:)`) that are on for this request.

    What an `@defer` holds is asked for in requests of its own where it can be: at the root, and where an entity can be come back
    to. All are in the plan; those that a part of the answer needs follow from what they bring.

    Raises:
        GraphQLError: no such operation, or a field that no chain of subgraphs answers (a composed supergraph has none).
    """
    operation = _operation(document, operation_name)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    root = getattr(supergraph.full_schema, f"{operation.operation.value}_type")
    planning = _Planning(
        _views(supergraph, override_labels),
        root.name,
        _KINDS[operation.operation],
        operation.name.value if operation.name else None,
        {node.variable.name.value: node for node in operation.variable_definitions or ()},
    )
    selection = from_ast(operation.selection_set, fragments)
    series = in_series(operation.selection_set, fragments) if planning.kind == "mutation" else ()
    return QueryPlan(planning.kind, planning.root(selection, series))


@lru_cache(maxsize=8)
def _views(supergraph: Supergraph, override_labels: frozenset[str]) -> Views:
    """Return what is the same for all operations. A few are kept: a reload has two supergraphs for a while."""
    return Views(supergraph, override_labels)


@dataclass(frozen=True)
class _Planning:
    views: Views
    root_type: str
    kind: OperationKind
    name: str | None
    definitions: Mapping[str, VariableDefinitionNode]

    def root(self, selection: Selection, series: tuple[Field, ...]) -> PlanNode | None:
        branches = Branches(self.views)
        solver = Solver(self.views, branches)
        fields = series if self.kind == "mutation" else branches.fields(selection, self.root_type)
        fields = tuple(field for field in fields if field.name not in INTROSPECTION)
        if not fields:
            return None
        scope = Scope((selection,))
        if self.kind == "mutation":
            return self._mutation(fields, solver, branches, scope)
        groups = self._groups(fields, solver, branches, scope, Groups())
        if self.kind == "subscription":
            primary = self._fetch(groups.all[0], ())
            return SubscriptionPlan(primary, assemble(joined(groups.all[1:]), self._fetch, done=(0,)))
        return assemble(joined(groups.all), self._fetch)

    def _mutation(self, fields: tuple[Field, ...], solver: Solver, branches: Branches, scope: Scope) -> PlanNode | None:
        """Root fields run one after the other (GraphQL section 6.2.2); neighbours of one subgraph share a request."""
        runs: list[tuple[str, list[Field]]] = []
        for field in fields:
            parts = solver.assign((field,), self.root_type, None, NOTHING).parts
            subgraph = parts[0].hop.subgraph if parts and parts[0].hop else ""
            if not runs or runs[-1][0] != subgraph:
                runs.append((subgraph, []))
            runs[-1][1].append(field)
        steps: list[PlanNode] = []
        groups = Groups()
        for _, run in runs:
            before = len(groups.all)
            if before:
                groups = groups.next()
            self._groups(tuple(run), solver, branches, scope, groups)
            node = assemble(joined(groups.all[before:]), self._fetch, done=range(before))
            if node is not None:
                steps += node.nodes if isinstance(node, Sequence) else (node,)
        return steps[0] if len(steps) == 1 else Sequence(tuple(steps))

    def _groups(self, fields: tuple[Field, ...], solver: Solver, branches: Branches, scope: Scope, groups: Groups) -> Groups:
        missing = solver.assign(fields, self.root_type, None, NOTHING).solution.missing
        if missing is not None:
            raise GraphQLError(f"No subgraph can answer {_describe(missing, self.root_type)}.")
        root = Position(type_name=self.root_type, group=None, out=None, path=(), on=None, scope=scope)
        Emitter(self.views, branches, solver, groups).fields(fields, root)
        return groups

    def _fetch(self, group: FetchGroup, _: Conditions) -> Fetch:
        # A root request of a subscription is sent in any case.
        implied = shared_conditions(group) if self.kind != "subscription" or group.id else ()
        entity = group.requires is not None
        kind: OperationKind = "query" if entity or group.path else self.kind
        renames = resolve_conflicts(group.out)
        text, variables = operation_text(group, kind, self.name, self.definitions, implied)
        return Fetch(
            id=group.id,
            subgraph=group.subgraph,
            operation=text,
            operation_kind=kind,
            operation_name=text.split(" ", 1)[1].partition("(")[0].partition(" ")[0] or None if self.name else None,
            variables=variables,
            requires=required_fragments(group),
            renames=renames,
            context={name: path for name, (_, path) in group.context.items()},
        )


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    for operation in operations:
        if (name is None and len(operations) == 1) or (operation.name is not None and operation.name.value == name):
            return operation
    raise GraphQLError("The document has no such operation." if name else "The document has several operations; name one.")


def _describe(missing: Selection, type_name: str) -> str:
    """Return the first path that cannot be answered."""
    path, selection = type_name, missing
    while selection is not None and selection.items:
        item = selection.items[0]
        path += f".{item.name}" if isinstance(item, Field) else f"[{item.type_name}]"
        if item.selection is None:
            break
        selection = item.selection
    return path
