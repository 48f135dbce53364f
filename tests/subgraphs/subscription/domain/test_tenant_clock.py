"""A tenant's own clock goes forwards only."""

from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.subscription.domain.tenant_clock import (
    TenantClock,
    TenantClockAdvanceBegun,
    TenantClockArrived,
    TenantClockFrozen,
    TenantClockMoved,
)
from tests.testkit.memory import context

NOON = datetime(2027, 1, 31, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=90)


def frozen() -> TenantClock:
    return TenantClock.freeze(NOON, context())


def test_a_clock_is_frozen_advanced_and_arrives() -> None:
    clock = frozen()
    clock.advance(LATER)
    clock.advance(LATER)
    for days in (10, 5, 10, 20):
        clock.move(NOON + timedelta(days=days))
    clock.arrive()
    clock.arrive()
    assert clock.unsaved == (
        TenantClockFrozen(now=NOON),
        TenantClockAdvanceBegun(target=LATER),
        TenantClockMoved(now=NOON + timedelta(days=10)),
        TenantClockMoved(now=NOON + timedelta(days=20)),
        TenantClockArrived(now=LATER),
    )
    assert (clock.id, clock.now, clock.target) == ("acme", LATER, None)
    clock.advance(LATER)
    assert clock.target is None


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (NOON - timedelta(milliseconds=1), "does not go back"),
        (NOON + timedelta(days=732), "at most 731 days"),
    ],
)
def test_a_target_out_of_range_is_refused(target: datetime, message: str) -> None:
    clock = frozen()
    with pytest.raises(InvalidInput, match=message) as refused:
        clock.advance(target)
    assert refused.value.field == ("to",)


@pytest.mark.parametrize("now", [datetime(1999, 12, 31, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)])
def test_a_clock_stands_in_a_time_that_calendars_know(now: datetime) -> None:
    with pytest.raises(InvalidInput) as refused:
        TenantClock.freeze(now, context())
    assert refused.value.field == ("now",)


def test_a_clock_on_its_way_has_one_target() -> None:
    clock = frozen()
    clock.advance(LATER)
    with pytest.raises(InvalidState, match="on its way"):
        clock.advance(LATER + timedelta(days=1))


def test_a_clock_that_stands_is_not_moved() -> None:
    clock = frozen()
    clock.move(LATER)
    clock.arrive()
    assert clock.unsaved == (TenantClockFrozen(now=NOON),)
