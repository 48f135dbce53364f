"""Where the present comes from. The domain never asks: commands pass `at` in."""

from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Clock", "FixedClock", "SystemClock", "to_milliseconds"]


class Clock(Protocol):
    """Tells the present as an aware UTC datetime in whole milliseconds."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return to_milliseconds(datetime.now(UTC))


class FixedClock:
    """A clock that stands still until it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = to_milliseconds(at)

    def now(self) -> datetime:
        return self.at


def to_milliseconds(at: datetime) -> datetime:
    """Truncate to what the stores keep, so that a value read back equals the value written."""
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)
