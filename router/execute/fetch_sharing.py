"""Identical queries on their way to a subgraph are sent once: all who ask wait for one answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable
from dataclasses import replace
from typing import Final

from router.execute.failures import SubgraphFailure, SubgraphTimeout
from router.execute.transport import SubgraphRequest, SubgraphResponse, SubgraphTransport

__all__ = ["FetchSharing"]


class _Abandoned:
    """Whoever sent the query had to leave before the answer came; it says nothing about the subgraph."""


ABANDONED: Final = _Abandoned()

_Outcome = SubgraphResponse | SubgraphFailure | _Abandoned


class FetchSharing:
    """Queries in flight, by URL, body and caller: two callers share only what both are sent with the same header fields."""

    def __init__(self, transport: SubgraphTransport) -> None:
        self._transport = transport
        self._in_flight: dict[Hashable, asyncio.Future[_Outcome]] = {}

    async def send(self, request: SubgraphRequest, caller: Hashable, deadline: float | None) -> SubgraphResponse:
        """Return the subgraph's answer to a query; `deadline` is in terms of `time.monotonic()`.

        Raises:
            SubgraphFailure
        """
        key = (request.url, request.body, caller)
        while True:
            running = self._in_flight.get(key)
            if running is None:
                return await self._lead(key, _timed(request, deadline))
            outcome = await _wait(running, deadline)
            if isinstance(outcome, SubgraphFailure):
                raise outcome.with_traceback(None)
            if isinstance(outcome, SubgraphResponse):
                return outcome

    async def _lead(self, key: Hashable, request: SubgraphRequest) -> SubgraphResponse:
        future: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()
        self._in_flight[key] = future
        outcome: _Outcome = ABANDONED
        try:
            outcome = response = await self._transport.send(request)
        except SubgraphFailure as failure:
            # Running out of its own time is the sender's own affair.
            if not (isinstance(failure, SubgraphTimeout) and failure.early):
                outcome = failure
            raise
        else:
            return response
        finally:
            del self._in_flight[key]
            future.set_result(outcome)


def _timed(request: SubgraphRequest, deadline: float | None) -> SubgraphRequest:
    return request if deadline is None else replace(request, timeout_seconds=_left(deadline))


async def _wait(running: asyncio.Future[_Outcome], deadline: float | None) -> _Outcome:
    if deadline is None:
        return await asyncio.shield(running)
    try:
        async with asyncio.timeout(_left(deadline)):
            return await asyncio.shield(running)
    except TimeoutError as error:
        raise SubgraphTimeout("no answer in time", early=True) from error


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise SubgraphTimeout("no time is left for the request", early=True)
    return seconds
