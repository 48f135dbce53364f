"""Sends queries again that a subgraph could not answer for the moment; mutations never."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

from router.execute.failures import SubgraphTimeout, SubgraphUnreachable
from router.execute.transport import SubgraphRequest, SubgraphResponse, SubgraphTransport

__all__ = ["RetryingTransport"]

# Bad gateway, service unavailable, gateway timeout: something on the way, or a subgraph that restarts (RFC 9110, 15.6).
MOMENTARY = frozenset({502, 503, 504})
FIRST_DELAY_SECONDS = 0.05


class RetryingTransport:
    """Tries a query up to `retries` times more, with doubling delays that differ by chance, within the request's own time.

    A timeout is not tried again: a subgraph that is slow would have twice the work.
    """

    def __init__(self, transport: SubgraphTransport, *, retries: int) -> None:
        self._transport = transport
        self._retries = retries

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """See `SubgraphTransport`."""
        if not request.repeatable or not self._retries:
            return await self._transport.send(request)
        clock = asyncio.get_running_loop().time
        ends = None if request.timeout_seconds is None else clock() + request.timeout_seconds
        for retry in range(self._retries):
            try:
                response = await self._transport.send(request)
            except SubgraphUnreachable:
                pass
            else:
                if response.status not in MOMENTARY:
                    return response
            await asyncio.sleep(FIRST_DELAY_SECONDS * 2**retry * random.uniform(0.5, 1.5))
            if ends is not None:
                if (left := ends - clock()) <= 0:
                    raise SubgraphTimeout("no answer in time", early=True)
                request = replace(request, timeout_seconds=left)
        return await self._transport.send(request)
