"""A schedule of phases: which terms apply from when, as dates that are counted like billing periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.period import Interval, boundary, period_number
from subgraphs.subscription.domain.values import ProrationBehavior, ScheduledChange, Terms

__all__ = ["LONGEST_SCHEDULE", "MOST_PHASES", "Phase", "ScheduleEnding", "planned"]

MOST_PHASES = 20
MOST_PERIODS = 1_000
LONGEST_SCHEDULE = timedelta(days=20 * 366)


class ScheduleEnding(StrEnum):
    """What happens after the last phase.

    RELEASE  it goes on with the terms of the last phase
    CANCEL   it ends with the last phase
    """

    RELEASE = "RELEASE"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """Terms that apply for a number of billing `periods`, or `until` an instant; neither: without an end.

    `proration` counts where the phase begins within a period.
    """

    terms: Terms
    periods: int | None = None
    until: datetime | None = None
    proration: ProrationBehavior = ProrationBehavior.CREATE


def planned(
    phases: Sequence[Phase], begins: datetime, ending: ScheduleEnding, anchor: datetime, interval: Interval, zone: ZoneInfo
) -> tuple[tuple[ScheduledChange, ...], datetime | None]:
    """Return the change that begins each phase, the first at `begins`, and when the last phase ends; None: it goes on.

    Periods are those counted from `anchor` by `interval`; from a phase with another interval on, those counted from where that
    phase begins. A phase that begins within a period counts the rest of it as its first.

    Raises:
        InvalidInput: there is no phase or too many, a phase ends before it begins or has not the end that it needs, or the
            schedule is too long.
    """
    if not 1 <= len(phases) <= MOST_PHASES:
        raise InvalidInput(f"a schedule has 1 to {MOST_PHASES} phases, not {len(phases)}", field=("phases",))
    changes, at = [], begins
    for number, phase in enumerate(phases):
        is_last, field = number == len(phases) - 1, ("phases", str(number))
        changes.append(ScheduledChange(terms=phase.terms, change_at=at, proration=phase.proration))
        if phase.terms.price.interval != interval:
            anchor, interval = at, phase.terms.price.interval
        end = _end(phase, at, anchor, interval, zone, field)
        if is_last and ending is ScheduleEnding.RELEASE:
            if end is not None:
                raise InvalidInput("the last phase goes on: it has an end only where the schedule ends with CANCEL", field=field)
            return tuple(changes), None
        if end is None:
            why = "the schedule ends with it" if is_last else "another one follows"
            raise InvalidInput(f"say for how many periods the phase lasts, or until when: {why}", field=field)
        if end - begins > LONGEST_SCHEDULE:
            raise InvalidInput(f"a schedule lasts at most {LONGEST_SCHEDULE.days // 366} years", field=field)
        at = end
    return tuple(changes), at


def _end(
    phase: Phase, at: datetime, anchor: datetime, interval: Interval, zone: ZoneInfo, field: tuple[str, ...]
) -> datetime | None:
    if phase.periods is not None and phase.until is not None:
        raise InvalidInput("a phase lasts a number of periods or until a date, not both", field=(*field, "until"))
    if phase.until is not None:
        if phase.until <= at:
            raise InvalidInput(f"the phase begins at {at.isoformat()} and ends later", field=(*field, "until"))
        return phase.until
    if phase.periods is None:
        return None
    if not 1 <= phase.periods <= MOST_PERIODS:
        raise InvalidInput(f"a phase has 1 to {MOST_PERIODS} periods, not {phase.periods}", field=(*field, "periods"))
    try:
        return boundary(anchor, interval, period_number(anchor, interval, at, zone) + phase.periods, zone)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("the phase ends after the year 9999", field=(*field, "periods")) from error
