"""What one usage event may be."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.pricing.usage import Aggregation, UsageEvent

__all__ = ["LATE_DAYS", "KeptEvent", "MeteredEvent", "Told", "checked_event"]

ID_LENGTH = 255
KEY_LENGTH = 255
DECIMALS = 12
LARGEST_VALUE = Decimal(10) ** 15
# How long after the fact an event is still accepted, and billed: with the next invoice when its period was billed already.
LATE_DAYS = 35
# How far the clocks of those who tell of usage may be ahead.
AHEAD = timedelta(minutes=5)
_SIGNED = (Aggregation.SUM, Aggregation.WEIGHTED_SUM)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredEvent:
    """Something that a plan subscription used, as counted by a meter. `at_told`: its instant was, and is not when it came."""

    plan_subscription_id: str
    meter_id: str
    event: UsageEvent
    at_told: bool = True

    def is_one_with(self, other: "MeteredEvent") -> bool:
        """Whether the other is this one told again: without its instant, whenever that was."""
        at = self.event.at if self.at_told or other.at_told else other.event.at
        return replace(self, event=replace(self.event, at=at), at_told=other.at_told) == other


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who told of something, when by the tenant's clock, in which request and why."""

    at: datetime
    actor: str
    request_id: str
    reason: str | None

    @classmethod
    def of(cls, context: CommandContext) -> "Told":
        return cls(at=context.at, actor=context.actor, request_id=context.request_id, reason=context.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvent:
    """A usage event as it is kept, withdrawn or not. What was told of it is None where that was before it was kept."""

    metered: MeteredEvent
    recorded: Told | None
    withdrawn: bool
    withdrawal: Told | None

    @property
    def id(self) -> str:
        return self.metered.event.id

    @property
    def at(self) -> datetime:
        return self.metered.event.at


def checked_event(event: UsageEvent, aggregation: Aggregation, started_at: datetime, now: datetime) -> UsageEvent:
    """Return the event with its instant to the millisecond.

    Raises:
        InvalidInput: its id, value, key or time is out of range.
    """
    if not 1 <= len(event.id) <= ID_LENGTH or "/" in event.id:
        raise InvalidInput(f"an event's id has 1 to {ID_LENGTH} characters, without a slash", field=("id",))
    exponent = event.value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -DECIMALS or abs(event.value) > LARGEST_VALUE:
        raise InvalidInput(f"a value is a number up to {LARGEST_VALUE:f} with at most {DECIMALS} decimals", field=("value",))
    if event.value < 0 and aggregation not in _SIGNED:
        raise InvalidInput(f"a value below zero means nothing to a {aggregation.value} meter", field=("value",))
    if aggregation is Aggregation.UNIQUE_COUNT and event.key is None:
        raise InvalidInput("a UNIQUE_COUNT meter counts keys: give one", field=("key",))
    if event.key is not None and not 1 <= len(event.key) <= KEY_LENGTH:
        raise InvalidInput(f"a key has 1 to {KEY_LENGTH} characters", field=("key",))
    if event.at > now + AHEAD:
        raise InvalidInput(f"{event.at.isoformat()} lies ahead", field=("at",))
    if event.at < now - timedelta(days=LATE_DAYS):
        raise InvalidInput(f"{event.at.isoformat()} is more than {LATE_DAYS} days ago and not billed any more", field=("at",))
    if event.at < started_at:
        raise InvalidInput(f"the plan subscription began at {started_at.isoformat()}, after that", field=("at",))
    at = event.at.replace(microsecond=event.at.microsecond // 1000 * 1000)
    return UsageEvent(id=event.id, at=at, value=event.value, key=event.key)
