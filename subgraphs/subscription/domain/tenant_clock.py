"""The aggregate of a tenant's own clock: frozen, and moved forwards on command, so that months can be tested in seconds."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from subgraphs.kit.domain.aggregate import Aggregate
from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.event import Event, EventCodec

__all__ = [
    "CustomerHeld",
    "TenantClock",
    "TenantClockAdvanceBegun",
    "TenantClockArrived",
    "TenantClockAsked",
    "TenantClockFrozen",
    "TenantClockMoved",
]

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
LONGEST_ADVANCE = timedelta(days=731)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantClockFrozen(Event):
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantClockAdvanceBegun(Event):
    target: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantClockMoved(Event):
    """Everything due before `now` has happened."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerHeld:
    """A customer for whom only `goes` does what is due: it is due before what the others have for the customer."""

    customer_id: str
    goes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantClockAsked(Event):
    """Everything due before `now` has happened. Everybody is asked to do what is due before `until`, None: nothing, and then to
    tell when they are at rest."""

    round: int
    now: datetime
    until: datetime | None = None
    held: tuple[CustomerHeld, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantClockArrived(Event):
    """Everything due up to the target, which is `now`, has happened."""

    now: datetime


class TenantClock(Aggregate):
    """One per tenant, with the tenant's id. It never goes back and is never given up: a tenant with a clock is one for tests."""

    kind: ClassVar[str] = "TenantClock"
    codec: ClassVar[EventCodec] = EventCodec(
        TenantClockFrozen, TenantClockAdvanceBegun, TenantClockMoved, TenantClockAsked, TenantClockArrived
    )

    now: datetime
    target: datetime | None
    round: int = 0
    """What was asked last, counted from 1."""
    asked_version: int | None = None
    """The commit that asked, None where nobody was asked since it was told to advance."""

    @classmethod
    def freeze(cls, now: datetime, context: CommandContext) -> "TenantClock":
        """Return a clock that stands at `now`.

        Raises:
            InvalidInput: `now` is not between the years 2000 and 2100.
        """
        if not EARLIEST <= now < LATEST:
            raise InvalidInput("a test clock stands between the years 2000 and 2100", field=("now",))
        clock = cls(context.tenant, context.tenant)
        clock.record(TenantClockFrozen(now=now))
        return clock

    def advance(self, target: datetime) -> None:
        """Begin to move towards `target`; nothing happens when it is there or on its way there.

        Raises:
            InvalidInput: the target lies back, or more than two years ahead.
            InvalidState: it is on its way to another target.
        """
        if target in (self.target, self.now if self.target is None else None):
            return
        if self.target is not None:
            raise InvalidState(f"the clock is on its way to {self.target.isoformat()}; wait until it is there")
        if target < self.now:
            raise InvalidInput("a test clock does not go back", field=("to",))
        if target - self.now > LONGEST_ADVANCE or target >= LATEST:
            raise InvalidInput(f"a test clock advances at most {LONGEST_ADVANCE.days} days at once", field=("to",))
        self.record(TenantClockAdvanceBegun(target=target))

    def ask(self, after: int, now: datetime, until: datetime | None, held: tuple[CustomerHeld, ...]) -> None:
        """Ask the next round, `now` being how far it got; nothing happens when another one than `after` was asked last, or when
        it is not on its way."""
        if self.target is not None and self.round == after:
            now = min(max(now, self.now), self.target)
            self.record(TenantClockAsked(round=after + 1, now=now, until=until, held=held))

    def arrive(self) -> None:
        """Note that it is at its target; nothing happens when it is not on its way."""
        if self.target is not None:
            self.record(TenantClockArrived(now=self.target))

    def apply(self, event: Event) -> None:
        match event:
            case TenantClockFrozen():
                self.now, self.target = event.now, None
            case TenantClockAdvanceBegun():
                self.target, self.asked_version = event.target, None
            case TenantClockAsked():
                self.now, self.round, self.asked_version = event.now, event.round, self.version + 1
            case TenantClockMoved():
                self.now = event.now
            case TenantClockArrived():
                self.now, self.target = event.now, None
            case _:
                raise TypeError(f"{type(event).__name__} is not an event of a tenant's clock")
