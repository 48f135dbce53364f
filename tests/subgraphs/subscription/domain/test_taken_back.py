"""Credit is limited to what was paid for the period and not taken back: by credit notes, lost disputes, void invoices."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Interval, IntervalUnit, Period
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.adjustments import within_limit
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import CreditedLine, CreditPart, Item, ProrationBehavior, Terms, UnusedTime
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

APRIL, MAY, HALF, LATER = (datetime(2026, month, day, tzinfo=UTC) for month, day in ((4, 1), (5, 1), (4, 16), (4, 21)))
CALLS = subscribed_price(
    price_id="calls", model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("0.01"), meter_id="mtr_1"
)
CREATE, INVOICE_NOW = ProrationBehavior.CREATE, ProrationBehavior.INVOICE_NOW


def terms(minor: int, *add_ons: Item, **more: Interval) -> Terms:
    price = subscribed_price(price_id=f"price_{minor}", flat_amount_minor=minor, **more)
    return Terms(price=price, quantity=1, add_ons=add_ons)


HUNDRED, TEN = terms(10_000), terms(1_000)


def active(of: Terms = HUNDRED) -> PlanSubscription:
    subscription = PlanSubscription.start("psub_1", "cus_1", of, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    return subscription


def take_back(subscription: PlanSubscription, minor: int, *, period: int | None = 0, id: str = "cn_1", usage: int = 0) -> None:
    """Let a credit note take so much back of the time that was billed, and of the usage."""
    lines = [CreditedLine(amount_minor=minor, ends_at=subscription.period.end), CreditedLine(amount_minor=usage, ends_at=None)]
    subscription.bill_credited(id, period, 1 if period is None else None, [one for one in lines if one.amount_minor])


def pending(subscription: PlanSubscription) -> list[tuple[str, int]]:
    return [(one.description, one.amount_minor) for one in subscription.pending]


def given_back(
    subscription: PlanSubscription, at: datetime, unused: UnusedTime = UnusedTime.CREDIT
) -> list[tuple[int | None, int]]:
    """Cancel it and return what is given back of the bill of which period; None: of changes."""
    subscription.cancel(None, context(at=at), unused=unused)
    [event] = [event for event in subscription.unsaved if isinstance(event, events.PlanSubscriptionCanceled)]
    parts: tuple[CreditPart, ...] = event.credit.parts if event.credit else ()
    assert sum(part.amount_minor for part in parts) == (event.credit.amount_minor if event.credit else 0)
    return [(part.period_number, part.amount_minor) for part in parts]


CHARGE = ("Remaining time of Team", 500)  # 10.00 × 15/30


@pytest.mark.parametrize(
    ("taken_back", "credits"),
    [
        (0, [("Unused time of Team", -5_000)]),  # 100.00 × 15/30
        (5_000, [("Unused time of Team", -5_000)]),  # of the 50.00 that are left
        (6_000, [("Unused time of Team", -4_000)]),
        (10_000, []),
    ],
)
def test_a_change_credits_what_is_paid_and_not_taken_back(taken_back: int, credits: list[tuple[str, int]]) -> None:
    subscription = active()
    if taken_back:
        take_back(subscription, taken_back)
    subscription.change(TEN, CREATE, context(at=HALF))
    assert pending(subscription) == [*credits, CHARGE]


def test_a_limited_credit_says_so() -> None:
    subscription = active()
    take_back(subscription, 6_000)
    subscription.change(TEN, CREATE, context(at=HALF))
    assert subscription.pending[0].explanation == "-100.00 EUR × 15/30, up to 40.00 EUR that is paid and not given back"
    assert within_limit(subscription.pending, Money(-1, "EUR")) == subscription.pending[1:]


def test_a_change_of_the_interval_credits_no_more_either() -> None:
    subscription = active()
    take_back(subscription, 10_000)
    subscription.change(terms(20_000, interval=Interval(IntervalUnit.YEAR)), CREATE, context(at=HALF))
    [event] = [one for one in subscription.unsaved if isinstance(one, events.BillingPeriodOpened) and one.number == 1]
    assert event.adjustments == ()


@pytest.mark.parametrize(
    ("taken_back", "given"),
    [(0, [(0, 5_000)]), (3_000, [(0, 5_000)]), (6_000, [(0, 4_000)]), (10_000, [])],
)
def test_an_end_gives_back_what_is_paid_and_not_taken_back(taken_back: int, given: list[tuple[int | None, int]]) -> None:
    subscription = active()
    if taken_back:
        take_back(subscription, taken_back)
    assert given_back(subscription, HALF) == given


def test_what_was_taken_back_of_usage_limits_no_credit_for_time() -> None:
    subscription = active(terms(10_000, Item(price=CALLS, quantity=1)))
    subscription.renew(MAY, used={("calls", Period(APRIL, MAY)): Decimal(30_000)})  # 100.00 and 300.00
    take_back(subscription, 0, period=1, usage=30_000)
    assert given_back(subscription, datetime(2026, 5, 17, tzinfo=UTC)) == [(1, 4_839)]  # 100.00 × 15/31


def test_what_was_taken_back_of_an_upgrade_is_not_given_back_once_more() -> None:
    subscription = active(TEN)
    subscription.change(HUNDRED, INVOICE_NOW, context(at=HALF))  # −5.00 + 50.00
    take_back(subscription, 4_500, period=None)
    # 100.00 × 10/30 = 33.33 are not used, and 10.00 of 55.00 are left
    assert given_back(subscription, LATER) == [(0, 1_000)]


def test_a_credit_that_waits_falls_to_what_a_credit_note_leaves() -> None:
    subscription = active()
    subscription.change(TEN, CREATE, context(at=HALF))
    take_back(subscription, 2_000)  # 80.00 are left, 45.00 wait
    assert pending(subscription) == [("Unused time of Team", -5_000), CHARGE]
    take_back(subscription, 6_000, id="cn_2")  # 20.00 are left
    revoked = ("Credit that was given back", 2_500)
    assert pending(subscription) == [("Unused time of Team", -5_000), CHARGE, revoked]
    take_back(subscription, 2_000, id="cn_3")
    assert sum(one.amount_minor for one in subscription.pending) == 0
    subscription.renew(MAY)
    [_, opened] = [event for event in subscription.unsaved if isinstance(event, events.BillingPeriodOpened)]
    assert sum(one.amount_minor for one in opened.adjustments) == 0


def test_kept_credit_falls_to_what_a_credit_note_leaves_of_the_invoice_that_was_paid() -> None:
    subscription = active(terms(36_500, interval=Interval(IntervalUnit.YEAR)))
    subscription.change(TEN, CREATE, context(at=MAY))
    # 365.00 × 335/365 − 10.00 wait
    assert pending(subscription) == [("Credit from the last invoice", -32_500)]
    subscription.bill_credited("cn_1", 0, None, [CreditedLine(amount_minor=36_500, ends_at=datetime(2027, 4, 1, tzinfo=UTC))])
    assert sum(one.amount_minor for one in subscription.pending) == 0
    assert given_back(subscription, MAY, UnusedTime.KEEP) == []


def test_what_is_not_paid_is_not_credited_until_it_is_paid_after_all() -> None:
    for paid_after_all, expected in ((False, [CHARGE]), (True, [("Unused time of Team", -5_000), CHARGE])):
        subscription = active()
        subscription.bill_unpaid(0, None, 11_900, 11_900)
        if paid_after_all:
            subscription.bill_unpaid(0, None, 0, 0)
        subscription.change(TEN, CREATE, context(at=HALF))
        assert pending(subscription) == expected


def test_the_next_period_does_not_know_of_it_any_more() -> None:
    subscription = active()
    take_back(subscription, 10_000)
    subscription.renew(MAY)
    seen = len(subscription.unsaved)
    take_back(subscription, 5_000, id="cn_2")  # of the period before
    assert len(subscription.unsaved) == seen
    assert given_back(subscription, datetime(2026, 5, 17, tzinfo=UTC)) == [(1, 4_839)]  # 100.00 × 15/31
    seen = len(subscription.unsaved)
    take_back(subscription, 5_000, period=1, id="cn_3")
    subscription.bill_unpaid(1, None, 10_000, 10_000)
    assert len(subscription.unsaved) == seen
