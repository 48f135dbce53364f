"""Why a subgraph gave no usable answer.

SubgraphFailure
├── SubgraphUnreachable   SUBREQUEST_HTTP_ERROR          no connection, or it broke
├── SubgraphStatus        SUBREQUEST_HTTP_ERROR          an HTTP error status without a GraphQL answer
├── ResponseTooLarge      SUBREQUEST_HTTP_ERROR          the answer exceeds the limit
├── SubgraphTimeout       SUBREQUEST_TIMEOUT             no complete answer in time
└── MalformedResponse     SUBREQUEST_MALFORMED_RESPONSE  not HTTP, not JSON, or not a GraphQL answer
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "MalformedResponse",
    "ResponseTooLarge",
    "SubgraphFailure",
    "SubgraphStatus",
    "SubgraphTimeout",
    "SubgraphUnreachable",
]


class SubgraphFailure(Exception):
    """A request to a subgraph failed as a whole. `reason` is told to the client: it names no host and no secret."""

    code: ClassVar[str] = "SUBREQUEST_HTTP_ERROR"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def extensions(self) -> dict[str, Any]:
        """Return what the client's error carries besides the service's name."""
        return {"code": self.code, "reason": self.reason}


class SubgraphUnreachable(SubgraphFailure):
    """No connection could be opened, or it broke before the answer was complete."""


class SubgraphStatus(SubgraphFailure):
    """The subgraph answered with an HTTP error and no GraphQL answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP status {status}")
        self.status = status

    def extensions(self) -> dict[str, Any]:
        return {**super().extensions(), "http": {"status": self.status}}


class ResponseTooLarge(SubgraphFailure):
    """The answer is larger than a subgraph's may be."""


class SubgraphTimeout(SubgraphFailure):
    """The answer was not complete in time; `early` when the caller had less time than the subgraph may take."""

    code = "SUBREQUEST_TIMEOUT"

    def __init__(self, reason: str, *, early: bool = False) -> None:
        super().__init__(reason)
        self.early = early


class MalformedResponse(SubgraphFailure):
    """The answer is no GraphQL answer."""

    code = "SUBREQUEST_MALFORMED_RESPONSE"
