"""Runs fetches: asks the subgraph, reports its errors at the client's paths, merges its data into the response tree."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from graphql import FieldNode, InlineFragmentNode, OperationDefinitionNode, parse

from router.execute.answers import SubgraphAnswer, read_answer
from router.execute.context_values import context_groups
from router.execute.entity_errors import EntityErrors
from router.execute.errors import forget_failed_fields
from router.execute.failures import MalformedResponse, SubgraphFailure
from router.execute.representations import Batch, RepresentationBuilder
from router.execute.request_body import RequestBody
from router.execute.response_tree import Object, Path, clone, merge, objects_at, rename_types
from router.execute.state import ExecutionState
from router.plan.nodes import Fetch, PlanPath

__all__ = ["EntityFetch", "RootFetch", "response_path"]


class RootFetch:
    """A request for root fields."""

    def __init__(self, fetch: Fetch, defaults: Mapping[str, Any]) -> None:
        self._fetch = fetch
        self._body = RequestBody(fetch, defaults)
        names = _root_response_names(fetch.operation)
        # An error of the whole fetch has the path of its field, if there is one field.
        self._path: Path = names if len(names) == 1 else ()

    async def run(self, state: ExecutionState) -> None:
        """Fetch, and put the answer into the tree."""
        fetch = self._fetch
        try:
            body = self._body.build(state.variables, None)
            response = await state.send(fetch.subgraph, body, query=fetch.operation_kind == "query")
            answer = read_answer(response)
        except SubgraphFailure as failure:
            self.fail(failure, state)
            return
        self.apply(answer, state)

    def fail(self, failure: SubgraphFailure, state: ExecutionState) -> None:
        """Report that there is no answer."""
        state.errors.add_failure(self._fetch.subgraph, failure, self._path)

    def apply(self, answer: SubgraphAnswer, state: ExecutionState) -> None:
        """Put an answer of the subgraph into the tree."""
        for error in answer.errors:
            path = response_path(error)
            forget_failed_fields(answer.data, path)
            state.errors.add_subgraph_error(self._fetch.subgraph, error, (path or self._path,))
        if answer.data is not None:
            rename_types([answer.data], self._fetch.type_renames)
            merge(state.tree, answer.data)


class EntityFetch:
    """A request for fields of the entities at a path, through `Query._entities`."""

    def __init__(self, fetch: Fetch, path: PlanPath, defaults: Mapping[str, Any], *, may_share: bool) -> None:
        """`may_share`: entities of one representation may have their fields' values in common."""
        self._fetch = fetch
        self._path = path
        self._body = RequestBody(fetch, defaults)
        self._representations = RepresentationBuilder(fetch.requires)
        self._may_share = may_share

    async def run(self, state: ExecutionState) -> None:
        """Fetch what the objects at the path lack, and merge it into them."""
        if not self._fetch.context:
            await self._complete(objects_at(state.tree, self._path, shared=state.shared), {}, state)
            return
        async with asyncio.TaskGroup() as requests:
            for group in context_groups(state.tree, self._path, self._fetch.context):
                requests.create_task(self._complete(group.objects, group.values, state))

    async def _complete(self, objects: list[Object], extra: Mapping[str, Any], state: ExecutionState) -> None:
        fetch = self._fetch
        batch = self._representations.collect(objects)
        if not batch.targets:
            return
        body = self._body.build(state.variables, batch.json(), extra)
        try:
            response = await state.send(fetch.subgraph, body, query=fetch.operation_kind == "query")
            answer = read_answer(response)
            entities = _entities(answer, len(batch.targets))
        except SubgraphFailure as failure:
            EntityErrors(state, fetch.subgraph, self._path, batch).add_failure(failure)
            return
        if answer.errors:
            errors = EntityErrors(state, fetch.subgraph, self._path, batch)
            for error in answer.errors:
                path = response_path(error)
                forget_failed_fields(answer.data, path)
                errors.add(error, path)
        self._merge(entities, batch, state)

    def _merge(self, entities: list[Any], batch: Batch, state: ExecutionState) -> None:
        rename_types([entity for entity in entities if entity is not None], self._fetch.type_renames)
        for entity, targets in zip(entities, batch.targets.values(), strict=True):
            if entity is None:
                continue
            merge(targets[0], entity)
            for target in targets[1:]:
                merge(target, entity if self._may_share else clone(entity))
            state.shared = state.shared or (self._may_share and len(targets) > 1)


def _entities(answer: SubgraphAnswer, expected: int) -> list[Any]:
    """Return one object or null per representation.

    Raises:
        MalformedResponse
    """
    entities = answer.data.get("_entities") if answer.data is not None else None
    if entities is None and answer.errors:
        return [None] * expected
    if not isinstance(entities, list) or len(entities) != expected:
        raise MalformedResponse("'_entities' does not have an entry for each representation")
    if any(entity is not None and not isinstance(entity, dict) for entity in entities):
        raise MalformedResponse("'_entities' has an entry that is not an object")
    return entities


def response_path(error: Any) -> Path:
    """Return the path of a subgraph's error, empty when it has none that is well-formed."""
    path = error.get("path") if isinstance(error, dict) else None
    if not isinstance(path, list) or not all(key.__class__ in (str, int) for key in path):
        return ()
    return tuple(path)


def _root_response_names(operation: str) -> Path:
    names: list[str | int] = []
    for definition in parse(operation, no_location=True).definitions:
        if isinstance(definition, OperationDefinitionNode):
            nodes = _fields(definition.selection_set.selections)
            names.extend(node.alias.value if node.alias else node.name.value for node in nodes)
    return tuple(dict.fromkeys(names))


def _fields(selections: Iterable[Any]) -> Iterable[FieldNode]:
    for selection in selections:
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(selection.selection_set.selections)
