"""One price takes the place of another: what is scheduled keeps its time, and comes to the other price."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.period import Interval, IntervalUnit
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.moved_price import moved_schedule, subscribed_to
from subgraphs.subscription.domain.plan_subscription import PlanSubscription, RenewalDue
from subgraphs.subscription.domain.schedule import Phase, ScheduleEnding
from subgraphs.subscription.domain.values import (
    ChangeTime,
    Item,
    ProrationBehavior,
    ScheduledChange,
    SubscribedPrice,
    Terms,
)
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import subscribed_price

DAY = timedelta(days=1)
OLD, NEW, OTHER = [subscribed_price(price_id=id) for id in ("price_old", "price_new", "price_other")]
END = AT + 28 * DAY  # January 31 to February 28
LATER = AT + 5 * DAY


def at(when: datetime, price: SubscribedPrice, quantity: int = 1) -> ScheduledChange:
    return ScheduledChange(terms=Terms(price=price, quantity=quantity), change_at=when, proration=ProrationBehavior.INVOICE_NOW)


def with_period(price: SubscribedPrice, quantity: int = 1) -> ScheduledChange:
    terms = Terms(price=price, quantity=quantity)
    return ScheduledChange(terms=terms, change_at=END, proration=ProrationBehavior.NONE)


MID, NEXT, AFTER = AT + 10 * DAY, END + 10 * DAY, END + 40 * DAY


@pytest.mark.parametrize(
    ("has", "schedule", "now", "with_its_period"),
    [
        # nothing is scheduled
        (OLD, [], [], [with_period(NEW)]),
        # the first change comes later than the end of the period
        (OLD, [at(NEXT, OLD, 2)], [at(NEXT, NEW, 2)], [with_period(NEW), at(NEXT, NEW, 2)]),
        (
            OLD,
            [at(NEXT, OTHER), at(AFTER, OLD)],
            [at(NEXT, OTHER), at(AFTER, NEW)],
            [with_period(NEW), at(NEXT, OTHER), at(AFTER, NEW)],
        ),
        # a change at the end of the period wins
        (OLD, [at(END, OLD, 2)], [at(END, NEW, 2)], [at(END, NEW, 2)]),
        (OLD, [at(END, OTHER), at(AFTER, OLD)], [at(END, OTHER), at(AFTER, NEW)], [at(END, OTHER), at(AFTER, NEW)]),
        # until the end of the period the old price stays, with another quantity too
        (OLD, [at(MID, OLD, 2)], [at(MID, NEW, 2)], [at(MID, OLD, 2), with_period(NEW, 2)]),
        (
            OLD,
            [at(MID, OLD, 2), at(AFTER, OLD, 3)],
            [at(MID, NEW, 2), at(AFTER, NEW, 3)],
            [at(MID, OLD, 2), with_period(NEW, 2), at(AFTER, NEW, 3)],
        ),
        # it is left before, and nobody comes back to it
        (OLD, [at(MID, OTHER), at(MID + DAY, OLD)], [at(MID, OTHER), at(MID + DAY, NEW)], [at(MID, OTHER), at(MID + DAY, NEW)]),
        # it is only to come
        (OTHER, [at(MID, OLD, 4)], [at(MID, NEW, 4)], [at(MID, NEW, 4)]),
        (OTHER, [at(NEXT, OLD), at(AFTER, OTHER)], [at(NEXT, NEW), at(AFTER, OTHER)], [at(NEXT, NEW), at(AFTER, OTHER)]),
        # it is nowhere
        (OTHER, [at(NEXT, NEW)], [at(NEXT, NEW)], [at(NEXT, NEW)]),
    ],
)
def test_what_is_scheduled_comes_to_the_other_price_at_its_time(
    has: SubscribedPrice, schedule: list[ScheduledChange], now: list[ScheduledChange], with_its_period: list[ScheduledChange]
) -> None:
    terms = Terms(price=has, quantity=1)
    assert list(moved_schedule(terms, schedule, "price_old", NEW, None)) == now
    assert list(moved_schedule(terms, schedule, "price_old", NEW, END)) == with_its_period


def test_add_ons_that_are_scheduled_are_moved_too() -> None:
    terms = Terms(price=OTHER, quantity=1)
    with_add_on = Terms(price=OTHER, quantity=1, add_ons=(Item(price=OLD, quantity=7),))
    change = ScheduledChange(terms=with_add_on, change_at=NEXT, proration=ProrationBehavior.NONE)
    [moved] = moved_schedule(terms, [change], "price_old", NEW, END)
    assert [(item.price.price_id, item.quantity) for item in moved.terms.items] == [("price_other", 1), ("price_new", 7)]


PRICES = st.sampled_from([OLD, NEW, OTHER])


@given(PRICES, st.lists(st.tuples(st.integers(1, 60), PRICES, st.integers(1, 3)), max_size=6), st.booleans())
def test_after_the_move_the_old_price_is_had_until_the_end_of_the_period_at_most(
    has: SubscribedPrice, planned: list[tuple[int, SubscribedPrice, int]], now: bool
) -> None:
    days = sorted({day: (price, quantity) for day, price, quantity in planned}.items())
    schedule = [at(AT + day * DAY, price, quantity) for day, (price, quantity) in days]
    end = None if now else END
    terms = Terms(price=NEW if now and has is OLD else has, quantity=1)
    moved = moved_schedule(terms, schedule, "price_old", NEW, end)
    assert all(before.change_at < after.change_at for before, after in pairwise(moved))
    has_it = [change.change_at for change in moved if subscribed_to([change.terms], "price_old")]
    assert all(not now and has is OLD and when < END for when in has_it)
    assert {change.change_at for change in schedule} | {END} >= {change.change_at for change in moved}
    assert {change.change_at for change in schedule} <= {change.change_at for change in moved}
    assert moved_schedule(terms, moved, "price_old", NEW, end) == moved  # again changes nothing
    had = terms
    for change in moved:
        had = change.terms if change.change_at <= END else had
    assert subscribed_to([had], "price_old") is None


def active(*phases: Phase, begins: datetime | None = None, price: SubscribedPrice = OLD) -> PlanSubscription:
    subscription = PlanSubscription.start("psub_1", "cus_1", Terms(price=price, quantity=1), "UTC", context())
    subscription.period_paid(0, context())
    if phases:
        subscription.schedule_phases(phases, begins, ScheduleEnding.RELEASE, context())
    subscription.saved(AT)
    return subscription


def move(
    subscription: PlanSubscription, when: ChangeTime, to: SubscribedPrice = NEW, moment: datetime = LATER
) -> list[type[Event]]:
    """Move it and return what that records."""
    seen = len(subscription.unsaved)
    subscription.move_price("price_old", to, ProrationBehavior.CREATE, context(at=moment), now=when is ChangeTime.NOW)
    return [type(event) for event in subscription.unsaved[seen:]]


def shown(subscription: PlanSubscription) -> list[tuple[str, int, datetime]]:
    return [(one.terms.price.price_id, one.terms.quantity, one.change_at) for one in subscription.schedule]


def phase(price: SubscribedPrice, quantity: int = 1, periods: int | None = None) -> Phase:
    return Phase(terms=Terms(price=price, quantity=quantity), periods=periods)


def test_moved_now_it_keeps_its_schedule() -> None:
    subscription = active(phase(OLD, 5, periods=1), phase(OTHER))
    [first, second] = [change.change_at for change in subscription.schedule]
    assert move(subscription, ChangeTime.NOW) == [events.PlanSubscriptionChanged, events.PhasesScheduled]
    assert subscription.terms == Terms(price=NEW, quantity=1)
    assert shown(subscription) == [("price_new", 5, first), ("price_other", 1, second)]
    assert move(subscription, ChangeTime.NOW) == move(subscription, ChangeTime.PERIOD_END) == []


def test_moved_with_its_period_it_keeps_its_schedule() -> None:
    subscription = active(phase(OLD, 5), begins=NEXT)
    assert move(subscription, ChangeTime.PERIOD_END) == [events.PhasesScheduled]
    assert subscription.terms == Terms(price=OLD, quantity=1)
    assert shown(subscription) == [("price_new", 1, END), ("price_new", 5, NEXT)]
    assert move(subscription, ChangeTime.PERIOD_END) == []
    subscription.renew(END)
    assert (subscription.terms, shown(subscription)) == (Terms(price=NEW, quantity=1), [("price_new", 5, NEXT)])
    assert move(subscription, ChangeTime.PERIOD_END, moment=END) == []


def test_a_move_that_is_scheduled_can_be_made_at_once() -> None:
    subscription = active()
    assert move(subscription, ChangeTime.PERIOD_END) == [events.ChangeScheduled]
    assert move(subscription, ChangeTime.NOW) == [events.PlanSubscriptionChanged]
    assert (subscription.terms, subscription.schedule) == (Terms(price=NEW, quantity=1), ())


def test_a_change_back_to_the_old_price_is_no_change_any_more() -> None:
    subscription = active(phase(OLD), price=NEW)
    assert move(subscription, ChangeTime.PERIOD_END) == [events.ChangeUnscheduled]
    assert subscription.schedule == ()


def test_what_is_only_to_come_is_moved_while_it_is_paused_too() -> None:
    subscription = active(phase(OLD, 2), price=OTHER)
    subscription.pause(None, context(at=LATER))
    assert move(subscription, ChangeTime.NOW) == [events.ChangeScheduled]
    assert shown(subscription) == [("price_new", 2, END)]
    subscription.cancel(None, context(at=LATER))
    assert move(subscription, ChangeTime.NOW) == []


def test_what_has_the_price_and_is_paused_stays_as_it_is() -> None:
    subscription = active(phase(OLD, 2))
    subscription.pause(None, context(at=LATER))
    for when in (ChangeTime.NOW, ChangeTime.PERIOD_END):
        with pytest.raises(InvalidState, match="PAUSED"):
            move(subscription, when)
    assert shown(subscription) == [("price_old", 2, END)]


def test_what_ends_after_its_period_is_moved_and_what_ends_with_it_is_not() -> None:
    subscription = active(phase(OLD, 2), begins=NEXT)
    subscription.schedule_cancellation(AFTER, context(at=LATER))
    assert move(subscription, ChangeTime.PERIOD_END) == [events.PhasesScheduled]
    assert subscription.cancel_at == AFTER
    subscription = active()
    subscription.schedule_cancellation(None, context(at=LATER))
    with pytest.raises(InvalidState, match="planSubscriptionUndoCancellation"):
        move(subscription, ChangeTime.PERIOD_END)


def test_another_interval_is_refused_where_its_end_is_scheduled() -> None:
    yearly = subscribed_price(price_id="price_new", interval=Interval(IntervalUnit.YEAR))
    subscription = active(phase(OLD, 2), begins=NEXT, price=OTHER)
    subscription.schedule_cancellation(AFTER, context(at=LATER))
    with pytest.raises(InvalidState, match="interval"):
        move(subscription, ChangeTime.PERIOD_END, yearly)
    subscription.unschedule_cancellation()
    assert move(subscription, ChangeTime.PERIOD_END, yearly) == [events.ChangeScheduled]


def test_what_is_due_happens_before_its_price_is_moved() -> None:
    subscription = active(phase(OLD, 2), begins=MID, price=OTHER)
    with pytest.raises(RenewalDue):
        move(subscription, ChangeTime.NOW, moment=MID)
    subscription.renew(MID)
    assert move(subscription, ChangeTime.NOW, moment=MID) == [events.PlanSubscriptionChanged]


def test_terms_to_come_that_cannot_be_billed_together_are_refused() -> None:
    terms = Terms(price=OTHER, quantity=1, add_ons=(Item(price=OLD, quantity=1), Item(price=NEW, quantity=1)))
    subscription = active(Phase(terms=terms), price=OTHER)
    with pytest.raises(InvalidInput, match="twice"):
        move(subscription, ChangeTime.PERIOD_END)
