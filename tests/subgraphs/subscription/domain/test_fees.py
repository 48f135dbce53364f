"""Fees: billed once, all of it, with which invoice, and what they are no part of."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.domain.errors import InvalidInput, InvalidState, NotFound
from subgraphs.kit.domain.money import Money
from subgraphs.pricing.charge import ChargeDetails
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.events import FeeAdded, FeesBilled, PlanSubscriptionCanceled
from subgraphs.subscription.domain.fees import Fee, FeeTime, OneTimePrice
from subgraphs.subscription.domain.mrr import mrr
from subgraphs.subscription.domain.plan_subscription import PlanSubscription, RenewalDue
from subgraphs.subscription.domain.values import Discount, Pause, ProrationBehavior, Terms, TrialEnding, UnusedTime
from subgraphs.subscription.projections import plan_subscription_document
from tests.testkit.memory import context
from tests.testkit.memory_documents import in_memory_documents
from tests.testkit.subscribing import subscribed_price

NEXT, NOW = FeeTime.NEXT_INVOICE, FeeTime.NOW
INVOICE_NOW, CREATE = ProrationBehavior.INVOICE_NOW, ProrationBehavior.CREATE
APRIL, HALF, MAY = (datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 16, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
HUNDRED = Terms(price=subscribed_price(flat_amount_minor=10_000, plan_name="Plan"), quantity=1)
TWO_HUNDRED = Terms(price=subscribed_price(price_id="price_2", flat_amount_minor=20_000, plan_name="Plus"), quantity=1)
PLAN = ("Plan", 10_000)


def fee(minor: int = 9_900, name: str = "Set-up", at: datetime = APRIL, **more: Any) -> Fee:
    terms: dict[str, Any] = {
        "price_id": f"price_{name}",
        "plan_id": f"plan_{name}",
        "plan_name": name,
        "currency": "EUR",
        "model": "FLAT",
        "flat_amount_minor": minor,
        "unit_amount": None,
    }
    quantity = more.pop("quantity", 1)
    return Fee(id=f"fee_{name}", price=OneTimePrice(**(terms | more)), quantity=quantity, added_at=at)


def start(*fees: tuple[Fee, FeeTime], terms: Terms = HUNDRED, at: datetime = APRIL, **more: Any) -> PlanSubscription:
    return PlanSubscription.start("psub_1", "cus_1", terms, "UTC", context(at=at), fees=fees, **more)


def active(*fees: tuple[Fee, FeeTime], **more: Any) -> PlanSubscription:
    subscription = start(*fees, **more)
    subscription.period_paid(0, context(at=APRIL))
    return subscription


def bills(subscription: PlanSubscription) -> list[list[tuple[str, int]]]:
    found = [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]
    return [[(line.description, line.amount.minor_units) for line in bill.lines] for bill in found]


def test_a_fee_is_billed_with_the_first_period_in_whole() -> None:
    # April 16 to 30 are 15 of 30 days: half of 100.00 and all of 99.00
    subscription = start((fee(), NEXT), at=HALF, anchor=APRIL)
    assert bills(subscription) == [[("Plan", 5_000), ("Set-up", 9_900)]]
    assert subscription.fees == ()


def test_its_line_has_the_arithmetic_and_no_time() -> None:
    seats = fee(model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal("49.905"), quantity=3)
    [event] = [event for event in start((seats, NOW)).unsaved if bill_of(event)]
    bill = bill_of(event)
    assert bill is not None
    line = bill.lines[1]
    # 3 × 49.905 = 149.715
    assert (line.quantity, line.period, line.amount, line.explanation) == (3, None, Money(14_972, "EUR"), "3 × 49.905 EUR")


def test_after_a_trial_it_comes_with_the_first_invoice_or_at_once_where_that_was_wanted() -> None:
    subscription = start((fee(), NEXT), (fee(2_500, "Router"), NOW), trial_end=HALF)
    assert bills(subscription) == [[("Router", 2_500)]]
    subscription.renew(HALF)
    assert bills(subscription)[1:] == [[PLAN, ("Set-up", 9_900)]]


@pytest.mark.parametrize("at", [None, APRIL + timedelta(days=7)])
def test_a_trial_that_is_left_as_scheduled_bills_no_fee_that_waits_for_its_end(at: datetime | None) -> None:
    subscription = start((fee(), NEXT), trial_end=HALF)
    subscription.schedule_cancellation(at, context(at=APRIL))
    subscription.renew(at or HALF)
    assert (subscription.status, bills(subscription), subscription.fees) == ("CANCELED", [], ())


def test_a_trial_that_ends_without_an_invoice_bills_no_fee_that_waits_for_it() -> None:
    subscription = start((fee(), NEXT), (fee(2_500, "Router"), NOW), trial_end=HALF, trial_ending=TrialEnding.CANCEL)
    subscription.renew(HALF, can_pay=False)
    assert (subscription.status, bills(subscription), subscription.fees) == ("CANCELED", [[("Router", 2_500)]], ())


def test_what_starts_later_is_billed_when_it_begins_or_at_once() -> None:
    subscription = start((fee(), NEXT), (fee(2_500, "Router"), NOW), starts_at=HALF)
    assert bills(subscription) == [[("Router", 2_500)]]
    subscription.renew(HALF)
    assert bills(subscription)[1:] == [[PLAN, ("Set-up", 9_900)]]


def test_what_is_taken_over_is_billed_with_its_first_invoice_here() -> None:
    subscription = start((fee(), NEXT), paid_through=MAY)
    assert bills(subscription) == []
    subscription.renew(MAY)
    assert bills(subscription) == [[PLAN, ("Set-up", 9_900)]]


def test_a_fee_that_is_added_waits_for_the_next_period() -> None:
    subscription = active()
    subscription.add_fee(fee(at=HALF), NEXT, context(at=HALF))
    with in_memory_documents():
        document = plan_subscription_document(subscription)
    assert (document.pending_minor, [(one.id, one.amount_minor) for one in document.fees]) == (9_900, [("fee_Set-up", 9_900)])
    subscription.renew(MAY)
    assert bills(subscription) == [[PLAN], [PLAN, ("Set-up", 9_900)]]
    assert subscription.fees == ()


def test_a_fee_is_billed_at_once_by_itself_and_leaves_what_is_pending() -> None:
    subscription = active()
    subscription.change(TWO_HUNDRED, CREATE, context(at=HALF))
    subscription.add_fee(fee(at=HALF), NOW, context(at=HALF))
    assert bills(subscription)[1:] == [[("Set-up", 9_900)]]
    # half of 200.00 less half of 100.00
    assert sum(one.amount_minor for one in subscription.pending) == 5_000


def test_the_invoice_of_a_change_bills_it() -> None:
    subscription = active()
    subscription.add_fee(fee(at=HALF), NEXT, context(at=HALF))
    subscription.change(TWO_HUNDRED, INVOICE_NOW, context(at=HALF))
    changed = [("Unused time of Plan", -5_000), ("Remaining time of Plus", 10_000)]
    assert bills(subscription)[1:] == [[("Set-up", 9_900), *changed]]
    assert (subscription.fees, subscription.pending) == ((), ())


def test_a_credit_is_kept_until_a_fee_and_more_use_it_up() -> None:
    subscription = active(terms=TWO_HUNDRED)
    subscription.change(HUNDRED, INVOICE_NOW, context(at=APRIL + timedelta(days=3)))
    subscription.add_fee(fee(5_000, at=HALF), NEXT, context(at=HALF))
    subscription.renew(MAY)
    # 27 of 30 days: −180.00 + 90.00 = −90.00; 100.00 + 50.00 − 90.00 = 60.00
    [_, last] = bills(subscription)
    assert last == [PLAN, ("Set-up", 5_000), ("Unused time of Plus", -18_000), ("Remaining time of Plan", 9_000)]


@pytest.mark.parametrize("how", ["now", "unpaid", "period end", "in a pause"])
def test_an_end_bills_what_is_pending_of_fees_and_other_changes_where_it_was_scheduled(how: str) -> None:
    subscription = active()
    subscription.change(TWO_HUNDRED, CREATE, context(at=HALF))
    subscription.add_fee(fee(at=HALF), NEXT, context(at=HALF))
    match how:
        case "now":
            subscription.cancel(None, context(at=HALF), unused=UnusedTime.KEEP, bill_usage=False)
        case "unpaid":
            subscription.mark_unpaid("inv_1", context(at=HALF))
            with pytest.raises(InvalidState, match="UNPAID"):
                subscription.add_fee(fee(2_500, "Router"), NOW, context(at=HALF))
            subscription.cancel(None, context(at=HALF))
        case "period end":
            subscription.schedule_cancellation(None, context(at=HALF))
            subscription.renew(MAY)
        case _:
            subscription.schedule_cancellation(HALF + timedelta(days=2), context(at=HALF))
            subscription.pause(HALF + timedelta(days=5), context(at=HALF))
            subscription.renew(HALF + timedelta(days=5))
    # 15 of 30 days of 100.00 and of 200.00
    changes = [("Unused time of Plan", -5_000), ("Remaining time of Plus", 10_000)] if how in ("period end", "in a pause") else []
    assert (subscription.status, bills(subscription)[1:]) == ("CANCELED", [[("Set-up", 9_900), *changes]])
    assert (subscription.fees, subscription.pending) == ((), ())


def test_unused_time_is_given_back_without_the_fee() -> None:
    subscription = active((fee(), NEXT))
    subscription.add_fee(fee(2_500, "Router", HALF), NEXT, context(at=HALF))
    subscription.cancel(None, context(at=HALF), unused=UnusedTime.CREDIT)
    # half of 100.00; what is pending of fees is billed, and not offset
    canceled = subscription.unsaved[-1]
    assert isinstance(canceled, PlanSubscriptionCanceled) and canceled.credit is not None
    assert canceled.credit.amount_minor == 5_000
    assert bills(subscription)[1:] == [[("Router", 2_500)]]


def test_the_last_invoice_bills_what_was_used_in_arrears_and_fees_together() -> None:
    arrears = Terms(price=subscribed_price(flat_amount_minor=10_000, details=ChargeDetails(in_arrears=True)), quantity=1)
    subscription = active(terms=arrears)
    subscription.add_fee(fee(at=HALF), NEXT, context(at=HALF))
    subscription.cancel(None, context(at=HALF))
    assert bills(subscription)[1:] == [[("Set-up", 9_900), ("Team", 5_000)]]


def test_what_was_never_paid_for_owes_no_fee_that_waits() -> None:
    subscription = start()
    subscription.add_fee(fee(), NEXT, context(at=APRIL))
    subscription.cancel(None, context(at=APRIL))
    assert (bills(subscription), subscription.fees) == ([[PLAN]], ())


def test_discounts_are_not_off_fees() -> None:
    half_off = Discount(
        id="dis_1",
        coupon_id="cou_1",
        promotion_code_id=None,
        name="Half",
        percent_off=Decimal(50),
        amount_off=None,
        periods=1,
        plan_ids=(),
        added_at=APRIL,
    )
    assert bills(start((fee(), NEXT), discount=half_off)) == [[("Plan", 5_000), ("Set-up", 9_900)]]


def test_fees_are_no_recurring_revenue_and_count_for_no_commitment() -> None:
    committed = ChargeDetails(commitment_minor=15_000)
    terms = Terms(price=subscribed_price(flat_amount_minor=10_000, details=committed), quantity=1)
    subscription = active((fee(), NEXT), terms=terms)
    assert mrr(subscription) == Money(10_000, "EUR")
    assert subscription.commitment is not None and subscription.commitment.billed_minor == 10_000
    subscription.add_fee(fee(2_500, "Router", HALF), NOW, context(at=HALF))
    assert mrr(subscription) == Money(10_000, "EUR")
    subscription.renew(MAY)
    assert bills(subscription)[-1] == [("Team", 10_000), ("Minimum commitment of Team", 5_000)]


def test_a_fee_is_added_once_and_taken_away_while_it_waits() -> None:
    subscription = active()
    for _ in range(2):
        subscription.add_fee(fee(), NEXT, context(at=HALF))
    assert [type(event) for event in subscription.unsaved].count(FeeAdded) == 1
    for _ in range(2):
        subscription.remove_fee("fee_Set-up")
    assert subscription.fees == ()
    subscription.add_fee(fee(), NEXT, context(at=HALF))  # the same write again: it was taken away since
    assert subscription.fees == ()
    with pytest.raises(NotFound):
        subscription.remove_fee("fee_other")
    subscription.add_fee(fee(2_500, "Router"), NOW, context(at=HALF))
    for _ in range(2):
        subscription.add_fee(fee(2_500, "Router"), NOW, context(at=HALF))
    assert [type(event) for event in subscription.unsaved].count(FeesBilled) == 1
    with pytest.raises(InvalidState) as refused:
        subscription.remove_fee("fee_Router")
    assert refused.value.field == ("feeId",)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (fee(currency="USD"), "priceId"),
        (fee(quantity=0), "quantity"),
        (fee(quantity=1_000_001), "quantity"),
        (fee(model="PER_UNIT", flat_amount_minor=None, unit_amount=Decimal(10**12), quantity=1_000_000), "quantity"),
    ],
)
def test_a_fee_that_cannot_be_is_refused_with_its_field(wrong: Fee, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        active().add_fee(wrong, NEXT, context(at=HALF))
    assert refused.value.field == (field,)
    with pytest.raises(InvalidInput) as refused:
        start((fee(), NEXT), (wrong, NEXT))
    assert refused.value.field == ("fees", "1", field)


def test_states_in_which_nothing_is_billed_refuse_a_fee() -> None:
    paused = start(paid_through=MAY, pause=Pause())
    with pytest.raises(InvalidState) as refused:
        paused.add_fee(fee(), NOW, context(at=HALF))
    assert refused.value.field == ("when",)
    paused.add_fee(fee(), NEXT, context(at=HALF))  # it waits as well
    paused.resume(context(at=MAY))
    assert bills(paused) == [[PLAN, ("Set-up", 9_900)]]
    with pytest.raises(RenewalDue):
        active().add_fee(fee(), NEXT, context(at=MAY))
    ended = active()
    ended.cancel(None, context(at=HALF))
    for when in FeeTime:
        with pytest.raises(InvalidState, match="final"):
            ended.add_fee(fee(), when, context(at=HALF))
    with pytest.raises(NotFound):
        ended.remove_fee("fee_Set-up")


def test_fees_count_among_what_can_be_pending() -> None:
    subscription = active()
    for number in range(99):
        subscription.add_fee(fee(1, f"Fee {number}"), NEXT, context(at=HALF))
    with pytest.raises(InvalidState, match="too often"):  # a change leaves two
        subscription.change(TWO_HUNDRED, CREATE, context(at=HALF))
    subscription.add_fee(fee(1, "Fee 99"), NEXT, context(at=HALF))
    with pytest.raises(InvalidState, match="100 changes and fees pending"):
        subscription.add_fee(fee(1, "Fee 100"), NEXT, context(at=HALF))
