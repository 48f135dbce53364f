"""What the streaming protocols need of the router: a caller to connect, and operations to start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from router.auth.scopes import Identity
from router.subscriptions.registry import Subscriber
from router.telemetry.trace import Trace

__all__ = ["Caller", "Operations"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends operations, and what of the request is handed on to the subgraphs."""

    identity: Identity
    # Lower-case names; what the propagation rules let through.
    headers: Mapping[str, str]
    trace: Trace
    # The client's address, for limits on anonymous callers.
    address: str
    query_plan: bool = False


class Operations(Protocol):
    """The part of the request pipeline that a connection-bound protocol talks to."""

    async def connect(self, scope: Mapping[str, Any], authorization: str | None) -> Caller:
        """Return who opens a connection; `authorization` comes from the connection_init payload.

        Raises:
            RouterError: the token is refused, or the rate limit is reached.
        """
        ...

    async def start(self, payload: Any, caller: Caller) -> bytes | Subscriber:
        """Start the operation in a GraphQL request object: its answer, or the subscriber of its events.

        Raises:
            RouterError: it is refused.
        """
        ...
