"""Trials and their endings, pauses across renewals, payments that fail and are made after all."""

from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.period import Period
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.plan_subscription import PlanSubscription, RenewalDue
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, ProrationBehavior, Terms, TrialEnding
from tests.testkit.memory import context
from tests.testkit.subscribing import TEAM, subscribed_price

S = PlanSubscriptionStatus
START = datetime(2026, 3, 17, 9, tzinfo=UTC)
TRIAL_END = datetime(2026, 3, 31, 9, tzinfo=UTC)
EARLY = context(at=START)
APRIL_30 = datetime(2026, 4, 30, 9, tzinfo=UTC)
MAY_31 = datetime(2026, 5, 31, 9, tzinfo=UTC)


def trialing(ending: TrialEnding = TrialEnding.CREATE_INVOICE) -> PlanSubscription:
    subscription = PlanSubscription.start(
        "psub_1", "cus_1", Terms(price=TEAM, quantity=1), "UTC", context(at=START), trial_end=TRIAL_END, trial_ending=ending
    )
    subscription.saved(START)
    return subscription


def active() -> PlanSubscription:
    subscription = PlanSubscription.start("psub_1", "cus_1", Terms(price=TEAM, quantity=1), "UTC", context(at=TRIAL_END))
    subscription.period_paid(0, context(at=TRIAL_END))
    subscription.saved(TRIAL_END)
    return subscription


def kinds(subscription: PlanSubscription) -> list[str]:
    return [type(event).__name__ for event in subscription.unsaved]


def billed(subscription: PlanSubscription) -> list[int]:
    return [bill.total.minor_units for event in subscription.unsaved if (bill := bill_of(event)) is not None]


def test_a_trial_bills_nothing_until_it_ends() -> None:
    subscription = trialing()
    assert (subscription.status, subscription.period, subscription.due_at) == (
        S.TRIALING,
        Period(START, TRIAL_END),
        TRIAL_END,
    )
    subscription.renew(TRIAL_END - timedelta(milliseconds=1))
    assert subscription.unsaved == ()


@pytest.mark.parametrize("ending", list(TrialEnding))
def test_a_trial_becomes_the_first_period_counted_from_its_end_when_it_can_be_paid(ending: TrialEnding) -> None:
    subscription = trialing(ending)
    subscription.renew(TRIAL_END + timedelta(days=1), can_pay=True)
    assert kinds(subscription) == ["TrialEnded", "BillingPeriodOpened"]
    assert (subscription.status, subscription.period_number) == (S.ACTIVE, 0)
    assert subscription.period == Period(TRIAL_END, APRIL_30)
    subscription.renew(APRIL_30)
    assert subscription.period == Period(APRIL_30, MAY_31)  # the 31st is kept


@pytest.mark.parametrize(
    ("ending", "status", "kind"),
    [
        (TrialEnding.CREATE_INVOICE, S.ACTIVE, "TrialEnded"),
        (TrialEnding.PAUSE, S.PAUSED, "PlanSubscriptionPaused"),
        (TrialEnding.CANCEL, S.CANCELED, "PlanSubscriptionCanceled"),
    ],
)
def test_a_trial_without_a_payment_method_ends_as_it_was_agreed(ending: TrialEnding, status: S, kind: str) -> None:
    subscription = trialing(ending)
    subscription.renew(TRIAL_END, can_pay=False)
    assert (subscription.status, kinds(subscription)[0]) == (status, kind)
    assert billed(subscription) == ([1900] if status is S.ACTIVE else [])


def test_a_trial_that_was_paused_for_want_of_a_payment_method_begins_when_it_is_resumed() -> None:
    subscription = trialing(TrialEnding.PAUSE)
    subscription.renew(TRIAL_END, can_pay=False)
    subscription.resume(context(at=APRIL_30))
    assert (subscription.status, subscription.period_number) == (S.ACTIVE, 0)
    assert subscription.period == Period(APRIL_30, datetime(2026, 5, 30, 9, tzinfo=UTC))


def test_the_billing_day_outlives_a_trial_that_was_paused() -> None:
    end, april, may = (datetime(2026, *day, tzinfo=UTC) for day in ((3, 15), (4, 1), (5, 1)))
    subscription = PlanSubscription.start(
        "psub_1",
        "cus_1",
        Terms(price=TEAM, quantity=1),
        "UTC",
        context(at=datetime(2026, 3, 1, tzinfo=UTC)),
        trial_end=end,
        trial_ending=TrialEnding.PAUSE,
        anchor=datetime(2026, 3, 1, tzinfo=UTC),
    )
    subscription.saved(end)
    subscription.renew(end, can_pay=False)
    resumed = datetime(2026, 4, 16, tzinfo=UTC)
    subscription.resume(context(at=resumed))
    assert (subscription.period, billed(subscription)) == (Period(resumed, may), [950])  # 19.00 × 15/30
    assert subscription.anchor < april


def test_the_first_invoice_after_a_trial_that_is_not_paid_makes_it_past_due_and_paying_it_active() -> None:
    subscription = trialing()
    subscription.renew(TRIAL_END, can_pay=False)
    subscription.payment_failed(0, "no_payment_method")
    assert (subscription.status, subscription.past_due_reason, subscription.ever_active) == (
        S.PAST_DUE,
        "no_payment_method",
        False,
    )
    subscription.period_paid(0, context(at=APRIL_30))
    assert (subscription.status, subscription.past_due_reason, subscription.activated_at) == (S.ACTIVE, None, APRIL_30)


@pytest.mark.parametrize("paused", [False, True])
def test_only_the_first_period_after_a_trial_does_not_wait_for_its_payment(paused: bool) -> None:
    subscription = trialing(TrialEnding.PAUSE)
    subscription.renew(TRIAL_END, can_pay=not paused)
    if paused:
        subscription.resume(context(at=TRIAL_END))
    subscription.renew(APRIL_30)
    opened = [event.after_trial for event in subscription.unsaved if isinstance(event, events.BillingPeriodOpened)]
    assert opened == [True, False]
    [first] = PlanSubscription.start("psub_1", "cus_1", Terms(price=TEAM, quantity=1), "UTC", context()).unsaved[1:]
    assert isinstance(first, events.BillingPeriodOpened) and not first.after_trial


def test_a_trial_can_be_changed_without_proration_ended_and_canceled() -> None:
    subscription = trialing()
    dearer = Terms(price=subscribed_price(flat_amount_minor=9900), quantity=1)
    subscription.change(dearer, ProrationBehavior.INVOICE_NOW, context(at=START + timedelta(days=1)))
    assert billed(subscription) == []
    subscription.schedule_cancellation(None, EARLY)
    assert subscription.cancel_at == TRIAL_END
    subscription.unschedule_cancellation()
    subscription.renew(TRIAL_END)
    assert billed(subscription) == [9900]

    ending = trialing()
    ending.schedule_cancellation(None, EARLY)
    ending.renew(TRIAL_END)
    assert (ending.status, ending.canceled_at, billed(ending)) == (S.CANCELED, TRIAL_END, [])


def test_a_pause_within_a_period_bills_nothing_and_keeps_the_period() -> None:
    subscription = active()
    subscription.pause(None, context(at=TRIAL_END + timedelta(days=3)))
    assert (subscription.status, subscription.due_at) == (S.PAUSED, None)
    subscription.resume(context(at=TRIAL_END + timedelta(days=9)))
    assert (subscription.status, subscription.period, subscription.due_at) == (
        S.ACTIVE,
        Period(TRIAL_END, APRIL_30),
        APRIL_30,
    )
    assert billed(subscription) == []


def test_a_pause_across_renewals_bills_the_rest_of_the_period_it_ends_in() -> None:
    subscription = active()
    subscription.pause(None, context(at=TRIAL_END + timedelta(days=3)))
    for later in (APRIL_30, MAY_31, datetime(2026, 6, 30, 9, tzinfo=UTC)):
        subscription.renew(later)
    assert kinds(subscription) == ["PlanSubscriptionPaused"]
    resumed = datetime(2026, 6, 15, 9, tzinfo=UTC)
    subscription.resume(context(at=resumed))
    assert subscription.period == Period(resumed, datetime(2026, 6, 30, 9, tzinfo=UTC))
    assert billed(subscription) == [950]  # 19.00 * 15/30: from May 31 to June 30
    [opened] = [event for event in subscription.unsaved if isinstance(event, events.BillingPeriodOpened)]
    assert (opened.number, opened.index, str(opened.share)) == (1, 2, "15/30")
    subscription.renew(subscription.period.end)
    assert subscription.period == Period(datetime(2026, 6, 30, 9, tzinfo=UTC), datetime(2026, 7, 31, 9, tzinfo=UTC))
    assert billed(subscription) == [950, 1900]


def test_a_change_in_a_period_begun_by_a_resumption_is_measured_against_the_whole_period() -> None:
    subscription = active()
    subscription.pause(None, context(at=TRIAL_END + timedelta(days=3)))
    subscription.resume(context(at=datetime(2026, 6, 15, 9, tzinfo=UTC)))
    dearer = Terms(price=subscribed_price(flat_amount_minor=3800), quantity=1)
    subscription.change(dearer, ProrationBehavior.INVOICE_NOW, context(at=datetime(2026, 6, 20, 9, tzinfo=UTC)))
    assert billed(subscription)[-1] == 634  # -19.00 * 10/30 + 38.00 * 10/30 = -6.33 + 12.67


def test_a_pause_with_an_end_ends_by_itself() -> None:
    subscription = active()
    ends = datetime(2026, 5, 15, 9, tzinfo=UTC)
    subscription.pause(ends, context(at=TRIAL_END + timedelta(days=3)))
    assert subscription.due_at == ends
    subscription.renew(ends + timedelta(days=9))
    assert (subscription.status, subscription.period) == (S.ACTIVE, Period(ends, MAY_31))
    assert billed(subscription) == [981]  # 19.00 * 16/31, from April 30 to May 31: 9.806


def test_a_paused_trial_goes_on_until_its_end() -> None:
    subscription = trialing()
    subscription.pause(None, context(at=START + timedelta(days=1)))
    subscription.resume(context(at=START + timedelta(days=5)))
    assert (subscription.status, subscription.due_at) == (S.TRIALING, TRIAL_END)


def test_an_end_scheduled_before_a_pause_comes_when_it_is_resumed_after_it() -> None:
    subscription = active()
    subscription.schedule_cancellation(None, EARLY)
    subscription.pause(None, context(at=TRIAL_END + timedelta(days=3)))
    subscription.resume(context(at=MAY_31))
    assert (subscription.status, subscription.canceled_at, billed(subscription)) == (S.CANCELED, APRIL_30, [])


def test_pausing_again_moves_when_it_resumes() -> None:
    subscription, paused = active(), TRIAL_END + timedelta(days=3)
    first, second = (datetime(2026, 5, day, 9, tzinfo=UTC) for day in (10, 15))
    subscription.pause(first, context(at=paused))
    subscription.pause(second, context(at=paused + timedelta(days=1)))
    subscription.pause(second, context(at=paused + timedelta(days=2)))  # as it is
    assert kinds(subscription) == ["PlanSubscriptionPaused"] * 2
    assert (subscription.paused_at, subscription.resumes_at, subscription.due_at) == (paused, second, second)
    subscription.pause(None, context(at=paused + timedelta(days=3)))
    assert (subscription.paused_at, subscription.due_at) == (paused, None)
    subscription.pause(second, context(at=paused + timedelta(days=4)))
    with pytest.raises(RenewalDue, match="the pause of plan subscription 'psub_1' has ended"):
        subscription.pause(None, context(at=second))
    subscription.renew(second)
    assert (subscription.status, subscription.paused_at, billed(subscription)) == (S.ACTIVE, None, [981])  # 19.00 * 16/31: 9.806


def test_what_is_paused_ends_with_its_period_or_on_a_date_and_for_its_reason() -> None:
    subscription, paused = active(), TRIAL_END + timedelta(days=3)
    subscription.pause(MAY_31, context(at=paused))
    subscription.schedule_cancellation(None, context(at=paused), "Closed for good.")
    assert (subscription.due_at, subscription.cancellation_reason) == (APRIL_30, "Closed for good.")
    subscription.renew(MAY_31)
    assert (subscription.status, subscription.canceled_at, billed(subscription)) == (S.CANCELED, APRIL_30, [])
    assert subscription.cancellation_reason == "Closed for good."

    over = active()
    over.pause(None, context(at=paused))
    with pytest.raises(InvalidState, match=r"is PAUSED and its period ended at 2026-04-30T09.*: cancel it NOW or on a DATE"):
        over.schedule_cancellation(None, context(at=APRIL_30))
    over.schedule_cancellation(MAY_31, context(at=APRIL_30))
    over.renew(MAY_31)
    assert (over.status, over.canceled_at, billed(over)) == (S.CANCELED, MAY_31, [])


def test_what_resumes_before_its_end_ends_then() -> None:
    subscription, paused, end = active(), TRIAL_END + timedelta(days=3), datetime(2026, 5, 20, 9, tzinfo=UTC)
    resumed = datetime(2026, 5, 15, 9, tzinfo=UTC)
    subscription.pause(resumed, context(at=paused))
    subscription.schedule_cancellation(end, context(at=paused))
    for _ in range(2):
        subscription.renew(end)
    # 19.00 * 16/31 from May 15 to May 31: what ends within its period is billed for all of it
    assert (subscription.status, subscription.canceled_at, billed(subscription)) == (S.CANCELED, end, [981])


def test_the_reason_of_a_scheduled_end_is_that_of_the_cancellation() -> None:
    subscription = active()
    subscription.schedule_cancellation(None, EARLY, "Too dear.")
    subscription.schedule_cancellation(None, EARLY)  # as it is
    assert kinds(subscription) == ["CancellationScheduled"]
    subscription.schedule_cancellation(APRIL_30, EARLY, "Closed.")
    subscription.schedule_cancellation(MAY_31, EARLY)
    subscription.renew(APRIL_30)
    subscription.renew(MAY_31)
    assert (subscription.canceled_at, subscription.cancellation_reason) == (MAY_31, "Closed.")

    other = active()
    other.schedule_cancellation(None, EARLY, "Too dear.")
    other.unschedule_cancellation()
    other.schedule_cancellation(None, EARLY)
    assert (other.cancel_at, other.cancellation_reason) == (APRIL_30, None)
    with pytest.raises(InvalidInput) as refused:
        other.schedule_cancellation(None, EARLY, "x" * 501)
    assert refused.value.field == ("reason",)
    known = PlanSubscription.codec.decode("CancellationScheduled", {"customer_id": "cus_1", "cancel_at": APRIL_30})
    assert isinstance(known, events.CancellationScheduled) and known.reason is None


def test_a_refusal_of_its_state_names_the_next_step() -> None:
    def state(made: PlanSubscription) -> str:
        with pytest.raises(InvalidState) as refused:
            made.change(Terms(price=TEAM, quantity=2), ProrationBehavior.CREATE, context(at=TRIAL_END + timedelta(days=4)))
        return refused.value.message.partition(", not ACTIVE or TRIALING: ")[2]

    def started(**more: datetime) -> PlanSubscription:
        return PlanSubscription.start("psub_1", "cus_1", Terms(price=TEAM, quantity=1), "UTC", context(at=START), **more)  # type: ignore[arg-type]

    scheduled, pending, incomplete = started(starts_at=APRIL_30), started(), started()
    incomplete.payment_failed(0, "card_declined")
    paused, late, unpaid, ended = active(), active(), active(), active()
    paused.pause(None, context(at=TRIAL_END))
    late.renew(APRIL_30)
    late.payment_failed(1, "card_declined")
    unpaid.mark_unpaid("inv_1", context(at=TRIAL_END))
    ended.cancel(None, context(at=TRIAL_END))
    assert [state(one) for one in (scheduled, pending, incomplete, paused, late, unpaid, ended)] == [
        "wait until it begins at 2026-04-30T09:00:00+00:00, or cancel it NOW and start a new one",
        "its first invoice is being paid; try again shortly",
        "pay its first invoice with invoicePay, or start a new one",
        "let it go on with planSubscriptionResume",
        "pay its open invoice with invoicePay, or change the customer's payment method, which is charged at once",
        "it goes on when 'inv_1' is paid or void",
        "that is final; start a new one",
    ]
    for one in (scheduled, pending, incomplete, unpaid):
        with pytest.raises(InvalidState, match="ACTIVE, TRIALING, PAST_DUE or PAUSED can end later; cancel this one NOW"):
            one.schedule_cancellation(None, context(at=TRIAL_END))


def test_pausing_and_resuming_again_changes_nothing() -> None:
    subscription = active()
    subscription.resume(context(at=START))
    assert subscription.unsaved == ()
    for _ in range(2):
        subscription.pause(None, context(at=TRIAL_END + timedelta(days=3)))
    for _ in range(2):
        subscription.resume(context(at=TRIAL_END + timedelta(days=4)))
    assert kinds(subscription) == ["PlanSubscriptionPaused", "PlanSubscriptionResumed"]


def test_what_is_not_running_cannot_be_paused_and_what_has_ended_cannot_be_resumed() -> None:
    pending = PlanSubscription.start("psub_1", "cus_1", Terms(price=TEAM, quantity=1), "UTC", context(at=START))
    ended = active()
    ended.cancel(None, context(at=APRIL_30))
    for subscription in (pending, ended):
        with pytest.raises(InvalidState, match="not ACTIVE or TRIALING"):
            subscription.pause(None, context(at=START))
        with pytest.raises(InvalidState, match="cannot be resumed"):
            subscription.resume(context(at=START))
    with pytest.raises(InvalidInput) as refused:
        active().pause(TRIAL_END, context(at=TRIAL_END))
    assert refused.value.field == ("resumesAt",)


def test_a_failed_renewal_is_past_due_until_the_latest_invoice_is_paid() -> None:
    subscription = active()
    subscription.renew(APRIL_30)
    subscription.payment_failed(1, "card_declined")
    subscription.payment_failed(1, "card_declined")
    assert (subscription.status, subscription.past_due_reason, subscription.due_at) == (S.PAST_DUE, "card_declined", MAY_31)
    subscription.renew(MAY_31)
    subscription.payment_failed(2, "expired_card")
    subscription.period_paid(1, context(at=MAY_31))
    assert subscription.status is S.PAST_DUE
    subscription.period_paid(2, context(at=MAY_31))
    assert (subscription.status, subscription.past_due_reason) == (S.ACTIVE, None)


def test_a_failed_renewal_is_past_due_until_nobody_waits_for_the_latest_invoice() -> None:
    subscription = active()
    subscription.renew(APRIL_30)
    subscription.payment_failed(1, "card_declined")
    subscription.renew(MAY_31)
    subscription.payment_failed(2, "expired_card")
    subscription.period_settled(1)
    assert (subscription.status, subscription.past_due_reason) == (S.PAST_DUE, "expired_card")
    for _ in range(2):
        subscription.period_settled(2)
        assert (subscription.status, subscription.past_due_reason) == (S.ACTIVE, None)
    subscription.payment_failed(2, "expired_card")  # told of late
    assert subscription.status is S.ACTIVE
    assert kinds(subscription)[-1] == "BillingPeriodSettled"


def test_after_a_trial_the_first_payment_activates_whichever_period_it_is_of() -> None:
    subscription = trialing()
    subscription.renew(TRIAL_END)
    subscription.payment_failed(0, "card_declined")
    subscription.period_settled(0)
    assert (subscription.status, subscription.ever_active) == (S.ACTIVE, False)
    subscription.renew(subscription.period.end)
    for _ in range(2):
        subscription.period_paid(1, context(at=MAY_31))
        subscription.period_paid(0, context(at=MAY_31))
    assert (subscription.status, subscription.activated_at) == (S.ACTIVE, MAY_31)


def test_a_failure_told_of_after_the_payment_changes_nothing() -> None:
    subscription = active()
    subscription.renew(APRIL_30)
    subscription.period_paid(1, context(at=APRIL_30))
    subscription.payment_failed(1, "card_declined")
    subscription.payment_failed(0, "card_declined")
    assert subscription.status is S.ACTIVE
    assert kinds(subscription) == ["BillingPeriodOpened", "BillingPeriodPaid"]
