"""What a tenant's own clock lets happen next: pure.

Nothing that concerns a customer happens before everything earlier that concerns the same customer, with all that follows from it.
Of different customers, what is due on one day may happen at the same time, so that a clock need not wait once per instant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from subgraphs.kit.domain.period import end_of_day
from subgraphs.subscription.domain.tenant_clock import CustomerHeld

__all__ = ["ClockPlan", "DueElsewhere", "SubscriptionStep", "plan_next"]

# Nothing that follows from a step is due sooner than this: a first invoice that is not paid expires after 23 hours, and a failed
# charge is tried again after a day. A consolidated draft is finalised sooner, but waits for nobody else's customers.
SHORTEST_REACTION = timedelta(hours=23)
INSTANT = timedelta(milliseconds=1)
SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True, order=True)
class SubscriptionStep:
    """A plan subscription that time changes at `at`."""

    at: datetime
    id: str
    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueElsewhere:
    """What somebody else has to do: per customer and instant. Nothing more is due before `until`; None: nothing is, ever."""

    due: Sequence[tuple[str, datetime]] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPlan:
    """Everything due before `now` has happened. Take `steps`, in their order, then let the others do what is due before `until`,
    except for customers that are held."""

    now: datetime
    until: datetime
    steps: tuple[SubscriptionStep, ...]
    held: tuple[CustomerHeld, ...]


def plan_next(
    steps: Sequence[SubscriptionStep],
    steps_until: datetime | None,
    elsewhere: Mapping[str, DueElsewhere],
    target: datetime,
) -> ClockPlan | None:
    """Return what happens next, None when nothing is due up to and including `target`.

    `steps` are all steps before `steps_until`, None: all there are. Of what is due for one customer at the same instant,
    `elsewhere` comes first, in its order, so that what a campaign ends is not renewed.
    """
    dues = [at for other in elsewhere.values() for _, at in other.due]
    first = min([*dues, *(step.at for step in steps)], default=None)
    if first is None or first > target:
        return None
    ends = [end_of_day(first), first + SHORTEST_REACTION, target + INSTANT, steps_until]
    until = min(end for end in (*ends, *(other.until for other in elsewhere.values())) if end is not None)
    until = max(until, first + INSTANT)

    earliest: dict[str, tuple[datetime, int, str]] = {}
    goes: dict[str, set[str]] = {}
    for rank, (name, other) in enumerate(elsewhere.items()):
        for customer_id, at in other.due:
            if at < until:
                _note(earliest, goes, customer_id, (at, rank, name))
    for step in steps:
        if step.at < until:
            _note(earliest, goes, step.customer_id, (step.at, len(elsewhere), SUBSCRIPTION))
    return ClockPlan(
        now=first,
        until=until,
        steps=tuple(
            step for step in sorted(steps) if step.at < until and earliest[step.customer_id][::2] == (step.at, SUBSCRIPTION)
        ),
        held=tuple(
            CustomerHeld(customer_id=customer_id, goes=earliest[customer_id][2])
            for customer_id, names in goes.items()
            if len(names) > 1
        ),
    )


def _note(
    earliest: dict[str, tuple[datetime, int, str]],
    goes: dict[str, set[str]],
    customer_id: str,
    candidate: tuple[datetime, int, str],
) -> None:
    earliest[customer_id] = min(earliest.get(customer_id, candidate), candidate)
    goes.setdefault(customer_id, set()).add(candidate[2])
