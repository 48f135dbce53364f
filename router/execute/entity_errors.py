"""Errors of `_entities` fetches at the client's paths: every place of the response that an entity was fetched for."""

from __future__ import annotations

from typing import Any

from router.execute.errors import MAX_ERRORS
from router.execute.failures import SubgraphFailure
from router.execute.representations import Batch
from router.execute.response_tree import Path, places_at
from router.execute.state import ExecutionState
from router.plan.nodes import PlanPath

__all__ = ["EntityErrors"]


class EntityErrors:
    """Made for a fetch that has errors, before its data is merged; finding all places is paid for by errors only."""

    def __init__(self, state: ExecutionState, subgraph: str, path: PlanPath, batch: Batch) -> None:
        self._errors = state.errors
        self._subgraph = subgraph
        self._targets = list(batch.targets.values())
        self._places: dict[int, list[Path]] = {}
        for found, place in places_at(state.tree, path):
            self._places.setdefault(id(found), []).append(place)

    def add(self, error: Any, path: Path) -> None:
        """Add an error of the subgraph: `path` begins with `_entities` and an index if it concerns one entity."""
        paths = self._client_paths(path) or [self._common()]
        self._errors.add_subgraph_error(self._subgraph, error, paths[:MAX_ERRORS])

    def add_failure(self, failure: SubgraphFailure) -> None:
        """Add the failure of the fetch as a whole."""
        self._errors.add_failure(self._subgraph, failure, self._common())

    def _client_paths(self, path: Path) -> list[Path]:
        if len(path) < 2 or path[0] != "_entities":
            return []
        index = path[1]
        if not isinstance(index, int) or not 0 <= index < len(self._targets):
            return []
        # One object can be the target of a representation once and have many places.
        return [(*place, *path[2:]) for target in self._targets[index] for place in self._places.get(id(target), ())]

    def _common(self) -> Path:
        """Return the longest path that all objects of the fetch are at or below."""
        places = [place for targets in self._targets for target in targets for place in self._places.get(id(target), ())]
        if not places:
            return ()
        first, last = min(places, key=_sortable), max(places, key=_sortable)
        length = 0
        while length < min(len(first), len(last)) and first[length] == last[length]:
            length += 1
        return first[:length]


def _sortable(path: Path) -> tuple[tuple[bool, str | int], ...]:
    return tuple((isinstance(key, int), key) for key in path)
