"""What one execution knows: the client's variables, the response tree so far, its errors, and how to reach subgraphs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from router.execute.errors import ErrorList
from router.execute.failures import SubgraphFailure, SubgraphTimeout
from router.execute.response_tree import Object
from router.execute.transport import SubgraphRequest, SubgraphResponse, SubgraphTransport

__all__ = ["ExecutionState", "RequestContext"]


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What a client's request brings besides its operation."""

    # Sent on to every subgraph.
    headers: Mapping[str, str] = field(default_factory=dict)
    # In terms of `time.monotonic()`; no fetch waits longer.
    deadline: float | None = None
    include_query_plan: bool = False


class ExecutionState:
    """Mutable state of one execution, seen by all of its steps."""

    __slots__ = ("_in_flight", "_request", "_transport", "coerced", "errors", "shared", "tree", "urls", "variables")

    def __init__(
        self,
        transport: SubgraphTransport,
        urls: Mapping[str, str],
        request: RequestContext,
        variables: Mapping[str, Any],
        coerced: Mapping[str, Any],
        errors: ErrorList,
    ) -> None:
        self.urls = urls
        # As the client sent them: what subgraphs get.
        self.variables = variables
        # As the schema understands them: what conditions read.
        self.coerced = coerced
        self.tree: Object = {}
        # Whether one object may be in several places of the tree.
        self.shared = False
        self.errors = errors
        self._transport = transport
        self._request = request
        self._in_flight: dict[tuple[str, bytes], asyncio.Future[SubgraphResponse]] = {}

    def later(self) -> ExecutionState:
        """Return the state of a part that is answered after this one: the same tree, errors of its own."""
        state = ExecutionState(self._transport, self.urls, self._request, self.variables, self.coerced, self.errors.later())
        state.tree, state.shared, state._in_flight = self.tree, self.shared, self._in_flight
        return state

    async def send(self, subgraph: str, body: bytes, *, query: bool) -> SubgraphResponse:
        """Send a request to a subgraph; an equal query already on its way is waited for instead.

        Raises:
            SubgraphFailure
        """
        timeout = None
        if self._request.deadline is not None:
            timeout = self._request.deadline - time.monotonic()
            if timeout <= 0:
                raise SubgraphTimeout("no time is left for the request")
        request = SubgraphRequest(subgraph, self.urls[subgraph], body, self._request.headers, query, timeout)
        if not query:
            return await self._transport.send(request)
        key = (subgraph, body)
        running = self._in_flight.get(key)
        if running is not None:
            # Whoever sends may be cancelled; that cancels all steps of the execution, this one too.
            return await asyncio.shield(running)
        answer: asyncio.Future[SubgraphResponse] = asyncio.get_running_loop().create_future()
        self._in_flight[key] = answer
        try:
            response = await self._transport.send(request)
        except SubgraphFailure as failure:
            answer.set_exception(failure)
            # Retrieved here: nobody else may be waiting.
            answer.exception()
            raise
        except BaseException:
            answer.cancel()
            raise
        else:
            answer.set_result(response)
            return response
        finally:
            del self._in_flight[key]
