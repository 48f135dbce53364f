"""What a subgraph answers to a tenant's own clock: that it is at rest, and what it would do next."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.event import Event, EventCodec

__all__ = ["ClockAnswer", "ClockAnswered", "DueForCustomer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueForCustomer:
    """Something that is due for a customer at an instant."""

    customer_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAnswered(Event):
    """At rest in this round: everything sent by others up to the positions that are `handled`, by name, and everything of its
    own, the last of which is at position `sent`. `due` is everything due before `due_until`, earliest first; nothing at all is
    due when that is None."""

    round: int
    sent: str
    handled: dict[str, str]
    due: tuple[DueForCustomer, ...] = ()
    due_until: datetime | None = None


class ClockAnswer(Aggregate):
    """One per follower, tenant and round, so that none of them grows, and the same round is answered once."""

    kind: ClassVar[str] = "ClockAnswer"
    codec: ClassVar[EventCodec] = EventCodec(ClockAnswered)

    answered: ClockAnswered

    @staticmethod
    def id_of(follower: str, tenant: str, round: int) -> str:
        """Return an id that no other follower's answer has: whoever reads several streams knows commits apart by it."""
        return f"{tenant}:{follower}:{round}"

    @classmethod
    def give(cls, follower: str, answered: ClockAnswered, context: CommandContext) -> "ClockAnswer":
        """Return the answer."""
        answer = cls(cls.id_of(follower, context.tenant, answered.round), context.tenant)
        answer.record(answered)
        return answer

    def apply(self, event: Event) -> None:
        match event:
            case ClockAnswered():
                self.answered = event
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of an answer to a clock")
