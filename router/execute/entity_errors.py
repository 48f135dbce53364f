"""Errors of `_entities` fetches at the client's paths: every place of the response that an entity was fetched for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from router.execute.errors import MAX_ERRORS
from router.execute.failures import SubgraphFailure
from router.execute.response_tree import Object, Path, places_at
from router.execute.state import ExecutionState
from router.plan.nodes import PlanPath

__all__ = ["EntityErrors"]


class EntityErrors:
    """Made for a fetch that has errors, before its data is merged; finding all places is paid for by errors only."""

    def __init__(
        self,
        state: ExecutionState,
        subgraph: str,
        path: PlanPath,
        targets: Mapping[int, Sequence[Object]],
        expected: int,
        withheld: Mapping[int, frozenset[str]] | None = None,
    ) -> None:
        """`targets` are the objects that entities of the answer are for, by index in `_entities`, which has `expected` entries.

        The others are for another fetch, and so are their errors. `withheld` are response names, by `id` of an object, for which
        it gets no value whatever the subgraph answers.
        """
        self._withheld = withheld or {}
        self._expected = expected
        self._errors = state.errors
        self._subgraph = subgraph
        self._targets = targets
        self._places: dict[int, list[Path]] = {}
        for found, place in places_at(state.tree, path):
            self._places.setdefault(id(found), []).append(place)

    def add(self, error: Any, path: Path) -> None:
        """Add an error of the subgraph: `path` begins with `_entities` and an index if it concerns one entity."""
        index = path[1] if len(path) > 1 and path[0] == "_entities" else None
        if not isinstance(index, int) or not 0 <= index < self._expected:
            paths = [self._common()]
        else:
            # One object can be the target of a representation once and have many places.
            targets = [target for target in self._targets.get(index, ()) if not self._is_withheld(target, path)]
            paths = [(*place, *path[2:]) for target in targets for place in self._places.get(id(target), ())]
        self._errors.add_subgraph_error(self._subgraph, error, paths[:MAX_ERRORS])

    def add_failure(self, failure: SubgraphFailure) -> None:
        """Add the failure of the fetch as a whole."""
        self._errors.add_failure(self._subgraph, failure, self._common())

    def _is_withheld(self, target: Object, path: Path) -> bool:
        return len(path) > 2 and path[2] in self._withheld.get(id(target), ())

    def _common(self) -> Path:
        """Return the longest path that all objects of the fetch are at or below."""
        places = [place for targets in self._targets.values() for target in targets for place in self._places.get(id(target), ())]
        if not places:
            return ()
        first, last = min(places, key=_sortable), max(places, key=_sortable)
        length = 0
        while length < min(len(first), len(last)) and first[length] == last[length]:
            length += 1
        return first[:length]


def _sortable(path: Path) -> tuple[tuple[bool, str | int], ...]:
    return tuple((isinstance(key, int), key) for key in path)
