"""Who keeps failing waits; nobody else does."""

from subgraphs.auth.oauth.failure_limit import ADDRESSES, BURST, FailureLimit


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_of_failures_is_allowed_then_one_a_second() -> None:
    time = Time()
    limit = FailureLimit(time)
    for _ in range(BURST):
        assert limit.wait_seconds("192.0.2.1") == 0
        limit.failed("192.0.2.1")
    assert limit.wait_seconds("192.0.2.1") == 1
    time.now += 1
    assert limit.wait_seconds("192.0.2.1") == 0
    limit.failed("192.0.2.1")
    assert limit.wait_seconds("192.0.2.1") == 1


def test_another_address_does_not_wait() -> None:
    limit = FailureLimit(Time())
    for _ in range(BURST + 5):
        limit.failed("192.0.2.1")
    assert limit.wait_seconds("192.0.2.2") == 0


def test_a_quiet_time_restores_the_burst_and_no_more() -> None:
    time = Time()
    limit = FailureLimit(time)
    for _ in range(BURST):
        limit.failed("192.0.2.1")
    time.now += 1000
    for _ in range(BURST):
        assert limit.wait_seconds("192.0.2.1") == 0
        limit.failed("192.0.2.1")
    assert limit.wait_seconds("192.0.2.1") == 1


def test_addresses_are_remembered_within_bounds() -> None:
    limit = FailureLimit(Time())
    for number in range(ADDRESSES + 10):
        limit.failed(str(number))
    assert len(limit._buckets) == ADDRESSES
