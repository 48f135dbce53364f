"""Runs fetches: asks the subgraph, reports its errors at the client's paths, merges its data into the response tree."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from router.execute.answers import SubgraphAnswer, read_answer
from router.execute.context_values import context_groups
from router.execute.dependents import Dependents
from router.execute.entity_errors import EntityErrors
from router.execute.entity_requests import EntityRequest
from router.execute.errors import forget_failed_fields
from router.execute.failures import SubgraphFailure
from router.execute.representations import RepresentationBuilder
from router.execute.request_body import RequestBody
from router.execute.response_tree import Object, Path, clone, merge, merge_leaves, rename_fields
from router.execute.state import ExecutionState
from router.execute.subgraph_document import entity_fields, root_response_names, selects_objects
from router.execute.tree_walk import WalkPath
from router.plan.nodes import Fetch, PlanPath

__all__ = ["EntityFetch", "RootFetch", "response_path"]


class RootFetch:
    """A request for root fields."""

    def __init__(self, fetch: Fetch, defaults: Mapping[str, Any], needed: frozenset[str] = frozenset()) -> None:
        """`needed` are the response names of a mutation's root fields without which there is no data."""
        self._fetch = fetch
        self._body = RequestBody(fetch, defaults)
        names = root_response_names(fetch.operation)
        self._needed = needed.intersection(_renamed(names, fetch)) if fetch.operation_kind == "mutation" else frozenset[str]()
        # An error of the whole fetch has the path of its field, if there is one field.
        self._path: Path = names if len(names) == 1 else ()

    async def run(self, state: ExecutionState) -> None:
        """Fetch, and put the answer into the tree."""
        fetch = self._fetch
        if fetch.operation_kind == "mutation":
            state.forget_entities()
        try:
            body = self._body.build(state.variables)
            response = await state.send(fetch.subgraph, body, query=fetch.operation_kind == "query")
            answer = read_answer(response)
        except SubgraphFailure as failure:
            self.fail(failure, state)
        else:
            self.apply(answer, state)
        # Without data there is no use for what later mutations answer: they are not begun (GraphQL section 6.4.4).
        # A field that was skipped is not there either, but no error says why.
        state.ended = any(state.tree.get(name) is None and state.errors.explains((name,)) for name in self._needed)

    def fail(self, failure: SubgraphFailure, state: ExecutionState) -> None:
        """Report that there is no answer."""
        state.errors.add_failure(self._fetch.subgraph, failure, self._path)

    def apply(self, answer: SubgraphAnswer, state: ExecutionState) -> None:
        """Put an answer of the subgraph into the tree."""
        for error in answer.errors:
            path = response_path(error)
            forget_failed_fields(answer.data, path)
            state.errors.add_subgraph_error(self._fetch.subgraph, error, (_renamed(path, self._fetch) or self._path,))
        if answer.data is not None:
            rename_fields([answer.data], self._fetch.renames)
            merge(state.tree, answer.data, state.abstract)
            state.walk.grown()


class EntityFetch:
    """A request for fields of the entities at a path, through `Query._entities`."""

    def __init__(
        self,
        fetch: Fetch,
        path: PlanPath,
        defaults: Mapping[str, Any],
        *,
        may_share: bool,
        dependents: Mapping[str, Dependents] | None = None,
    ) -> None:
        """`may_share`: entities of one representation may have their fields' values in common."""
        self._fetch = fetch
        self._path = path
        self._walk_path = WalkPath(path)
        self._body = RequestBody(fetch, defaults)
        self._representations = RepresentationBuilder(fetch.requires, dependents)
        self._may_share = may_share
        # Entities of leaves alone bring no objects into the tree that several places could have in common.
        self._flat = not fetch.renames and not selects_objects(fetch.operation)
        # A type that becomes known opens paths that are for it alone.
        self._opens_paths = not self._flat or any(name == "__typename" for _, name in entity_fields(fetch.operation))

    async def run(self, state: ExecutionState) -> None:
        """Fetch what the objects at the path lack, and merge it into them."""
        if not self._fetch.context:
            await self._complete(state.walk.objects_at(self._walk_path, shared=state.shared), {}, state)
            return
        async with asyncio.TaskGroup() as requests:
            for group in context_groups(state.tree, self._path, self._fetch.context):
                requests.create_task(self._complete(group.objects, group.values, state))

    async def _complete(self, objects: list[Object], extra: Mapping[str, Any], state: ExecutionState) -> None:
        withheld: dict[int, frozenset[str]] = {}
        batch = self._representations.collect(objects, withheld)
        if not batch:
            return
        head = self._body.head(state.variables, extra)
        own, places = state.entities.split((self._fetch.subgraph, head), batch)
        if own is not None:
            await self._send(own, head, state)
        for request, indices in places.items():
            targets = {index: batch[representation] for representation, index in indices.items()}
            try:
                answer = await request.answer()
            except SubgraphFailure as failure:
                EntityErrors(state, self._fetch.subgraph, self._path, targets, 0).add_failure(failure)
                continue
            if answer.errors:
                errors = EntityErrors(state, self._fetch.subgraph, self._path, targets, len(answer.entities), withheld)
                for error in answer.errors:
                    path = response_path(error)
                    forget_failed_fields(answer.data, path)
                    errors.add(error, _renamed(path, self._fetch))
            self._merge(answer.entities, targets, withheld, state)

    async def _send(self, request: EntityRequest, head: bytes, state: ExecutionState) -> None:
        body = self._body.with_representations(head, request.json())
        try:
            request.finish(await state.send(self._fetch.subgraph, body, query=self._fetch.operation_kind == "query"))
        except SubgraphFailure as failure:
            request.finish(failure)
        except BaseException:
            request.abandon()
            raise

    def _merge(
        self,
        entities: list[Any],
        targets_by_index: Mapping[int, list[Object]],
        withheld: Mapping[int, frozenset[str]],
        state: ExecutionState,
    ) -> None:
        if self._fetch.renames:
            rename_fields([entity for entity in entities if entity is not None], self._fetch.renames)
        if self._opens_paths:
            state.walk.grown()
        for index, targets in targets_by_index.items():
            entity = entities[index]
            if entity is None:
                continue
            if withheld:
                targets = _merge_in_part(entity, targets, withheld, state.abstract)
                if not targets:
                    continue
            if self._flat:
                merge_leaves(targets, entity, state.abstract)
                continue
            merge(targets[0], entity, state.abstract)
            for target in targets[1:]:
                merge(target, entity if self._may_share else clone(entity), state.abstract)
            state.shared = state.shared or (self._may_share and len(targets) > 1)


def _merge_in_part(
    entity: Object, targets: list[Object], withheld: Mapping[int, frozenset[str]], abstract: frozenset[str]
) -> list[Object]:
    """Merge what was not computed from a null that stands for a failure; return the targets that may have all."""
    whole = []
    for target in targets:
        lost = withheld.get(id(target))
        if lost is None:
            whole.append(target)
        else:
            merge(target, {name: clone(value) for name, value in entity.items() if name not in lost}, abstract)
    return whole


def _renamed(path: Path, fetch: Fetch) -> Path:
    """Return the path with the response names of clients."""
    names: dict[str | int, str] = {rename.alias: rename.response_name for rename in fetch.renames}
    return tuple(names.get(key, key) for key in path) if names else path


def response_path(error: Any) -> Path:
    """Return the path of a subgraph's error, empty when it has none that is well-formed."""
    path = error.get("path") if isinstance(error, dict) else None
    if not isinstance(path, list) or not all(key.__class__ in (str, int) for key in path):
        return ()
    return tuple(path)
