"""Every state of a plan subscription against everything that can be asked of it: where it leads, or that it is refused."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from subgraphs.kit.domain.errors import InvalidState
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.schedule import Phase, ScheduleEnding
from subgraphs.subscription.domain.values import Discount, PlanSubscriptionStatus, ProrationBehavior, Terms
from tests.testkit.memory import context
from tests.testkit.subscribing import TEAM, subscribed_price

S = PlanSubscriptionStatus
START = datetime(2026, 4, 1, tzinfo=UTC)
SOON = datetime(2026, 4, 11, tzinfo=UTC)
MAY = datetime(2026, 5, 1, tzinfo=UTC)
DURING_MAY = datetime(2026, 5, 5, tzinfo=UTC)
NOW = context(at=SOON)
TERMS = Terms(price=TEAM, quantity=1)
OTHER = Terms(price=subscribed_price(price_id="price_2", flat_amount_minor=2900), quantity=1)
DISCOUNT = Discount(
    id="dis_1",
    coupon_id="cou_1",
    promotion_code_id=None,
    name="Launch",
    percent_off=None,
    amount_off=None,
    periods=None,
    plan_ids=(),
    added_at=START,
)


def start(**more: datetime | None) -> PlanSubscription:
    return PlanSubscription.start("psub_1", "cus_1", TERMS, "UTC", context(at=START), **more)  # type: ignore[arg-type]


def scheduled() -> PlanSubscription:
    return start(starts_at=MAY)


def trialing() -> PlanSubscription:
    return start(trial_end=MAY)


def incomplete() -> PlanSubscription:
    subscription = start()
    subscription.payment_failed(0, "card_declined")
    return subscription


def expired() -> PlanSubscription:
    subscription = incomplete()
    subscription.renew(SOON)
    return subscription


def active() -> PlanSubscription:
    subscription = start()
    subscription.period_paid(0, context(at=START))
    return subscription


def past_due() -> PlanSubscription:
    subscription = PlanSubscription.start("psub_1", "cus_1", TERMS, "UTC", context(at=datetime(2026, 3, 1, tzinfo=UTC)))
    subscription.period_paid(0, context(at=datetime(2026, 3, 1, tzinfo=UTC)))
    subscription.renew(START)
    subscription.payment_failed(1, "card_declined")
    return subscription


def unpaid() -> PlanSubscription:
    subscription = past_due()
    subscription.mark_unpaid("inv_1", context(at=datetime(2026, 4, 5, tzinfo=UTC)))
    return subscription


def paused() -> PlanSubscription:
    subscription = active()
    subscription.pause(None, context(at=datetime(2026, 4, 5, tzinfo=UTC)))
    return subscription


def canceled() -> PlanSubscription:
    subscription = active()
    subscription.cancel(None, context(at=datetime(2026, 4, 5, tzinfo=UTC)))
    return subscription


STATES: dict[PlanSubscriptionStatus, Callable[[], PlanSubscription]] = {
    S.SCHEDULED: scheduled,
    S.PENDING: start,
    S.TRIALING: trialing,
    S.INCOMPLETE: incomplete,
    S.INCOMPLETE_EXPIRED: expired,
    S.ACTIVE: active,
    S.PAST_DUE: past_due,
    S.UNPAID: unpaid,
    S.PAUSED: paused,
    S.CANCELED: canceled,
}

Command = Callable[[PlanSubscription], None]
COMMANDS: dict[str, Command] = {
    "first period paid": lambda one: one.period_paid(0, NOW),
    "running period paid": lambda one: one.period_paid(max(one.period_number, 0), NOW),
    "running period settled": lambda one: one.period_settled(max(one.period_number, 0)),
    "payment failed": lambda one: one.payment_failed(max(one.period_number, 0), "card_declined"),
    "later payment failed": lambda one: one.payment_failed(max(one.period_number, 0) + 1, "card_declined"),
    "mark unpaid": lambda one: one.mark_unpaid("inv_1", NOW),
    "debt paid": lambda one: one.debt_paid("inv_1", NOW),
    "another debt paid": lambda one: one.debt_paid("inv_2", NOW),
    "change": lambda one: one.change(OTHER, ProrationBehavior.CREATE, NOW),
    "schedule change": lambda one: one.schedule_change(OTHER, NOW),
    "schedule phases": lambda one: one.schedule_phases([Phase(terms=OTHER)], None, ScheduleEnding.RELEASE, NOW),
    "undo change": lambda one: one.unschedule_change(),
    "pause": lambda one: one.pause(None, NOW),
    "resume": lambda one: one.resume(NOW),
    "cancel": lambda one: one.cancel(None, NOW),
    "cancel with the period": lambda one: one.schedule_cancellation(None, NOW),
    "end the trial": lambda one: one.set_trial_end(None, NOW),
    "move the trial's end": lambda one: one.set_trial_end(DURING_MAY, NOW),
    "undo cancellation": lambda one: one.unschedule_cancellation(),
    "add discount": lambda one: one.add_discount(DISCOUNT),
    "before its time": lambda one: one.renew(SOON),
    "time": lambda one: one.renew(DURING_MAY),
    "time, and no way to pay": lambda one: one.renew(DURING_MAY, can_pay=False),
}
# What each state leads to: "-" it stays as it is, "x" it is refused with INVALID_STATE and nothing is changed.
TABLE = """
                         SCHEDULED  PENDING     TRIALING  INCOMPLETE  EXPIRED  ACTIVE    PAST_DUE  UNPAID    PAUSED    CANCELED
first period paid        -          ACTIVE      -         ACTIVE      -        -         -         -         -         -
running period paid      -          ACTIVE      -         ACTIVE      -        -         ACTIVE    -         -         -
running period settled   -          -           -         -           -        -         ACTIVE    -         -         -
payment failed           -          INCOMPLETE  -         -           -        -         -         -         -         -
later payment failed     -          INCOMPLETE  -         -           -        PAST_DUE  -         -         -         -
mark unpaid              -          -           -         -           -        UNPAID    UNPAID    -         -         -
debt paid                -          -           -         -           -        -         -         ACTIVE    -         -
another debt paid        -          -           -         -           -        -         -         -         -         -
change                   x          x           -         x           x        -         x         x         x         x
schedule change          x          x           -         x           x        -         x         x         x         x
schedule phases          x          x           -         x           x        -         x         x         x         x
undo change              -          -           -         -           x        -         -         -         -         x
pause                    x          x           PAUSED    x           x        PAUSED    x         x         -         x
resume                   -          x           -         x           x        -         -         x         ACTIVE    x
cancel                   CANCELED   CANCELED    CANCELED  CANCELED    -        CANCELED  CANCELED  CANCELED  CANCELED  -
cancel with the period   x          x           -         x           x        -         -         x         -         x
end the trial            x          x           ACTIVE    x           x        x         x         x         x         x
move the trial's end     x          x           -         x           x        x         x         x         x         x
undo cancellation        -          -           -         -           x        -         -         -         -         x
add discount             -          -           -         -           x        -         -         -         -         x
before its time          -          -           -         EXPIRED     -        -         -         -         -         -
time                     PENDING    -           ACTIVE    EXPIRED     -        -         -         -         -         -
time, and no way to pay  PENDING    -           ACTIVE    EXPIRED     -        -         -         -         -         -
"""


def read(table: str) -> dict[tuple[str, PlanSubscriptionStatus], str]:
    """Return each cell by command and state, with the state's whole name; EXPIRED is short for INCOMPLETE_EXPIRED."""
    head, *rows = table.strip("\n").splitlines()
    names = [name.replace("EXPIRED", "INCOMPLETE_EXPIRED") for name in head.split()]
    starts = [head.index(f" {name}") + 1 for name in head.split()]
    found = {}
    for row in rows:
        for name, start, end in zip(names, starts, [*starts[1:], None], strict=True):
            cell = row[start:end].strip()
            found[row[: starts[0]].strip(), PlanSubscriptionStatus(name)] = cell.replace("EXPIRED", "INCOMPLETE_EXPIRED")
    return found


LEADS_TO = read(TABLE)


@pytest.mark.parametrize("state", list(STATES))
def test_each_state_is_reached(state: PlanSubscriptionStatus) -> None:
    assert STATES[state]().status is state


def test_the_table_is_whole() -> None:
    assert set(LEADS_TO) == {(command, state) for command in COMMANDS for state in PlanSubscriptionStatus}


@pytest.mark.parametrize("state", list(STATES))
@pytest.mark.parametrize("command", list(COMMANDS))
def test_where_it_leads(command: str, state: PlanSubscriptionStatus) -> None:
    subscription = STATES[state]()
    before = len(subscription.unsaved)
    leads_to = LEADS_TO[command, state]
    if leads_to == "x":
        with pytest.raises(InvalidState):
            COMMANDS[command](subscription)
        assert (subscription.status, len(subscription.unsaved)) == (state, before)
        return
    COMMANDS[command](subscription)
    assert subscription.status.value == (state.value if leads_to == "-" else leads_to)


@pytest.mark.parametrize("state", [state for state in STATES if state.is_final])
@pytest.mark.parametrize("command", list(COMMANDS))
def test_an_end_is_final(command: str, state: PlanSubscriptionStatus) -> None:
    subscription = STATES[state]()
    before = len(subscription.unsaved)
    try:
        COMMANDS[command](subscription)
    except InvalidState:
        pass
    assert (subscription.status, len(subscription.unsaved), subscription.due_at) == (state, before, None)


@pytest.mark.parametrize("state", list(STATES))
@pytest.mark.parametrize("command", [name for name in COMMANDS if not name.startswith("time")])
def test_asking_twice_changes_nothing_more(command: str, state: PlanSubscriptionStatus) -> None:
    subscription = STATES[state]()
    try:
        COMMANDS[command](subscription)
    except InvalidState:
        return
    status, recorded = subscription.status, len(subscription.unsaved)
    try:
        COMMANDS[command](subscription)
    except InvalidState:
        pass
    assert (subscription.status, len(subscription.unsaved)) == (status, recorded)
