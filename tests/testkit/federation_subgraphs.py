"""Subgraphs in memory that answer from a world, each with no more than it knows.

Operations are parsed, validated and executed by graphql-core against the subgraph's own schema. Whatever a correct gateway never
asks for is refused and remembered as a violation: invalid operations, external fields that no path provides, fields taken over by
another subgraph, representations without a key or without what `@requires` asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionSetNode,
    execute_sync,
    parse,
    validate,
)

from router.execute.transport import SubgraphRequest, SubgraphResponse
from tests.testkit.federation_sdl import FieldSdl, SubgraphSdl, TypeSdl
from tests.testkit.federation_world import FieldFailed, Item, World

__all__ = ["Violation", "WorldTransport"]

MAX_DOCUMENTS = 2_000


class Violation(Exception):
    """The gateway asked for something that it must not ask for."""


@dataclass(frozen=True)
class _Local:
    """An object as a subgraph holds it: with its representation, and with the external fields that its path provides."""

    item: Item
    representation: Mapping[str, Any] | None = None
    provided: tuple[SelectionSetNode, ...] = ()


class WorldTransport:
    """A transport to all subgraphs of a world. `labels` are the override labels that are on."""

    def __init__(self, world: World, labels: frozenset[str] = frozenset()) -> None:
        self._world = world
        self._subgraphs = {name: _Subgraph(subgraph, world, labels, self) for name, subgraph in world.subgraphs.items()}
        self.violations: list[str] = []
        self.requests = 0
        # Root fields of mutations in the order in which they ran.
        self.calls: list[str] = []

    def reset(self) -> None:
        """Forget what was asked so far."""
        self.violations, self.calls, self.requests = [], [], 0

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer as the subgraph does over HTTP."""
        return SubgraphResponse(200, orjson.dumps(self.answer(request.subgraph, orjson.loads(request.body))))

    def answer(self, subgraph: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return a subgraph's answer to a request; to a subscription, that of its one event."""
        self.requests += 1
        result = self._subgraphs[subgraph].answer(body)
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return answer


class _Subgraph:
    def __init__(self, sdl: SubgraphSdl, world: World, labels: frozenset[str], transport: WorldTransport) -> None:
        self._sdl, self._world, self._labels, self._transport = sdl, world, labels, transport
        self._overridden = dict(self._taken_over())
        schema = sdl.schema
        self._roots = {
            type_.name: kind
            for kind, type_ in (
                ("Query", schema.query_type),
                ("Mutation", schema.mutation_type),
                ("Subscription", schema.subscription_type),
            )
            if type_ is not None
        }

    def answer(self, body: Mapping[str, Any]) -> ExecutionResult:
        """Return the answer to a request."""
        document = self._sdl.documents.get(body["query"])
        if document is None:
            try:
                document = parse(body["query"], no_location=True)
                errors = validate(self._sdl.schema, document)
            except GraphQLError as unreadable:
                errors = [unreadable]
            if errors:
                for error in errors:
                    self._violate(f"invalid operation: {error.message}: {body['query']}")
                return ExecutionResult(None, list(errors))
            assert document is not None
            if len(self._sdl.documents) > MAX_DOCUMENTS:
                self._sdl.documents.clear()
            self._sdl.documents[body["query"]] = document
        result = execute_sync(
            self._sdl.schema,
            document,
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
            field_resolver=self._resolve,
            type_resolver=self._type_of,
        )
        if result.data is None and result.errors and result.errors[0].path is None:
            self._violate(f"request error: {result.errors[0].message}: {body['query']}")
        return result

    def _resolve(self, source: _Local | None, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        type_name = self._roots.get(info.parent_type.name, info.parent_type.name)
        name = info.field_name
        if source is None:
            if name == "_entities":
                return [self._entity(representation) for representation in arguments["representations"]]
            source = _Local(Item(type_name, ""))
        type_ = self._sdl.types[type_name]
        field = type_.fields[name]
        self._check(source, type_, field)
        if field.requires is not None:
            arguments["@requires"] = self._required(source, type_, field)
        if type_name == "Mutation":
            arguments["@call"] = len(self._transport.calls)
            self._transport.calls.append(f"{name} {sorted(arguments.items())}")
        try:
            value = self._world.value(source.item, name, arguments)
        except FieldFailed as error:
            raise GraphQLError(str(error)) from error
        return self._local(value, field, tuple(_below(source, type_, name)))

    def _local(self, value: Any, field: FieldSdl, provided: tuple[SelectionSetNode, ...]) -> Any:
        if isinstance(value, list):
            return [self._local(one, field, provided) for one in value]
        if not isinstance(value, Item):
            return value
        return _Local(value, None, (*provided, field.provides) if field.provides is not None else provided)

    def _entity(self, representation: Mapping[str, Any]) -> _Local | None:
        type_ = self._sdl.types.get(representation.get("__typename", ""))
        if type_ is None or not type_.resolvable_keys:
            raise self._violate(f"no entity of this subgraph: {representation}")
        try:
            item = self._world.find(self._sdl.name, type_.name, representation)
        except KeyError as error:
            raise self._violate(f"bad representation: {error}: {representation}") from error
        return _Local(item, representation) if item is not None else None

    def _type_of(self, value: _Local, *_: Any) -> str:
        if value.representation is not None:
            declared = self._sdl.types[value.representation["__typename"]]
            if declared.is_interface_object:
                return declared.name
        return value.item.type_name

    def _check(self, source: _Local, type_: TypeSdl, field: FieldSdl) -> None:
        """Refuse what this subgraph does not answer here."""
        coordinate = f"{type_.name}.{field.name}"
        if any(_named_in(key, field.name, type_.name) for key in type_.keys):
            return
        if field.external and not any(_named_in(selection, field.name, source.item.type_name) for selection in source.provided):
            raise self._violate(f"{coordinate} is external and not provided")
        label = self._overridden.get((type_.name, field.name), "")
        if label is None or (label and label in self._labels):
            raise self._violate(f"{coordinate} is taken over by another subgraph")
        if field.override_label and field.override_label not in self._labels:
            raise self._violate(f"{coordinate} is not yet taken over by this subgraph")

    def _required(self, source: _Local, type_: TypeSdl, field: FieldSdl) -> Any:
        assert field.requires is not None
        if source.representation is None:
            raise self._violate(f"{type_.name}.{field.name} is asked for without a representation")
        try:
            return self._world.picked(source.representation, field.requires, type_.name)
        except (KeyError, AttributeError, TypeError) as error:
            raise self._violate(
                f"{type_.name}.{field.name} lacks {error} in its representation {dict(source.representation)}"
            ) from error

    def _violate(self, what: str) -> Violation:
        self._transport.violations.append(f"{self._sdl.name}: {what}")
        return Violation(what)

    def _taken_over(self) -> Any:
        """Yield the fields that another subgraph overrides, with the label (None: always)."""
        for other in self._world.subgraphs.values():
            for type_ in other.types.values():
                for field in type_.fields.values():
                    if field.override_from == self._sdl.name:
                        yield (type_.name, field.name), field.override_label


def _below(source: _Local, type_: TypeSdl, name: str) -> Any:
    """Yield what is provided below a field, by the path so far and by keys: a subgraph knows the keys of its entities."""
    for selection in (*source.provided, *type_.keys):
        for node in _nodes(selection, source.item.type_name):
            if node.name.value == name and node.selection_set is not None:
                yield node.selection_set


def _named_in(selection: SelectionSetNode, name: str, type_name: str) -> bool:
    return any(node.name.value == name for node in _nodes(selection, type_name))


def _nodes(selection: SelectionSetNode, type_name: str) -> Any:
    for node in selection.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode) and (
            node.type_condition is None or node.type_condition.name.value == type_name
        ):
            yield from _nodes(node.selection_set, type_name)
