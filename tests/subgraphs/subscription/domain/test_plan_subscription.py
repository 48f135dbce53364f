"""The state machine of a plan subscription: every allowed and every refused transition, and the periods it opens."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.period import Interval, IntervalUnit, Period
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, SubscribedPrice, Terms
from tests.testkit.memory import AT, context
from tests.testkit.subscribing import TEAM, subscribed_price

FIRST_END = datetime(2026, 2, 28, 12, 0, 0, 123000, tzinfo=UTC)  # AT is January 31: clamped
SECOND_END = datetime(2026, 3, 31, 12, 0, 0, 123000, tzinfo=UTC)  # and back to the 31st, counted from the anchor
LATER = context(at=AT + timedelta(days=3))


def started(price: SubscribedPrice = TEAM, quantity: int = 1, zone: str = "UTC", at: datetime = AT) -> PlanSubscription:
    return PlanSubscription.start("psub_1", "cus_1", Terms(price=price, quantity=quantity), zone, context(at=at))


def saved(subscription: PlanSubscription) -> PlanSubscription:
    subscription.saved(AT)
    return subscription


def pending() -> PlanSubscription:
    return saved(started())


def active() -> PlanSubscription:
    subscription = started()
    subscription.period_paid(0, context())
    return saved(subscription)


def incomplete() -> PlanSubscription:
    subscription = started()
    subscription.payment_failed(0, "card_declined")
    return saved(subscription)


def expired() -> PlanSubscription:
    subscription = incomplete()
    subscription.renew(AT + timedelta(hours=23))
    return saved(subscription)


def ending() -> PlanSubscription:
    subscription = active()
    subscription.schedule_cancellation(None, LATER)
    return saved(subscription)


def canceled() -> PlanSubscription:
    subscription = active()
    subscription.cancel("moved away", LATER)
    return saved(subscription)


def never_used() -> PlanSubscription:
    subscription = incomplete()
    subscription.cancel(None, LATER)
    return saved(subscription)


ACTIVATED = events.PlanSubscriptionActivated(customer_id="cus_1", activated_at=LATER.at)
DECLINED = events.PlanSubscriptionIncomplete(customer_id="cus_1", reason="card_declined")
SCHEDULED = events.CancellationScheduled(customer_id="cus_1", cancel_at=FIRST_END)
UNSCHEDULED = events.CancellationUnscheduled(customer_id="cus_1")


def ended(*, ever_active: bool, at: datetime = LATER.at, reason: str | None = "why") -> Event:
    return events.PlanSubscriptionCanceled(customer_id="cus_1", ever_active=ever_active, canceled_at=at, reason=reason)


def opened(number: int, start: datetime, end: datetime, price: SubscribedPrice = TEAM, quantity: int = 1) -> Event:
    return events.BillingPeriodOpened(customer_id="cus_1", price=price, quantity=quantity, number=number, start=start, end=end)


def test_a_start_opens_the_first_period_and_waits_for_its_payment() -> None:
    subscription = started()
    assert subscription.unsaved == (
        events.PlanSubscriptionStarted(customer_id="cus_1", price=TEAM, quantity=1, time_zone="UTC", anchor=AT),
        opened(0, AT, FIRST_END),
    )
    assert (subscription.status, subscription.ever_active) == (PlanSubscriptionStatus.PENDING, False)


Change = Callable[[PlanSubscription], None]
activate: Change = lambda it: it.period_paid(0, LATER)  # noqa: E731
decline: Change = lambda it: it.payment_failed(0, "card_declined")  # noqa: E731
schedule: Change = lambda it: it.schedule_cancellation(None, LATER)  # noqa: E731
unschedule: Change = lambda it: it.unschedule_cancellation()  # noqa: E731
cancel: Change = lambda it: it.cancel("why", LATER)  # noqa: E731
renew_early: Change = lambda it: it.renew(FIRST_END - timedelta(milliseconds=1))  # noqa: E731
renew: Change = lambda it: it.renew(FIRST_END)  # noqa: E731


@pytest.mark.parametrize(
    ("given_", "change", "then"),
    [
        (pending, activate, [ACTIVATED]),
        (pending, decline, [DECLINED]),
        (pending, unschedule, []),
        (pending, cancel, [ended(ever_active=False)]),
        (pending, renew, []),
        (incomplete, activate, [ACTIVATED]),
        (incomplete, decline, []),
        (incomplete, unschedule, []),
        (incomplete, cancel, [ended(ever_active=False)]),
        (incomplete, renew, [events.PlanSubscriptionExpired(customer_id="cus_1", expired_at=AT + timedelta(hours=23))]),
        (expired, activate, []),
        (expired, decline, []),
        (expired, cancel, []),
        (expired, renew, []),
        (active, activate, []),
        (active, decline, []),
        (active, schedule, [SCHEDULED]),
        (active, unschedule, []),
        (active, cancel, [ended(ever_active=True)]),
        (active, renew_early, []),
        (active, renew, [opened(1, FIRST_END, SECOND_END)]),
        (ending, activate, []),
        (ending, decline, []),
        (ending, schedule, []),
        (ending, unschedule, [UNSCHEDULED]),
        (ending, cancel, [ended(ever_active=True)]),
        (ending, renew_early, []),
        (ending, renew, [ended(ever_active=True, at=FIRST_END, reason=None)]),
        (canceled, activate, []),
        (canceled, decline, []),
        (canceled, cancel, []),
        (canceled, renew, []),
        (never_used, activate, []),
        (never_used, decline, []),
        (never_used, cancel, []),
        (never_used, renew, []),
    ],
)
def test_allowed_transitions(given_: Callable[[], PlanSubscription], change: Change, then: list[Event]) -> None:
    subscription = given_()
    change(subscription)
    assert list(subscription.unsaved) == then


@pytest.mark.parametrize(
    ("given_", "change", "message"),
    [
        (pending, schedule, "'psub_1' is PENDING"),
        (incomplete, schedule, "'psub_1' is INCOMPLETE"),
        (expired, schedule, "'psub_1' is INCOMPLETE_EXPIRED"),
        (expired, unschedule, "'psub_1' is INCOMPLETE_EXPIRED, which is final"),
        (canceled, schedule, "'psub_1' is CANCELED"),
        (canceled, unschedule, "'psub_1' is CANCELED, which is final"),
        (never_used, unschedule, "'psub_1' is CANCELED, which is final"),
    ],
)
def test_refused_transitions(given_: Callable[[], PlanSubscription], change: Change, message: str) -> None:
    subscription = given_()
    with pytest.raises(InvalidState, match=message):
        change(subscription)
    assert subscription.unsaved == ()


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001])
def test_a_quantity_out_of_range_is_refused(quantity: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 1000000"):
        started(quantity=quantity)


def test_a_reason_is_bounded() -> None:
    subscription = active()
    with pytest.raises(InvalidInput, match="at most 500"):
        subscription.cancel("x" * 501, LATER)
    assert subscription.unsaved == ()


def test_an_ending_is_kept_for_the_period_it_was_scheduled_for() -> None:
    subscription = ending()
    subscription.renew(SECOND_END + timedelta(days=400))
    assert (subscription.status, subscription.canceled_at) == (PlanSubscriptionStatus.CANCELED, FIRST_END)


def test_periods_keep_local_time_over_summer_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    subscription = started(zone="Europe/Berlin", at=datetime(2026, 3, 15, 9, tzinfo=berlin))
    assert subscription.period == Period(datetime(2026, 3, 15, 8, tzinfo=UTC), datetime(2026, 4, 15, 7, tzinfo=UTC))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.builds(Interval, st.sampled_from(IntervalUnit), st.integers(1, 4)),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    st.integers(1, 15),
)
def test_periods_tile_time_and_renewing_step_by_step_equals_renewing_late(
    at: datetime, interval: Interval, zone: str, count: int
) -> None:
    price = subscribed_price(interval=interval)
    stepwise, late = started(price, zone=zone, at=at), started(price, zone=zone, at=at)
    for subscription in (stepwise, late):
        subscription.period_paid(0, context(at=at))
    for _ in range(count):
        stepwise.renew(stepwise.period.end)
    for _ in range(count):
        late.renew(stepwise.period.end - timedelta(milliseconds=1))
    assert late.unsaved == stepwise.unsaved
    periods = [event for event in stepwise.unsaved if isinstance(event, events.BillingPeriodOpened)]
    assert [period.number for period in periods] == list(range(count + 1))
    assert periods[0].start == at
    assert all(before.end == after.start for before, after in pairwise(periods))


def test_a_replayed_subscription_equals_the_live_one() -> None:
    live = started()
    live.period_paid(0, LATER)
    live.renew(FIRST_END)
    live.schedule_cancellation(None, LATER)
    live.renew(SECOND_END)
    codec = PlanSubscription.codec
    stored = [codec.decode(*codec.encode(event)) for event in live.unsaved]
    replayed = PlanSubscription.replay("psub_1", "acme", [(AT, stored)])
    ignored = {"_unsaved", "version", "recorded_at"}
    assert {k: v for k, v in vars(replayed).items() if k not in ignored} == {
        k: v for k, v in vars(live).items() if k not in ignored
    }


def test_an_event_of_another_aggregate_is_a_mistake() -> None:
    class Strange(Event): ...

    with pytest.raises(TypeError, match="Strange is not an event of a plan subscription"):
        pending().apply(Strange())


def test_an_end_on_a_date_comes_within_or_beyond_the_period() -> None:
    within, beyond = FIRST_END - timedelta(days=3), FIRST_END + timedelta(days=3)
    subscription = active()
    subscription.schedule_cancellation(beyond, LATER)
    assert (subscription.cancel_at, subscription.due_at) == (beyond, FIRST_END)
    subscription.renew(FIRST_END)
    assert (subscription.period_number, subscription.due_at) == (1, beyond)
    subscription.renew(beyond - timedelta(milliseconds=1))
    assert subscription.status is PlanSubscriptionStatus.ACTIVE
    subscription.renew(SECOND_END)
    assert (subscription.status, subscription.canceled_at) == (PlanSubscriptionStatus.CANCELED, beyond)

    sooner = active()
    sooner.schedule_cancellation(within, LATER)
    sooner.schedule_cancellation(within, LATER)
    assert len(sooner.unsaved) == 1
    sooner.renew(within)
    assert (sooner.canceled_at, sooner.period_number) == (within, 0)


def test_an_end_that_lies_back_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        active().schedule_cancellation(LATER.at, LATER)
    assert refused.value.field == ("at",)
