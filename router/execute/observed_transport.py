"""Tells how each request to a subgraph went."""

from __future__ import annotations

import time
from collections.abc import Callable

from router.execute.failures import SubgraphFailure
from router.execute.transport import SubgraphRequest, SubgraphResponse, SubgraphTransport

__all__ = ["ObservedTransport"]


class ObservedTransport:
    """Calls `observe(subgraph, outcome, seconds)` after each request.

    The outcome is `ok`, `http_error` for a status that is not 2xx, the failure's code in lower case, or `cancelled`.
    """

    def __init__(self, transport: SubgraphTransport, observe: Callable[[str, str, float], None]) -> None:
        self._transport = transport
        self._observe = observe

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """See `SubgraphTransport`."""
        started = time.perf_counter()
        outcome = "cancelled"
        try:
            response = await self._transport.send(request)
            outcome = "ok" if 200 <= response.status < 300 else "http_error"
        except SubgraphFailure as failure:
            outcome = failure.code.lower()
            raise
        else:
            return response
        finally:
            self._observe(request.subgraph, outcome, time.perf_counter() - started)
