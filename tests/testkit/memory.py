"""Repositories over the in-memory event store, for tests of commands and sagas."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.clock import FixedClock
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event
from subgraphs.kit.persistence.event_store import InMemoryEventStore
from subgraphs.kit.persistence.repository import AggregateRepository

__all__ = ["AT", "InMemoryProjection", "context", "events_of", "repository"]

A = TypeVar("A", bound=Aggregate)

AT = datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC)


class InMemoryProjection:
    """Remembers the version it was last shown of each aggregate."""

    def __init__(self) -> None:
        self.versions: dict[tuple[str, str], int] = {}

    async def project(self, aggregate: Aggregate) -> None:
        self.versions[aggregate.tenant, aggregate.id] = aggregate.version

    async def shown(self, aggregate_ids: Collection[str]) -> Mapping[tuple[str, str], int]:
        return {key: version for key, version in self.versions.items() if key[1] in aggregate_ids}


def repository(type_: type[A], store: InMemoryEventStore | None = None) -> AggregateRepository[A]:
    """Return a repository of `type_` that keeps everything in memory."""

    async def committed() -> None: ...

    return AggregateRepository(type_, store or InMemoryEventStore(), InMemoryProjection(), committed, FixedClock(AT))


def context(tenant: str = "acme", at: datetime = AT, actor: str = "client_1") -> CommandContext:
    """Return the circumstances of a command in a test."""
    return CommandContext(tenant=tenant, actor=actor, request_id="req_1", at=at)


async def events_of(store: InMemoryEventStore, type_: type[A], id: str, tenant: str = "acme") -> Sequence[Event]:
    """Return the events stored for one aggregate, decoded, oldest first."""
    return [
        type_.codec.decode(event.type, event.data)
        for commit in await store.load(tenant, type_.kind, id)
        for event in commit.events
    ]
