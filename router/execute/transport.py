"""How requests reach subgraphs: what the executor needs of a transport, and the transport over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

__all__ = ["SubgraphRequest", "SubgraphResponse", "SubgraphTransport"]


@dataclass(frozen=True, slots=True)
class SubgraphRequest:
    """A GraphQL request: a POST of a JSON body."""

    subgraph: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    # Safe to send again when a kept-alive connection turns out to be closed: true of queries only.
    repeatable: bool = True
    # Seconds the answer may take, where the caller has less time than the transport gives.
    timeout_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class SubgraphResponse:
    """The HTTP answer, its content decoded."""

    status: int
    body: bytes
    content_type: str = "application/json"


class SubgraphTransport(Protocol):
    """Sends requests to subgraphs; cancelling `send` abandons the request."""

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        """Return the subgraph's answer.

        Raises:
            SubgraphFailure: there is no complete answer.
        """
        ...
