"""The meter aggregate."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.codes import checked_code
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec
from subgraphs.plan.domain.values import State, checked_name
from subgraphs.pricing.usage import Aggregation

__all__ = ["Meter", "MeterArchived", "MeterCreated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterCreated(Event):
    code: str
    name: str
    aggregation: Aggregation
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterArchived(Event):
    archived_at: datetime


class Meter(Aggregate):
    """What usage is counted of, and how many events become one quantity. It never changes."""

    kind: ClassVar[str] = "Meter"
    codec: ClassVar[EventCodec] = EventCodec(MeterCreated, MeterArchived)

    created: MeterCreated
    state: State

    @classmethod
    def create(cls, id: str, code: str, name: str, aggregation: Aggregation, context: CommandContext) -> "Meter":
        """Return a new meter.

        Raises:
            InvalidInput: the code or name is malformed.
        """
        meter = cls(id, context.tenant)
        meter.record(
            MeterCreated(code=checked_code(code), name=checked_name(name), aggregation=aggregation, created_at=context.at)
        )
        return meter

    def archive(self, context: CommandContext) -> None:
        """Sell nothing new by it; what is sold by it goes on being counted. Archiving again changes nothing."""
        if self.state is State.ACTIVE:
            self.record(MeterArchived(archived_at=context.at))

    def apply(self, event: Event) -> None:
        match event:
            case MeterCreated():
                self.created, self.state = event, State.ACTIVE
            case MeterArchived():
                self.state = State.ARCHIVED
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a meter")
