"""A tenant's own clock goes forwards only."""

from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.subscription.domain.tenant_clock import (
    CustomerHeld,
    TenantClock,
    TenantClockAdvanceBegun,
    TenantClockArrived,
    TenantClockAsked,
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
    held = (CustomerHeld(customer_id="cus_1", goes="invoice"),)
    for after, days in ((0, 10), (0, 11), (1, 5), (2, 20), (3, 99)):
        clock.ask(after, NOON + timedelta(days=days), LATER if days == 20 else None, held if days == 20 else ())
    clock.arrive()
    clock.arrive()
    assert clock.unsaved == (
        TenantClockFrozen(now=NOON),
        TenantClockAdvanceBegun(target=LATER),
        TenantClockAsked(round=1, now=NOON + timedelta(days=10)),
        TenantClockAsked(round=2, now=NOON + timedelta(days=10)),  # it does not go back
        TenantClockAsked(round=3, now=NOON + timedelta(days=20), until=LATER, held=held),
        TenantClockAsked(round=4, now=LATER),
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


def test_it_knows_which_commit_asked_and_that_nobody_was_asked_since_it_was_told_to_advance() -> None:
    asked = TenantClockAsked(round=1, now=NOON)
    commits = [[TenantClockFrozen(now=NOON), TenantClockAdvanceBegun(target=LATER)], [asked]]
    clock = TenantClock.replay("acme", "acme", [(NOON, events) for events in commits])
    assert (clock.round, clock.asked_version) == (1, 2)
    clock.arrive()
    clock.advance(LATER + timedelta(days=1))
    assert (clock.round, clock.asked_version) == (1, None)


def test_how_far_clocks_got_before_they_asked_anybody_is_still_known() -> None:
    moved = [TenantClockFrozen(now=NOON), TenantClockAdvanceBegun(target=LATER), TenantClockMoved(now=NOON + timedelta(days=3))]
    clock = TenantClock.replay("acme", "acme", [(NOON, moved)])
    assert (clock.now, clock.target, clock.round, clock.asked_version) == (NOON + timedelta(days=3), LATER, 0, None)


def test_a_clock_that_stands_is_not_moved() -> None:
    clock = frozen()
    clock.ask(0, LATER, None, ())
    clock.arrive()
    assert clock.unsaved == (TenantClockFrozen(now=NOON),)
