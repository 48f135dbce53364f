"""What is given back when a subscription is canceled within a period that was billed."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from subgraphs.kit.domain.period import Interval, IntervalUnit, Period
from subgraphs.subscription.domain import events
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.fees import Fee, FeeTime, OneTimePrice
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import CreditPart, Item, ProrationBehavior, Terms, UnusedCredit, UnusedTime
from tests.testkit.memory import context
from tests.testkit.subscribing import subscribed_price

APRIL, MAY, HALF = (datetime(2026, month, day, tzinfo=UTC) for month, day in ((4, 1), (5, 1), (4, 16)))
CALLS = subscribed_price(
    price_id="calls", model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("0.01"), meter_id="mtr_1"
)
TERMS = Terms(price=subscribed_price(flat_amount_minor=3000), quantity=1, add_ons=(Item(price=CALLS, quantity=1),))
OF_APRIL = CreditPart(amount_minor=1500, after=HALF, period_number=0)


def active() -> PlanSubscription:
    subscription = PlanSubscription.start("psub_1", "cus_1", TERMS, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    return subscription


def credit(subscription: PlanSubscription, unused: UnusedTime, at: datetime = HALF) -> UnusedCredit | None:
    subscription.cancel(None, context(at=at), unused=unused)
    [event] = [event for event in subscription.unsaved if isinstance(event, events.PlanSubscriptionCanceled)]
    return event.credit


@pytest.mark.parametrize(
    ("unused", "given_back"),
    [
        (UnusedTime.KEEP, None),
        (UnusedTime.CREDIT, UnusedCredit(period_number=0, amount_minor=1500, refund=False, parts=(OF_APRIL,))),
        (UnusedTime.REFUND, UnusedCredit(period_number=0, amount_minor=1500, refund=True, parts=(OF_APRIL,))),
    ],
)
def test_the_rest_of_the_period_is_kept_or_given_back(unused: UnusedTime, given_back: UnusedCredit | None) -> None:
    assert credit(active(), unused) == given_back  # 30.00 × 15/30


def test_what_is_pending_counts() -> None:
    upgraded = active()
    bigger = replace(TERMS, price=subscribed_price(price_id="big", flat_amount_minor=6000))
    upgraded.change(bigger, ProrationBehavior.CREATE, context(at=HALF))
    # 60.00 × 15/30 of the bigger one, of which 15.00 more was never billed
    given_back = UnusedCredit(period_number=0, amount_minor=1500, refund=False, parts=(OF_APRIL,))
    assert credit(upgraded, UnusedTime.CREDIT) == given_back


def test_nothing_is_given_back_for_a_period_that_is_over_or_a_trial() -> None:
    assert credit(active(), UnusedTime.CREDIT, MAY) is None
    trialing = PlanSubscription.start("psub_1", "cus_1", TERMS, "UTC", context(at=APRIL), trial_end=MAY)
    assert credit(trialing, UnusedTime.CREDIT) is None


def test_the_last_usage_is_billed_or_not() -> None:
    for bill_usage in (True, False):
        subscription = active()
        used = {("calls", Period(APRIL, HALF)): Decimal(500)}
        subscription.cancel(None, context(at=HALF), used=used, bill_usage=bill_usage)
        assert any(isinstance(event, events.UsageBilled) for event in subscription.unsaved) is bill_usage


BIG, SMALL = (
    replace(TERMS, price=subscribed_price(price_id=name, flat_amount_minor=minor))
    for name, minor in (("big", 6000), ("small", 1500))
)
END = [None, datetime(2026, 4, 21, tzinfo=UTC)]


def ended(subscription: PlanSubscription, end: datetime | None, used: int = 0) -> list[list[tuple[str, int]]]:
    """Let it end then, None: with its period, and return what its last invoices billed."""
    subscription.schedule_cancellation(end, context(at=HALF))
    before, end = len(subscription.unsaved), end or MAY
    subscription.renew(end, used={("calls", Period(APRIL, end)): Decimal(used)})
    assert (subscription.status, subscription.pending) == ("CANCELED", ())
    bills = [bill for event in subscription.unsaved[before:] if (bill := bill_of(event)) is not None]
    return [[(line.description, line.amount.minor_units) for line in bill.lines] for bill in bills]


def given_back(subscription: PlanSubscription) -> int:
    [event] = [event for event in subscription.unsaved if isinstance(event, events.PlanSubscriptionCanceled)]
    return event.credit.amount_minor if event.credit else 0


@pytest.mark.parametrize("end", END)
def test_what_is_pending_is_billed_when_it_ends_as_scheduled(end: datetime | None) -> None:
    upgraded = active()
    upgraded.change(BIG, ProrationBehavior.CREATE, context(at=HALF))
    # 15 of 30 days: −30.00 / 2 + 60.00 / 2
    assert ended(upgraded, end) == [[("Team", 0), ("Unused time of Team", -1500), ("Remaining time of Team", 3000)]]
    assert given_back(upgraded) == 0


@pytest.mark.parametrize("end", END)
def test_a_pending_credit_is_given_back_when_it_ends_as_scheduled(end: datetime | None) -> None:
    downgraded = active()
    downgraded.change(SMALL, ProrationBehavior.CREATE, context(at=HALF))
    assert (ended(downgraded, end), given_back(downgraded)) == ([], 750)  # 30.00 / 2 − 15.00 / 2


def test_a_pending_credit_pays_the_last_usage_first() -> None:
    downgraded = active()
    downgraded.change(SMALL, ProrationBehavior.CREATE, context(at=HALF))
    changed = [("Unused time of Team", -1500), ("Remaining time of Team", 750)]
    # 500 calls of 0.01; 7.50 − 5.00 is left
    assert ended(downgraded, None, used=500) == [[("Team", 500), *changed, ("Credit kept for the next invoice", 250)]]
    assert given_back(downgraded) == 250


def test_what_is_pending_is_dropped_when_it_ends_now() -> None:
    for price in (BIG, SMALL):
        changed = active()
        changed.change(price, ProrationBehavior.CREATE, context(at=HALF))
        assert credit(changed, UnusedTime.KEEP) is None
        assert not any(isinstance(event, events.AdjustmentsBilled | events.UsageBilled) for event in changed.unsaved)


def test_what_is_pending_is_kept_over_a_pause_that_the_end_falls_into() -> None:
    downgraded = active()
    downgraded.change(SMALL, ProrationBehavior.CREATE, context(at=HALF))
    downgraded.schedule_cancellation(datetime(2026, 4, 20, tzinfo=UTC), context(at=HALF))
    downgraded.pause(None, context(at=datetime(2026, 4, 18, tzinfo=UTC)))
    downgraded.resume(context(at=datetime(2026, 6, 1, tzinfo=UTC)))
    assert given_back(downgraded) == 750


YEARLY = replace(
    TERMS, price=subscribed_price(price_id="year", flat_amount_minor=36_500, interval=Interval(IntervalUnit.YEAR)), add_ons=()
)
MONTHLY = replace(TERMS, add_ons=())


def from_year_to_months() -> PlanSubscription:
    """365.00 for the year from April, and 30.00 a month from May instead."""
    subscription = PlanSubscription.start("psub_1", "cus_1", YEARLY, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    subscription.change(MONTHLY, ProrationBehavior.CREATE, context(at=MAY))
    # 365.00 × 335/365 is given back, 30.00 of it pays May
    assert [one.amount_minor for one in subscription.pending] == [-30_500]
    return subscription


def of_year(amount_minor: int) -> CreditPart:
    return CreditPart(amount_minor=amount_minor, after=APRIL, period_number=0)


@pytest.mark.parametrize(
    ("unused", "amount"),
    [
        (UnusedTime.KEEP, 30_500),
        (UnusedTime.CREDIT, 32_048),  # and 30.00 × 16/31 of May, which that credit paid
        (UnusedTime.REFUND, 32_048),
    ],
)
def test_credit_that_invoices_did_not_use_up_is_given_back_of_the_invoice_that_was_paid(unused: UnusedTime, amount: int) -> None:
    found = credit(from_year_to_months(), unused, datetime(2026, 5, 16, tzinfo=UTC))
    assert found == UnusedCredit(
        period_number=1, amount_minor=amount, refund=unused is UnusedTime.REFUND, parts=(of_year(amount),)
    )


def test_credit_that_invoices_did_not_use_up_is_given_back_at_a_scheduled_end() -> None:
    subscription = from_year_to_months()
    subscription.schedule_cancellation(None, context(at=MAY))
    subscription.renew(datetime(2026, 6, 1, tzinfo=UTC))
    assert last_credit(subscription) == (30_500, (of_year(30_500),))


def last_credit(subscription: PlanSubscription) -> tuple[int, tuple[CreditPart, ...]]:
    [event] = [event for event in subscription.unsaved if isinstance(event, events.PlanSubscriptionCanceled)]
    assert event.credit is not None
    return event.credit.amount_minor, event.credit.parts


def test_an_invoice_that_credit_paid_a_part_of_gives_back_its_own_and_the_earlier_one_the_rest() -> None:
    subscription = PlanSubscription.start("psub_1", "cus_1", MONTHLY, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    subscription.change(replace(MONTHLY, price=SMALL.price), ProrationBehavior.CREATE, context(at=HALF))
    subscription.renew(MAY)  # 15.00 − 7.50
    subscription.cancel(None, context(at=MAY), unused=UnusedTime.CREDIT)
    of_may = CreditPart(amount_minor=750, after=MAY, period_number=1)
    of_april = CreditPart(amount_minor=750, after=APRIL, period_number=0)
    assert last_credit(subscription) == (1500, (of_may, of_april))
    subscription = PlanSubscription.start("psub_1", "cus_1", MONTHLY, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    subscription.renew(MAY)
    assert [one.period_number for one in subscription.creditable] == [1]  # nothing of April is in it


@pytest.mark.parametrize("unused", [UnusedTime.CREDIT, UnusedTime.REFUND])
def test_an_upgrade_that_was_billed_at_once_is_given_back_of_its_own_invoice(unused: UnusedTime) -> None:
    upgraded = active()
    upgraded.change(BIG, ProrationBehavior.INVOICE_NOW, context(at=HALF))  # −15.00 + 30.00
    later = datetime(2026, 4, 21, tzinfo=UTC)
    found = credit(upgraded, unused, later)
    # 60.00 × 10/30 = 20.00, of which the invoice of the change was 15.00
    of_change = CreditPart(amount_minor=1500, after=later, adjustments_number=1)
    of_period = CreditPart(amount_minor=500, after=later, period_number=0)
    refund = unused is UnusedTime.REFUND
    assert found == UnusedCredit(period_number=0, amount_minor=2000, refund=refund, parts=(of_change, of_period))


def test_fees_and_usage_that_were_billed_give_nothing_back() -> None:
    upgraded = active()
    upgraded.change(BIG, ProrationBehavior.CREATE, context(at=HALF))
    terms = {"price_id": "fee", "plan_id": "plan_2", "plan_name": "Set-up", "currency": "EUR", "model": "FLAT"}
    price = OneTimePrice(**terms, flat_amount_minor=9900, unit_amount=None)
    upgraded.add_fee(Fee(id="fee_1", price=price, quantity=1, added_at=HALF), FeeTime.NOW, context(at=HALF))
    assert [one.left_minor for one in upgraded.creditable] == [3000]
    upgraded.renew(MAY, used={("calls", Period(APRIL, MAY)): Decimal(5000)})
    # 60.00 and the 30.00 of the change, of 60.00 + 50.00 − 15.00 + 30.00: usage is not given back
    assert [one.left_minor for one in upgraded.creditable] == [3000, 9000]
    assert credit(upgraded, UnusedTime.CREDIT, MAY) == UnusedCredit(
        period_number=1, amount_minor=6000, refund=False, parts=(CreditPart(amount_minor=6000, after=MAY, period_number=1),)
    )


def test_the_last_usage_is_paid_by_credit_that_was_kept() -> None:
    subscription = PlanSubscription.start("psub_1", "cus_1", YEARLY, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    subscription.change(TERMS, ProrationBehavior.CREATE, context(at=MAY))
    middle = datetime(2026, 5, 11, tzinfo=UTC)
    subscription.cancel(None, context(at=middle), used={("calls", Period(MAY, middle)): Decimal(500)})
    # 365.00 × 335/365 − 30.00 = 305.00 were kept, less 500 calls of 0.01
    assert last_credit(subscription) == (30_000, (of_year(30_000),))


@pytest.mark.parametrize("bill_usage", [True, False])
def test_what_is_pending_beyond_the_unused_time_is_billed_with_it(bill_usage: bool) -> None:
    upgraded = active()
    upgraded.change(BIG, ProrationBehavior.CREATE, context(at=HALF))
    later = datetime(2026, 4, 26, tzinfo=UTC)
    used = {("calls", Period(APRIL, later)): Decimal(500)}
    upgraded.cancel(None, context(at=later), used=used, unused=UnusedTime.CREDIT, bill_usage=bill_usage)
    usage = [("Team", 500)] if bill_usage else []
    changed = [("Unused time of Team", -1500), ("Remaining time of Team", 3000)]
    bills = [bill for event in upgraded.unsaved if (bill := bill_of(event)) is not None]
    # 60.00 × 5/30 of the 15.00 that were never billed
    lines = [*usage, *changed, ("Unused time of Team", -1000)]
    assert [(line.description, line.amount.minor_units) for line in bills[-1].lines] == lines
    assert (len(bills), given_back(upgraded)) == (2, 0)
    # 30.00 and 5.00 are 15 days of 30.00 and 10 days of 60.00
    assert bills[0].total.minor_units + 500 == 3000 * 15 // 30 + 6000 * 10 // 30


@pytest.mark.parametrize("bill_usage", [True, False])
def test_kept_credit_pays_what_is_pending_beyond_the_unused_time(bill_usage: bool) -> None:
    subscription = from_year_to_months()
    subscription.change(replace(MONTHLY, price=BIG.price), ProrationBehavior.CREATE, context(at=MAY))
    subscription.cancel(None, context(at=datetime(2026, 5, 31, tzinfo=UTC)), unused=UnusedTime.CREDIT, bill_usage=bill_usage)
    # 305.00 were kept; −30.00 + 60.00 wait, and 60.00 × 1/31 = 1.94 is not used
    assert last_credit(subscription) == (30_500 - 3_000 + 194, (of_year(30_500 - 3_000 + 194),))
