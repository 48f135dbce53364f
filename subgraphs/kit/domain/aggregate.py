"""The consistency boundary: state that changes only by applying events."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar, Self

from subgraphs.kit.domain.event import Event, EventCodec

__all__ = ["Aggregate"]


class Aggregate:
    """Base of every aggregate.

    A command method checks its rules and calls `record`, which applies the event and keeps it until it is saved.
    `version` counts saved commits: 0 is an aggregate that does not exist yet.
    """

    kind: ClassVar[str]
    codec: ClassVar[EventCodec]

    def __init__(self, id: str, tenant: str) -> None:
        self.id = id
        self.tenant = tenant
        self.version = 0
        self.recorded_at: datetime | None = None
        self._unsaved: list[Event] = []

    @classmethod
    def replay(cls, id: str, tenant: str, commits: Iterable[tuple[datetime, Sequence[Event]]]) -> Self:
        """Return the aggregate after `commits`, oldest first, each with the time it was recorded at."""
        aggregate = cls(id, tenant)
        for recorded_at, events in commits:
            for event in events:
                aggregate.apply(event)
            aggregate.version += 1
            aggregate.recorded_at = recorded_at
        return aggregate

    @property
    def unsaved(self) -> tuple[Event, ...]:
        """Events recorded since the aggregate was loaded."""
        return tuple(self._unsaved)

    def record(self, event: Event) -> None:
        """Apply `event` and keep it to be saved."""
        self.apply(event)
        self._unsaved.append(event)

    def saved(self, recorded_at: datetime) -> None:
        """Note that the recorded events are now one commit."""
        self._unsaved.clear()
        self.version += 1
        self.recorded_at = recorded_at

    def apply(self, event: Event) -> None:
        """Change state by what happened. Never refuses: the event has happened."""
        raise NotImplementedError
