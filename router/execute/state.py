"""What one execution knows: the client's variables, the response tree so far, its errors, and how to reach subgraphs."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from router.execute.entity_requests import EntityRequests
from router.execute.errors import ErrorList
from router.execute.failures import SubgraphTimeout
from router.execute.fetch_sharing import FetchSharing
from router.execute.response_tree import Object
from router.execute.transport import SubgraphRequest, SubgraphResponse, SubgraphTransport
from router.execute.tree_walk import TreeWalk

__all__ = ["ExecutionState", "RequestContext", "SubgraphAccess", "caller_key"]

# Header fields that name a request and say nothing about what its answer is.
REQUEST_IDS = frozenset({"x-request-id", "traceparent", "tracestate"})


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What a client's request brings besides its operation."""

    # Sent on to every subgraph.
    headers: Mapping[str, str] = field(default_factory=dict)
    # In terms of `time.monotonic()`; no fetch waits longer.
    deadline: float | None = None


def caller_key(headers: Mapping[str, str]) -> Hashable:
    """Return what answers may depend on besides the request: every header field that subgraphs are sent, but for ids."""
    return tuple(sorted((name, value) for name, value in headers.items() if name not in REQUEST_IDS))


@dataclass(frozen=True, slots=True)
class SubgraphAccess:
    """How subgraphs are reached. Without `sharing`, no execution waits for what another one asked."""

    transport: SubgraphTransport
    urls: Mapping[str, str]
    sharing: FetchSharing | None


class ExecutionState:
    """Mutable state of one execution, seen by all of its steps."""

    __slots__ = (
        "_access",
        "_caller",
        "_request",
        "_sharing",
        "abstract",
        "coerced",
        "ended",
        "entities",
        "errors",
        "shared",
        "tree",
        "variables",
        "walk",
    )

    def __init__(
        self,
        access: SubgraphAccess,
        request: RequestContext,
        variables: Mapping[str, Any],
        coerced: Mapping[str, Any],
        errors: ErrorList,
        abstract: frozenset[str] = frozenset(),
    ) -> None:
        # As the client sent them: what subgraphs get.
        self.variables = variables
        # As the schema understands them: what conditions read.
        self.coerced = coerced
        self.tree: Object = {}
        self.walk = TreeWalk(self.tree)
        # Whether one object may be in several places of the tree.
        self.shared = False
        self.errors = errors
        # Names of interfaces: what interface objects have for a type.
        self.abstract = abstract
        # Whether nothing more is to be begun.
        self.ended = False
        self.entities = EntityRequests()
        self._access = access
        self._request = request
        self._sharing = access.sharing or FetchSharing(access.transport)
        self._caller = caller_key(request.headers)

    def later(self) -> ExecutionState:
        """Return the state of a part that is answered after this one: the same tree, errors of its own."""
        state = ExecutionState(self._access, self._request, self.variables, self.coerced, self.errors.later(), self.abstract)
        state.tree, state.walk, state.shared = self.tree, self.walk, self.shared
        state.entities, state._sharing = self.entities, self._sharing
        return state

    async def send(self, subgraph: str, body: bytes, *, query: bool) -> SubgraphResponse:
        """Send a request to a subgraph; an equal query already on its way is waited for instead.

        Raises:
            SubgraphFailure
        """
        deadline = self._request.deadline
        request = SubgraphRequest(subgraph, self._access.urls[subgraph], body, self._request.headers, query)
        if query:
            return await self._sharing.send(request, self._caller, deadline)
        if deadline is not None:
            seconds = deadline - time.monotonic()
            if seconds <= 0:
                raise SubgraphTimeout("no time is left for the request", early=True)
            request = SubgraphRequest(subgraph, request.url, body, request.headers, False, seconds)
        return await self._access.transport.send(request)

    def forget_entities(self) -> None:
        """Ask anew for what was asked before: a mutation may have changed it."""
        self.entities = EntityRequests()
