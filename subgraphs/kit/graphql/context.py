"""What a resolver knows of its request: who asks, the subgraph's services, and this request's data loaders."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from aiodataloader import DataLoader

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.graphql.errors import unauthorized
from subgraphs.kit.identity import Principal

__all__ = ["RequestContext", "Writing", "stated_reason", "writing"]

Services = TypeVar("Services")
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

# Keys per call of a loader's function; more are split over several calls.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Writing:
    """A write that may be repeated: its name, and the business time of its first attempt."""

    at: datetime
    name: str


writing: ContextVar[Writing | None] = ContextVar("writing", default=None)
"""The keyed write that this task executes."""

stated_reason: ContextVar[str | None] = ContextVar("stated_reason", default=None)
"""Why, as the input of the write that this task executes says."""


@dataclass(slots=True)
class RequestContext(Generic[Services]):
    """One request. `principal` is None for an anonymous one; what needs one says so with `tenant`."""

    deps: Services
    principal: Principal | None
    request_id: str
    trace_id: str | None = None
    bearer: str | None = None
    connection_params: dict[str, Any] | None = None
    _loaders: dict[Hashable, DataLoader[Any, Any]] = field(default_factory=dict)

    @property
    def tenant(self) -> str:
        """The tenant of the token, and the only one this request can reach.

        Raises:
            GraphQLError: the request has no token.
        """
        if self.principal is None:
            raise unauthorized()
        return self.principal.tenant

    async def now(self) -> datetime:
        """Return what time it is for the tenant."""
        now: datetime = await self.deps.stores.clocks.now(self.tenant)  # type: ignore[attr-defined]
        return now

    async def command(self) -> CommandContext:
        """Return the circumstances of a command given by this request; a repeated write keeps the time of its first attempt."""
        tenant = self.tenant
        actor = self.principal.client_id if self.principal else ""
        current = writing.get()
        return CommandContext(
            tenant=tenant,
            actor=actor,
            request_id=self.request_id,
            at=current.at if current else await self.now(),
            reason=stated_reason.get(),
            write=current.name if current else None,
        )

    def loader(self, name: Hashable, load: Callable[[list[Key]], Awaitable[Sequence[Value]]]) -> "DataLoader[Key, Value]":
        """Return this request's loader of that name; the first call decides its function.

        `load` gets distinct keys and returns as many values in their order.
        """
        found = self._loaders.get(name)
        if found is None:

            async def batch(keys: list[Key]) -> list[Value]:
                return list(await load(keys))

            found = self._loaders[name] = DataLoader(batch, max_batch_size=BATCH)
        return cast("DataLoader[Key, Value]", found)
