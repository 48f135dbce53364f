"""Slows down who keeps failing to authenticate."""

import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["FailureLimit"]

BURST = 20
REFILL_PER_SECOND = 1.0
ADDRESSES = 10_000


class FailureLimit:
    """A token bucket of failures per address, in this process; successes cost nothing.

    Secrets cannot be guessed at any speed: this spares the database and the log. It goes by address, not by client id, so that
    nobody can lock a client out by failing in its name.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, address: str) -> int:
        """Return how long the address must wait before its next attempt, 0 when it may try now."""
        left = self._left(address)
        return 0 if left >= 1 else max(1, round((1 - left) / REFILL_PER_SECOND))

    def failed(self, address: str) -> None:
        """Count a failure."""
        self._buckets[address] = (self._left(address) - 1, self._monotonic())
        self._buckets.move_to_end(address)
        if len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)

    def _left(self, address: str) -> float:
        left, since = self._buckets.get(address, (float(BURST), self._monotonic()))
        return min(float(BURST), left + (self._monotonic() - since) * REFILL_PER_SECOND)
