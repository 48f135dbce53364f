"""One schema over a world, as if no subgraphs were there: what a gateway's answers are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLResolveInfo, GraphQLSchema, SelectionSetNode, execute_sync

from tests.testkit.federation_world import FieldFailed, Item, World

__all__ = ["MergedSchema"]


@dataclass(frozen=True)
class _Placed:
    """An object with the objects above it, from which contexts are taken."""

    item: Item
    above: _Placed | None = None


class MergedSchema:
    """The API schema, executed by graphql-core."""

    def __init__(self, world: World, schema: GraphQLSchema) -> None:
        self._world = world
        self._schema = schema
        self._contexts = dict(self._context_arguments())
        self._roots = {
            type_.name: kind
            for kind, type_ in (
                ("Query", schema.query_type),
                ("Mutation", schema.mutation_type),
                ("Subscription", schema.subscription_type),
            )
            if type_ is not None
        }
        self.calls: list[str] = []

    def execute(self, document: DocumentNode, variables: Mapping[str, Any], operation_name: str | None = None) -> ExecutionResult:
        """Return the answer to a valid operation."""
        self.calls = []
        return execute_sync(
            self._schema,
            document,
            variable_values=dict(variables),
            operation_name=operation_name,
            field_resolver=self._resolve,
            type_resolver=lambda value, *_: value.item.type_name,
        )

    def _resolve(self, source: _Placed | None, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        type_name = self._roots.get(info.parent_type.name, info.parent_type.name)
        name = info.field_name
        if source is None:
            source = _Placed(Item(type_name, ""))
        if type_name == "Mutation":
            arguments["@call"] = len(self.calls)
            self.calls.append(f"{name} {sorted(arguments.items())}")
        try:
            for argument, (subgraph, context, selection) in self._contexts.get((type_name, name), {}).items():
                arguments[argument] = self._from_context(source, subgraph, context, selection)
            value = self._world.field(source.item, name, arguments)
        except FieldFailed as error:
            raise GraphQLError(str(error)) from error
        return _placed(value, source)

    def _from_context(self, source: _Placed, subgraph: str, context: str, selection: SelectionSetNode) -> Any:
        """Return the value of the nearest object above that sets the context (Federation, `@fromContext`)."""
        types = self._world.subgraphs[subgraph].types
        above = source.above
        while above is not None:
            declared = types.get(above.item.type_name)
            if declared is not None and context in declared.contexts:
                value = self._world.select(above.item, selection)
                while isinstance(value, dict):
                    value = next(iter(value.values()), None)
                return value
            above = above.above
        return None

    def _context_arguments(self) -> Iterator[tuple[tuple[str, str], dict[str, tuple[str, str, SelectionSetNode]]]]:
        for subgraph in self._world.subgraphs.values():
            for type_ in subgraph.types.values():
                for field in type_.fields.values():
                    if field.from_context:
                        found = {name: (subgraph.name, *taken) for name, taken in field.from_context.items()}
                        yield (type_.name, field.name), found


def _placed(value: Any, above: _Placed) -> Any:
    if isinstance(value, list):
        return [_placed(one, above) for one in value]
    return _Placed(value, above) if isinstance(value, Item) else value
