"""Loads aggregates, saves what they recorded as one commit, and keeps their document up to date."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Generic, Protocol, TypeVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.clock import Clock, SystemClock
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import ConcurrentChange, NotFound
from subgraphs.kit.persistence.commit import Commit, StoredEvent
from subgraphs.kit.persistence.event_store import EventStore, StreamMoved

__all__ = ["AggregateRepository", "Projection"]

A = TypeVar("A", bound=Aggregate)
Projected_contra = TypeVar("Projected_contra", bound=Aggregate, contravariant=True)

# A command that loses the race this often meets sustained contention: telling the caller beats holding the request.
ATTEMPTS = 8


class Projection(Protocol[Projected_contra]):
    """Writes the read document of an aggregate. Runs any number of times, in any order: a lower version never overwrites."""

    async def project(self, aggregate: Projected_contra) -> None: ...

    async def shown(self, aggregate_ids: Collection[str]) -> Mapping[tuple[str, str], int]:
        """Return the version that each of the documents shows, by tenant and aggregate; one that does not exist is left out."""
        ...


class AggregateRepository(Generic[A]):
    """The only way to an aggregate of one kind. Every call names the tenant."""

    def __init__(
        self,
        type_: type[A],
        store: EventStore,
        projection: Projection[A],
        committed: Callable[[], Awaitable[None]],
        clock: Clock | None = None,
    ) -> None:
        self._type = type_
        self._store = store
        self._projection = projection
        self._committed = committed
        self._clock = clock or SystemClock()

    async def find(self, tenant: str, id: str) -> A | None:
        """Return the aggregate, None when the tenant has none with this id."""
        return self._replayed(tenant, id, await self._store.load(tenant, self._type.kind, id))

    async def as_of(self, tenant: str, id: str, at: datetime) -> A | None:
        """Return the aggregate as it was at business time `at`, that instant included; None when it did not exist yet.

        It is what was known then: a change that was made later is not in it, even where it took effect earlier.
        """
        commits = await self._store.load(tenant, self._type.kind, id)
        return self._replayed(tenant, id, list(takewhile(lambda commit: commit.context.at <= at, commits)))

    async def get(self, tenant: str, id: str, *, field: tuple[str, ...] = ("id",)) -> A:
        """Return the aggregate.

        Raises:
            NotFound: the tenant has none with this id; `field` is the input field named in the error.
        """
        aggregate = await self.find(tenant, id)
        if aggregate is None:
            raise NotFound(self._type.kind, id, field=field)
        return aggregate

    async def create(self, aggregate: A, context: CommandContext) -> A:
        """Save a new aggregate; when its id was already created (the same command ran before), return the one that exists."""
        try:
            await self._save(aggregate, context)
        except StreamMoved:
            return await self.get(aggregate.tenant, aggregate.id)
        return aggregate

    async def update(
        self,
        id: str,
        context: CommandContext,
        change: Callable[[A], None],
        *,
        field: tuple[str, ...] = ("id",),
        loaded: A | None = None,
    ) -> A:
        """Load, `change`, save; again from the start when another command came between. Nothing recorded: nothing saved.

        `loaded` saves the first load where the caller has just done it; it is changed, so the caller is done with it.

        Raises:
            NotFound: the tenant has none with this id; `field` is the input field named in the error.
            ConcurrentChange: every attempt lost to another command.
        """
        for _ in range(ATTEMPTS):
            aggregate = loaded or await self.get(context.tenant, id, field=field)
            loaded = None
            change(aggregate)
            try:
                await self._save(aggregate, context)
            except StreamMoved:
                continue
            return aggregate
        raise ConcurrentChange(f"{self._type.kind} {id!r} is being changed by other requests; try again")

    async def catch_up(self, *commits: Commit) -> None:
        """Bring the read documents to `commits`, if a crash kept them behind."""
        wanted: dict[tuple[str, str], int] = {}
        for commit in commits:
            key = commit.tenant, commit.aggregate_id
            wanted[key] = max(commit.version, wanted.get(key, 0))
        shown = await self._projection.shown({id for _, id in wanted})
        for (tenant, id), version in wanted.items():
            if shown.get((tenant, id), 0) < version and (aggregate := await self.find(tenant, id)) is not None:
                await self._projection.project(aggregate)

    def _replayed(self, tenant: str, id: str, commits: Sequence[Commit]) -> A | None:
        if not commits:
            return None
        decode = self._type.codec.decode
        return self._type.replay(
            id, tenant, ((commit.recorded_at, [decode(event.type, event.data) for event in commit.events]) for commit in commits)
        )

    async def _save(self, aggregate: A, context: CommandContext) -> None:
        if not aggregate.unsaved:
            return
        now = self._clock.now()
        commit = Commit(
            tenant=aggregate.tenant,
            kind=self._type.kind,
            aggregate_id=aggregate.id,
            version=aggregate.version + 1,
            events=tuple(StoredEvent(*self._type.codec.encode(event)) for event in aggregate.unsaved),
            context=context,
            recorded_at=max(now, aggregate.recorded_at + timedelta(milliseconds=1)) if aggregate.recorded_at else now,
        )
        await self._store.append(commit)
        aggregate.saved(commit.recorded_at)
        await self._projection.project(aggregate)
        await self._committed()
