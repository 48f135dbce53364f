"""Token buckets, one per client: a bounded number of them, kept in this process."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from router.errors import RateLimited

__all__ = ["RateLimiter"]


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimiter:
    """Allows `rate` requests per second with bursts of `burst`; a rate of 0 allows everything.

    When more than `entries` clients are known, the one not seen for longest is forgotten: it has the fullest bucket.
    """

    def __init__(self, *, rate: float, burst: int, entries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._entries = entries
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def spend(self, client: str, cost: float = 1.0) -> None:
        """Take `cost` tokens out of the client's bucket.

        Raises:
            RateLimited: they are not there; it tells after how many seconds they are.
        """
        if self._rate <= 0:
            return
        now = self._clock()
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = self._buckets[client] = _Bucket(self._burst, now)
            if len(self._buckets) > self._entries:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(client)
            bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._rate)
            bucket.at = now
        # A batch larger than the whole bucket is allowed when the bucket is full.
        cost = min(cost, self._burst)
        if bucket.tokens < cost:
            raise RateLimited(math.ceil((cost - bucket.tokens) / self._rate))
        bucket.tokens -= cost
