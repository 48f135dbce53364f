"""The entities that one execution has asked for: what a fetch asked, a later one for the same fields takes.

Two fetches of a plan often want the same of the same entity, at different places of the response. Each representation is sent
once per distinct request; a fetch that wants it again waits for that answer, or has it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable
from typing import Any

from router.execute.answers import SubgraphAnswer, read_answer
from router.execute.failures import MalformedResponse, SubgraphFailure
from router.execute.transport import SubgraphResponse

__all__ = ["EntityAnswer", "EntityRequest", "EntityRequests"]

Outcome = SubgraphResponse | SubgraphFailure


class EntityRequests:
    """Requests by what they ask for (subgraph, operation, variables) and representation."""

    def __init__(self) -> None:
        self._asked: dict[Hashable, dict[bytes, tuple[EntityRequest, int]]] = {}

    def split(
        self, what: Hashable, representations: Iterable[bytes]
    ) -> tuple[EntityRequest | None, dict[EntityRequest, dict[bytes, int]]]:
        """Return a request for what was not asked for yet, if anything, and the places of representations by request."""
        asked = self._asked.setdefault(what, {})
        fresh: EntityRequest | None = None
        places: dict[EntityRequest, dict[bytes, int]] = {}
        for representation in representations:
            known = asked.get(representation)
            if known is None:
                if fresh is None:
                    fresh = EntityRequest()
                known = asked[representation] = (fresh, fresh.add(representation))
            request, place = known
            places.setdefault(request, {})[representation] = place
        return fresh, places


class EntityRequest:
    """One `_entities` request; whoever made it sends it and calls `finish`, or `abandon`."""

    def __init__(self) -> None:
        self._representations: list[bytes] = []
        self._outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def add(self, representation: bytes) -> int:
        """Add a representation; return its place."""
        self._representations.append(representation)
        return len(self._representations) - 1

    def json(self) -> bytes:
        """Return the value of `$representations`."""
        return b"[" + b",".join(self._representations) + b"]"

    def finish(self, outcome: Outcome) -> None:
        """Hand on what came of it."""
        self._outcome.set_result(outcome)

    def abandon(self) -> None:
        """The execution was cancelled."""
        self._outcome.cancel()

    async def answer(self) -> EntityAnswer:
        """Return the answer once it is there, read anew: it is the caller's own to change.

        Raises:
            SubgraphFailure
        """
        outcome = self._outcome.result() if self._outcome.done() else await asyncio.shield(self._outcome)
        if isinstance(outcome, SubgraphFailure):
            raise outcome.with_traceback(None)
        answer = read_answer(outcome)
        return EntityAnswer(answer, _entities(answer, len(self._representations)))


class EntityAnswer:
    """An answer with one object or null per representation."""

    __slots__ = ("data", "entities", "errors")

    def __init__(self, answer: SubgraphAnswer, entities: list[Any]) -> None:
        self.data = answer.data
        self.errors = answer.errors
        self.entities = entities


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
