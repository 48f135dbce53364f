"""Token buckets."""

from __future__ import annotations

import pytest

from router.errors import RateLimited
from router.http.rate_limit import RateLimiter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_burst_then_rate() -> None:
    clock = Clock()
    limiter = RateLimiter(rate=2, burst=3, entries=10, clock=clock)
    for _ in range(3):
        limiter.spend("a")
    with pytest.raises(RateLimited) as refusal:
        limiter.spend("a")
    # the next token is there after half a second; Retry-After counts whole ones
    assert refusal.value.headers == {"retry-after": "1"}
    assert refusal.value.formatted() == [
        {"message": "Rate limit exceeded.", "extensions": {"code": "RATE_LIMITED", "retryAfter": 1}}
    ]
    clock.now += 0.5
    limiter.spend("a")
    with pytest.raises(RateLimited):
        limiter.spend("a")


def test_clients_do_not_share_a_bucket() -> None:
    limiter = RateLimiter(rate=1, burst=1, entries=10, clock=Clock())
    limiter.spend("a")
    limiter.spend("b")
    with pytest.raises(RateLimited):
        limiter.spend("a")


def test_batch_larger_than_the_bucket_needs_a_full_one() -> None:
    clock = Clock()
    limiter = RateLimiter(rate=1, burst=3, entries=10, clock=clock)
    limiter.spend("a", 10)
    with pytest.raises(RateLimited) as refusal:
        limiter.spend("a", 10)
    assert refusal.value.retry_after_seconds == 3


def test_buckets_are_bounded() -> None:
    limiter = RateLimiter(rate=1, burst=1, entries=2, clock=Clock())
    for client in "abc":
        limiter.spend(client)
    limiter.spend("a")  # forgotten, so full again
    with pytest.raises(RateLimited):
        limiter.spend("c")


def test_rate_zero_is_no_limit() -> None:
    limiter = RateLimiter(rate=0, burst=1, entries=1, clock=Clock())
    for _ in range(100):
        limiter.spend("a")
