"""Other terms within a period: what is credited and charged, to the cent, and what it can never come to."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.kit.domain.errors import InvalidInput, InvalidState
from subgraphs.kit.domain.event import Event
from subgraphs.kit.domain.period import Interval, IntervalUnit, Period
from subgraphs.pricing.charge import ChargeDetails, Granularity
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.billed import Bill, bill_of
from subgraphs.subscription.domain.billed_subscription import PENDING_ADJUSTMENTS
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, ProrationBehavior, SubscribedPrice, Terms
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

CREATE, INVOICE_NOW, NONE = ProrationBehavior.CREATE, ProrationBehavior.INVOICE_NOW, ProrationBehavior.NONE
APRIL = datetime(2026, 4, 1, tzinfo=UTC)  # a month of 30 days
MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
HALF = datetime(2026, 4, 16, tzinfo=UTC)
EARLY = context(at=APRIL)


def price(minor: int, id: str = "price_1", **more: Any) -> SubscribedPrice:
    return subscribed_price(price_id=id, plan_name=f"Plan {minor}", flat_amount_minor=minor, **more)


def seats(unit: str = "10") -> SubscribedPrice:
    return subscribed_price(model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal(unit))


def terms(price: SubscribedPrice, quantity: int = 1) -> Terms:
    return Terms(price=price, quantity=quantity)


TEN, TWENTY, HUNDRED = terms(price(1000)), terms(price(2000, "price_2")), terms(price(10_000, "price_3"))
YEARLY = terms(price(12_000, "price_year", interval=Interval(IntervalUnit.YEAR)))


def active(subscribed: Terms = TEN, at: datetime = APRIL) -> PlanSubscription:
    subscription = PlanSubscription.start(
        "psub_1", "cus_1", Terms(price=subscribed.price, quantity=subscribed.quantity), "UTC", context(at=at)
    )
    subscription.period_paid(0, context(at=at))
    subscription.saved(at)
    return subscription


def bills(subscription: PlanSubscription) -> list[Bill]:
    return [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]


def shown(bill: Bill) -> list[tuple[str, int]]:
    return [(line.description, line.amount.minor_units) for line in bill.lines]


def test_the_difference_for_half_a_period_comes_with_the_next_invoice() -> None:
    subscription = active()
    subscription.change(TWENTY, CREATE, context(at=HALF))
    assert bills(subscription) == []
    subscription.renew(MAY)
    [bill] = bills(subscription)
    # -10.00 * 15/30 + 20.00 * 15/30
    assert shown(bill) == [("Plan 2000", 2000), ("Unused time of Plan 1000", -500), ("Remaining time of Plan 2000", 1000)]
    assert [line.explanation for line in bill.lines] == ["20.00 EUR flat", "-10.00 EUR × 15/30", "20.00 EUR × 15/30"]
    assert [line.period for line in bill.lines[1:]] == [Period(HALF, MAY)] * 2
    assert subscription.pending == ()


def test_the_difference_is_billed_at_once_where_that_is_wanted() -> None:
    subscription = active()
    subscription.change(TWENTY, INVOICE_NOW, context(at=HALF))
    [bill] = bills(subscription)
    assert (shown(bill), bill.total.minor_units) == (
        [("Unused time of Plan 1000", -500), ("Remaining time of Plan 2000", 1000)],
        500,
    )
    subscription.renew(MAY)
    assert shown(bills(subscription)[-1]) == [("Plan 2000", 2000)]


def test_a_credit_is_never_an_invoice_of_its_own() -> None:
    subscription = active(TWENTY)
    subscription.change(TEN, INVOICE_NOW, context(at=HALF))
    assert bills(subscription) == []
    subscription.renew(MAY)
    assert bills(subscription)[-1].total.minor_units == 500  # 10.00 - 10.00 + 5.00


def test_without_proration_the_new_terms_count_from_the_next_period() -> None:
    subscription = active()
    subscription.change(TWENTY, NONE, context(at=HALF))
    subscription.renew(MAY)
    assert [shown(bill) for bill in bills(subscription)] == [[("Plan 2000", 2000)]]


def test_what_was_never_billed_is_not_credited() -> None:
    subscription = active(TEN)
    subscription.change(HUNDRED, NONE, context(at=HALF))  # 100.00, of which nothing was billed
    subscription.change(TEN, CREATE, context(at=HALF + timedelta(days=5)))
    subscription.renew(MAY)
    # 10.00 was billed for the rest, and 10.00 is what it costs: there is nothing to credit and nothing to charge
    assert shown(bills(subscription)[-1]) == [("Plan 1000", 1000)]


def test_seats_are_added_and_removed_within_a_period() -> None:
    subscription = active(terms(seats(), 3))
    subscription.change(terms(seats(), 5), CREATE, context(at=HALF))
    subscription.change(terms(seats(), 4), CREATE, context(at=HALF + timedelta(days=5)))
    subscription.renew(MAY)
    [bill] = bills(subscription)
    # 4 * 10.00; -30.00 * 15/30 + 50.00 * 15/30; -50.00 * 10/30 + 40.00 * 10/30
    assert [amount for _, amount in shown(bill)] == [4000, -1500, 2500, -1667, 1333]
    assert bill.total.minor_units == 4666


def test_a_credit_beyond_the_next_invoice_is_carried_over_until_it_is_used_up() -> None:
    subscription = active(HUNDRED)
    subscription.change(TEN, CREATE, context(at=APRIL + timedelta(days=3)))
    for end in (MAY, JUNE, datetime(2026, 7, 1, tzinfo=UTC)):
        subscription.renew(end)
    # -100.00 * 27/30 + 10.00 * 27/30 = -81.00; each month takes 10.00 of it
    assert [bill.total.minor_units for bill in bills(subscription)] == [0, 0, 0]
    assert shown(bills(subscription)[0]) == [
        ("Plan 1000", 1000),
        ("Unused time of Plan 10000", -9000),
        ("Remaining time of Plan 1000", 900),
        ("Credit kept for the next invoice", 7100),
    ]
    assert shown(bills(subscription)[1]) == [
        ("Plan 1000", 1000),
        ("Credit from the last invoice", -7100),
        ("Credit kept for the next invoice", 6100),
    ]
    assert sum(adjustment.amount_minor for adjustment in subscription.pending) == -5100


def test_another_interval_begins_a_period_at_once_with_the_rest_credited() -> None:
    subscription = active()
    subscription.change(YEARLY, CREATE, context(at=HALF))
    [bill] = bills(subscription)
    assert shown(bill) == [("Plan 12000", 12_000), ("Unused time of Plan 1000", -500)]
    assert (subscription.period_number, subscription.period) == (1, Period(HALF, HALF.replace(year=2027)))
    subscription.renew(HALF.replace(year=2027))
    assert subscription.period == Period(HALF.replace(year=2027), HALF.replace(year=2028))


def test_time_is_counted_in_seconds_where_the_price_says_so() -> None:
    details = ChargeDetails(prorated_by=Granularity.SECOND)
    old, new = terms(price(500, details=details)), terms(price(2000, "price_2", details=details))
    subscription = active(old)
    subscription.change(new, INVOICE_NOW, context(at=APRIL + timedelta(days=1)))
    assert [amount for _, amount in shown(bills(subscription)[0])] == [-483, 1933]  # 2505600 of 2592000 seconds


def test_a_change_with_the_period_replaces_the_terms_then_and_can_be_undone() -> None:
    subscription = active()
    subscription.schedule_change(TWENTY, context(at=HALF))
    subscription.schedule_change(TWENTY, context(at=HALF))
    assert [type(event) for event in subscription.unsaved] == [events.ChangeScheduled]
    subscription.unschedule_change()
    subscription.unschedule_change()
    assert [type(event) for event in subscription.unsaved[1:]] == [events.ChangeUnscheduled]
    subscription.schedule_change(TWENTY, context(at=HALF))
    subscription.schedule_change(TEN, context(at=HALF))  # back to what it is: the same as undoing
    assert subscription.scheduled is None
    subscription.schedule_change(YEARLY, context(at=HALF))
    subscription.renew(MAY)
    assert [shown(bill) for bill in bills(subscription)] == [[("Plan 12000", 12_000)]]
    assert subscription.period == Period(MAY, MAY.replace(year=2027))
    assert (subscription.terms, subscription.scheduled) == (YEARLY, None)


def test_what_is_so_already_changes_nothing() -> None:
    subscription = active()
    for proration in ProrationBehavior:
        subscription.change(TEN, proration, context(at=HALF))
    subscription.schedule_change(TEN, context(at=HALF))
    assert subscription.unsaved == ()


def pending() -> PlanSubscription:
    return PlanSubscription.start("psub_1", "cus_1", Terms(price=TEN.price, quantity=1), "UTC", context(at=APRIL))


def past_due() -> PlanSubscription:
    subscription = active()
    subscription.renew(MAY)
    subscription.payment_failed(1, "card_declined")
    return subscription


def paused() -> PlanSubscription:
    subscription = active()
    subscription.pause(None, context(at=HALF))
    return subscription


def canceled() -> PlanSubscription:
    subscription = active()
    subscription.cancel(None, context(at=HALF))
    return subscription


def ending() -> PlanSubscription:
    subscription = active()
    subscription.schedule_cancellation(None, EARLY)
    return subscription


@pytest.mark.parametrize(
    ("subscription", "wanted", "at", "error", "message"),
    [
        (pending(), TWENTY, HALF, InvalidState, "is PENDING, not ACTIVE"),
        (past_due(), TWENTY, HALF, InvalidState, "is PAST_DUE, not ACTIVE"),
        (paused(), TWENTY, HALF, InvalidState, "is PAUSED, not ACTIVE"),
        (canceled(), TWENTY, HALF, InvalidState, "is CANCELED, not ACTIVE"),
        (active(), TWENTY, MAY, InvalidState, "about to be renewed"),
        (active(), replace(TWENTY, quantity=0), HALF, InvalidInput, "a quantity is 1 to"),
        (active(), terms(price(1, currency="USD")), HALF, InvalidInput, "the subscription in EUR"),
        (ending(), YEARLY, HALF, InvalidState, "ends at 2026-05-01T00:00:00.* planSubscriptionUndoCancellation"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    subscription: PlanSubscription, wanted: Terms, at: datetime, error: type[Exception], message: str
) -> None:
    before = subscription.unsaved
    with pytest.raises(error, match=message):
        subscription.change(wanted, CREATE, context(at=at))
    with pytest.raises(error, match=message):
        subscription.schedule_change(wanted, context(at=at))
    assert subscription.unsaved == before


def test_what_ends_later_changes_before_that_and_not_then() -> None:
    subscription, end = active(), MAY + timedelta(days=10)
    subscription.schedule_cancellation(end, context(at=HALF))
    subscription.schedule_change(TWENTY, context(at=HALF))
    subscription.saved(HALF)
    subscription.renew(MAY)
    # 20.00 for all of May: an end does not shorten what is billed
    assert [bill.total.minor_units for event in subscription.unsaved if (bill := bill_of(event)) is not None] == [2000]
    for at in (end, end + timedelta(days=1)):
        with pytest.raises(InvalidState, match=r"ends at 2026-05-11T.* would change at .* with planSubscriptionUndoCancellation"):
            subscription.schedule_change(HUNDRED, context(at=MAY), at)
    with pytest.raises(InvalidState, match=r"its interval would change before: .* planSubscriptionUndoCancellation"):
        subscription.schedule_change(YEARLY, context(at=MAY), end - timedelta(days=1))
    subscription.schedule_change(HUNDRED, context(at=MAY), end - timedelta(days=1))
    subscription.renew(end)
    subscription.renew(end)
    assert (subscription.terms, subscription.canceled_at) == (HUNDRED, end)


def test_changes_within_a_period_are_bounded() -> None:
    subscription = active()
    with pytest.raises(InvalidState, match="changed too often"):
        for number in range(PENDING_ADJUSTMENTS):
            subscription.change(terms(price(1000 + number, f"p{number}")), CREATE, context(at=HALF))
    assert len(subscription.pending) == PENDING_ADJUSTMENTS


steps = st.lists(
    st.tuples(
        st.sampled_from(["change", "schedule", "renew", "pause", "resume", "undo"]),
        st.integers(0, 40),
        st.sampled_from([TEN, TWENTY, HUNDRED, YEARLY, terms(seats("3.33"), 7)]),
        st.sampled_from(ProrationBehavior),
    ),
    max_size=25,
)


def billed_events(subscription: PlanSubscription) -> list[Event]:
    return [event for event in subscription.unsaved if bill_of(event) is not None]


@given(steps)
def test_invoices_are_never_negative_credits_never_exceed_charges_and_periods_tile(
    taken: list[tuple[str, int, Terms, ProrationBehavior]],
) -> None:
    subscription, now = active(), APRIL
    subscription = PlanSubscription.start("psub_1", "cus_1", Terms(price=TEN.price, quantity=1), "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    for what, days, wanted, proration in taken:
        now += timedelta(days=days)
        while subscription.due_at is not None and subscription.due_at <= now:
            subscription.renew(now)
        try:
            match what:
                case "change":
                    subscription.change(wanted, proration, context(at=now))
                case "schedule":
                    subscription.schedule_change(wanted, context(at=now))
                case "pause":
                    subscription.pause(None, context(at=now))
                case "resume":
                    subscription.resume(context(at=now))
                case "undo":
                    subscription.unschedule_change()
        except InvalidState:
            continue

    made = [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]
    assert all(bill.total.minor_units >= 0 for bill in made)
    left = sum(adjustment.amount_minor for adjustment in subscription.pending)
    # Everything ever credited was charged before: what was billed covers what is still to be credited.
    assert sum(bill.total.minor_units for bill in made) + left >= -len(subscription.unsaved)  # each line is rounded by itself

    periods = [event for event in subscription.unsaved if isinstance(event, events.BillingPeriodOpened)]
    assert [period.number for period in periods] == list(range(len(periods)))
    pauses = [event.resumed_at for event in subscription.unsaved if isinstance(event, events.PlanSubscriptionResumed)]
    cuts = [event.changed_at for event in subscription.unsaved if isinstance(event, events.PlanSubscriptionChanged)]
    for before, after in itertools.pairwise(periods):
        assert after.start == before.end or after.start in pauses or (after.start in cuts and after.start < before.end)

    codec = PlanSubscription.codec
    stored = [codec.decode(*codec.encode(event)) for event in subscription.unsaved]
    replayed = PlanSubscription.replay("psub_1", "acme", [(APRIL, stored)])
    ignored = {"_unsaved", "version", "recorded_at"}
    live = {name: value for name, value in vars(subscription).items() if name not in ignored}
    assert {name: value for name, value in vars(replayed).items() if name not in ignored} == live
    assert subscription.status in {PlanSubscriptionStatus.ACTIVE, PlanSubscriptionStatus.PAUSED}
