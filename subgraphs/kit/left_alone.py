"""What could not be worked on, and is not looked at for a while: it neither fills the log nor holds up the others."""

from collections.abc import Callable, Collection
from time import monotonic

__all__ = ["LeftAlone"]


class LeftAlone:
    """Ids that are left alone `length` seconds each, as `seconds` tells. Each process has its own."""

    def __init__(self, length: float, seconds: Callable[[], float] = monotonic) -> None:
        self._length, self._seconds = length, seconds
        self._until: dict[str, float] = {}

    def add(self, id: str) -> None:
        """Leave it alone from now on."""
        self._until[id] = self._seconds() + self._length

    def ids(self) -> Collection[str]:
        """Return those that are left alone now; what is added later is among them, until this is asked again."""
        now = self._seconds()
        self._until = {id: until for id, until in self._until.items() if until > now}
        return self._until.keys()
