"""The end of a trial is set anew: earlier, later or now, with what was scheduled for it, and billed to the cent."""

from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.period import Interval, IntervalUnit, Period
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.plan_subscription import PlanSubscription, RenewalDue
from subgraphs.subscription.domain.schedule import Phase, ScheduleEnding
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, Terms, TrialEnding
from tests.testkit.memory import context
from tests.testkit.subscribing import TEAM, subscribed_price

S = PlanSubscriptionStatus
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
TRIAL_END = datetime(2026, 3, 15, 9, tzinfo=UTC)
SOON, LATER = START + timedelta(days=4), datetime(2026, 3, 31, 9, tzinfo=UTC)
TERMS = Terms(price=TEAM, quantity=1)
DEARER = Terms(price=subscribed_price(price_id="price_2", flat_amount_minor=2900), quantity=1)
DEAREST = Terms(price=subscribed_price(price_id="price_3", flat_amount_minor=3900), quantity=1)


def trialing(
    ending: TrialEnding = TrialEnding.CREATE_INVOICE, anchor: datetime | None = None, terms: Terms = TERMS
) -> PlanSubscription:
    subscription = PlanSubscription.start(
        "psub_1", "cus_1", terms, "UTC", context(at=START), trial_end=TRIAL_END, trial_ending=ending, anchor=anchor
    )
    subscription.saved(START)
    return subscription


def kinds(subscription: PlanSubscription) -> list[str]:
    return [type(event).__name__ for event in subscription.unsaved]


def billed(subscription: PlanSubscription) -> list[int]:
    return [bill.total.minor_units for event in subscription.unsaved if (bill := bill_of(event)) is not None]


def replayed(subscription: PlanSubscription) -> PlanSubscription:
    """Return the trial as its events restore it."""
    encoded = [PlanSubscription.codec.encode(event) for event in (subscription.started, *subscription.unsaved)]
    return PlanSubscription.replay("psub_1", "acme", [(START, [PlanSubscription.codec.decode(*one) for one in encoded])])


def test_a_longer_trial_bills_from_its_new_end_and_counts_periods_from_there() -> None:
    subscription = trialing()
    for _ in range(2):
        subscription.set_trial_end(LATER, context(at=SOON))
    assert kinds(subscription) == ["TrialEndSet"]
    assert (subscription.status, subscription.trial_end, subscription.due_at) == (S.TRIALING, LATER, LATER)
    subscription.renew(TRIAL_END)
    subscription.renew(LATER)
    april_30, may_31 = datetime(2026, 4, 30, 9, tzinfo=UTC), datetime(2026, 5, 31, 9, tzinfo=UTC)
    assert (subscription.status, subscription.period, billed(subscription)) == (S.ACTIVE, Period(LATER, april_30), [1900])
    subscription.renew(april_30)
    assert subscription.period == Period(april_30, may_31)  # counted from the 31st
    again = replayed(subscription)
    assert (again.trial_end, again.period, again.anchor) == (LATER, subscription.period, LATER)


def test_a_shorter_trial_ends_when_it_says() -> None:
    subscription, earlier = trialing(), datetime(2026, 3, 10, 9, tzinfo=UTC)
    subscription.set_trial_end(earlier, context(at=SOON))
    subscription.renew(earlier - timedelta(milliseconds=1))
    assert billed(subscription) == []
    subscription.renew(earlier)
    assert (subscription.period, billed(subscription)) == (Period(earlier, datetime(2026, 4, 10, 9, tzinfo=UTC)), [1900])


@pytest.mark.parametrize("at", [None, SOON, SOON - timedelta(seconds=59)])
def test_a_trial_that_ends_now_is_billed_at_once(at: datetime | None) -> None:
    subscription = trialing()
    subscription.set_trial_end(at, context(at=SOON))
    assert kinds(subscription) == ["TrialEndSet", "TrialEnded", "BillingPeriodOpened"]
    april_5 = datetime(2026, 4, 5, 9, tzinfo=UTC)
    assert (subscription.status, subscription.period, billed(subscription)) == (S.ACTIVE, Period(SOON, april_5), [1900])
    assert subscription.trial_end == SOON
    subscription.set_trial_end(at, context(at=SOON))  # the same request once more
    assert len(subscription.unsaved) == 3


def test_a_trial_can_end_in_the_instant_in_which_it_begins() -> None:
    subscription = trialing()
    subscription.set_trial_end(None, context(at=START))
    assert (subscription.status, subscription.period.start, billed(subscription)) == (S.ACTIVE, START, [1900])


@pytest.mark.parametrize(
    ("ending", "status"),
    [(TrialEnding.CREATE_INVOICE, S.ACTIVE), (TrialEnding.PAUSE, S.PAUSED), (TrialEnding.CANCEL, S.CANCELED)],
)
def test_without_a_payment_method_it_ends_now_as_was_agreed(ending: TrialEnding, status: S) -> None:
    subscription = trialing(ending)
    subscription.set_trial_end(None, context(at=SOON), can_pay=False)
    assert (subscription.status, billed(subscription)) == (status, [1900] if status is S.ACTIVE else [])


def test_the_billing_day_outlives_it() -> None:
    april, may = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    subscription = trialing(anchor=april)
    subscription.set_trial_end(datetime(2026, 4, 16, tzinfo=UTC), context(at=SOON))
    subscription.renew(may - timedelta(days=1))
    assert (subscription.period.end, billed(subscription)) == (may, [950])  # 19.00 × 15/30
    assert subscription.anchor == april


@pytest.mark.parametrize("end", [LATER, TRIAL_END - timedelta(days=5), None])
def test_what_is_scheduled_for_the_end_of_the_trial_comes_with_it(end: datetime | None) -> None:
    changing = trialing()
    changing.schedule_change(DEARER, context(at=SOON))
    changing.set_trial_end(end, context(at=SOON))
    if end is not None:
        assert [one.change_at for one in changing.schedule] == [end]
        changing.renew(end)
    assert (billed(changing), changing.schedule) == ([2900], ())
    ending = trialing()
    ending.schedule_cancellation(None, context(at=SOON), "No use.")
    ending.set_trial_end(end, context(at=SOON))
    if end is not None:
        assert (ending.cancel_at, ending.status) == (end, S.TRIALING)
        ending.renew(end)
    assert (ending.status, ending.canceled_at, ending.cancellation_reason) == (S.CANCELED, end or SOON, "No use.")
    assert billed(ending) == []


def test_what_is_scheduled_for_a_date_stays_and_is_not_overtaken() -> None:
    subscription, date = trialing(), datetime(2026, 4, 20, 9, tzinfo=UTC)
    phases = [Phase(terms=DEARER, until=date), Phase(terms=DEAREST)]
    subscription.schedule_phases(phases, None, ScheduleEnding.RELEASE, context(at=SOON))
    with pytest.raises(InvalidState, match="in another order: undo it first with planSubscriptionUndoChange"):
        subscription.set_trial_end(date, context(at=SOON))
    subscription.set_trial_end(LATER, context(at=SOON))
    assert [one.change_at for one in subscription.schedule] == [LATER, date]

    ending = trialing()
    ending.schedule_cancellation(date, context(at=SOON))
    with pytest.raises(InvalidState, match=r"ends at 2026-04-20T.*, before its trial would: .* planSubscriptionUndoCancellation"):
        ending.set_trial_end(date + timedelta(days=1), context(at=SOON))
    ending.set_trial_end(LATER, context(at=SOON))
    assert (ending.cancel_at, ending.trial_end) == (date, LATER)


def test_a_year_begins_when_the_trial_ends() -> None:
    yearly = Terms(price=subscribed_price(flat_amount_minor=12_000, interval=Interval(IntervalUnit.YEAR)), quantity=1)
    subscription = trialing(terms=yearly)
    subscription.set_trial_end(None, context(at=SOON))
    assert (subscription.period.end, billed(subscription)) == (datetime(2027, 3, 5, 9, tzinfo=UTC), [12_000])


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (SOON - timedelta(minutes=2), "a trial ends later, or now with null"),
        (START + timedelta(days=730, seconds=1), "a trial ends within 730 days of its start: by 2028-02-29T09:00:00"),
    ],
)
def test_where_a_trial_cannot_end(at: datetime, message: str) -> None:
    subscription = trialing()
    with pytest.raises(InvalidInput, match=message) as refused:
        subscription.set_trial_end(at, context(at=SOON))
    assert (refused.value.field, subscription.unsaved) == (("trialEndsAt",), ())
    subscription.set_trial_end(START + timedelta(days=730), context(at=SOON))
    assert subscription.trial_end == datetime(2028, 2, 29, 9, tzinfo=UTC)


def test_only_a_running_trial_has_an_end_to_be_set() -> None:
    over = trialing()
    with pytest.raises(RenewalDue, match="about to end or change; try again"):
        over.set_trial_end(LATER, context(at=TRIAL_END + timedelta(seconds=1)))
    over.renew(TRIAL_END)
    with pytest.raises(InvalidState, match="is ACTIVE, not TRIALING: only the end of a running trial is set"):
        over.set_trial_end(LATER, context(at=TRIAL_END))
    paused = trialing()
    paused.pause(None, context(at=SOON))
    with pytest.raises(InvalidState, match="is PAUSED, not TRIALING: let it go on with planSubscriptionResume"):
        paused.set_trial_end(LATER, context(at=SOON))
