"""Answers an operation in parts, in the format of incremental delivery.

The first payload has `data`, `pending` and `hasNext`; each later one `incremental` data, what is `completed`, and what is
`pending` because of it (https://github.com/graphql/graphql-spec/pull/1110, "Response format").
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

from router.execute.deferral import Deferral, PreparedPart
from router.execute.field_collection import included
from router.execute.response_tree import Object, Path, places_at
from router.execute.state import ExecutionState

__all__ = ["Payload", "answer_in_parts"]

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Pending:
    """A deferred part at one place of the answer."""

    id: str
    target: Object
    place: Path


async def answer_in_parts(deferral: Deferral, state: ExecutionState) -> AsyncGenerator[Payload, None]:
    """Yield the payloads; closing the generator cancels what is still fetched."""
    delivery = _Delivery()
    primary = deferral.primary
    if primary.step is not None:
        await primary.step.run(state)
    data = primary.projection.project(state.tree, state.coerced, state.errors, shared=state.shared)
    first: Payload = {"data": data}
    if state.errors.errors:
        first["errors"] = state.errors.errors
    try:
        pending = delivery.announce(primary.nested, data, (), state)
        if pending:
            first["pending"] = pending
        yield {**first, "hasNext": delivery.goes_on()}
        while delivery.goes_on():
            payload = await delivery.next()
            yield {**payload, "hasNext": delivery.goes_on()}
    finally:
        await delivery.stop()


class _Delivery:
    """What is on its way. Payloads come in the order in which they were made: a part before what is deferred inside of it."""

    def __init__(self) -> None:
        self._ids = count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._made: asyncio.Queue[Payload | Exception] = asyncio.Queue()
        self._open = 0

    def goes_on(self) -> bool:
        """Tell whether more payloads follow."""
        return self._open > 0

    async def next(self) -> Payload:
        """Return the next payload."""
        made = await self._made.get()
        self._open -= 1
        if isinstance(made, Exception):
            raise made
        return made

    async def stop(self) -> None:
        """Cancel what is still running."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def announce(self, parts: Iterable[PreparedPart], data: Any, above: Path, state: ExecutionState) -> list[Payload]:
        """Start the parts that have a place in `data`, whose own place is `above`; return their `pending` entries."""
        entries: list[Payload] = []
        for part in parts:
            if not included(part.guards, state.coerced):
                continue
            places = [
                _Pending(str(next(self._ids)), target, place)
                for target, place in places_at(state.tree, part.path)
                if (part.on is None or target.get("__typename") in part.on) and _is_object(data, place, above)
            ]
            if places:
                self._open += 1
                self._tasks.add(asyncio.create_task(self._run(part, places, state)))
            for pending in places:
                label = {"label": part.label} if part.label is not None else {}
                entries.append({"id": pending.id, "path": list(pending.place), **label})
        return entries

    async def _run(self, part: PreparedPart, places: list[_Pending], before: ExecutionState) -> None:
        try:
            made: Payload | Exception = await self._complete(part, places, before)
        except Exception as error:
            made = error
        self._made.put_nowait(made)

    async def _complete(self, part: PreparedPart, places: list[_Pending], before: ExecutionState) -> Payload:
        state = before.later()
        if part.step is not None:
            await part.step.run(state)
        incremental: list[Payload] = []
        completed: list[Payload] = []
        pending: list[Payload] = []
        for one in places:
            data = part.projection.project(one.target, state.coerced, state.errors, shared=state.shared, at=one.place)
            own = _below(state.errors.errors, one.place, first=one is places[0], places=places)
            if data is None:
                completed.append({"id": one.id, "errors": own})
                continue
            entry: Payload = {"id": one.id, "data": data}
            if own:
                entry["errors"] = own
            incremental.append(entry)
            completed.append({"id": one.id})
            pending += self.announce(part.nested, data, one.place, state)
        payload: Payload = {"pending": pending} if pending else {}
        if incremental:
            payload["incremental"] = incremental
        return {**payload, "completed": completed}


def _is_object(data: Any, place: Path, above: Path) -> bool:
    """Tell whether the answered data has an object at `place`: nothing is delivered below what is null."""
    if place[: len(above)] != above:
        return False
    value = data
    for key in place[len(above) :]:
        if isinstance(value, dict):
            if key not in value:
                # Selected by an earlier part; this one has a place beside its data.
                return True
            value = value[key]
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return False
    return isinstance(value, dict)


def _below(errors: list[Payload], place: Path, *, first: bool, places: list[_Pending]) -> list[Payload]:
    """Return the errors of one place; those of none go with the first."""
    own = []
    for error in errors:
        path = tuple(error.get("path", ()))
        if path[: len(place)] == place or (first and not any(path[: len(one.place)] == one.place for one in places)):
            own.append(error)
    return own
