"""A subscription whose invoice was not paid by its last retry."""

from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.kit.domain.errors import InvalidState
from subgraphs.subscription.commands.settle_payment import (
    note_debt_paid,
    note_dunning_exhausted,
    note_payment_failed,
    note_period_paid,
)
from subgraphs.subscription.domain.billed import bill_of
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus, ProrationBehavior, Terms
from tests.testkit.memory import context
from tests.testkit.subscribing import InMemorySubscriptions, subscribed_price

APRIL, MAY, JUNE = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 5, 6))
UNPAID = PlanSubscriptionStatus.UNPAID


def unpaid() -> PlanSubscription:
    """Return one at 30.00 EUR a month whose May was billed by inv_2 and not paid."""
    terms = Terms(price=subscribed_price(flat_amount_minor=3000), quantity=1)
    subscription = PlanSubscription.start("psub_1", "cus_1", terms, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    subscription.renew(MAY)
    subscription.payment_failed(1, "card_declined")
    subscription.mark_unpaid("inv_2", context(at=MAY + timedelta(days=7)))
    subscription.saved(MAY)
    return subscription


def test_nothing_more_is_billed_while_it_is_unpaid() -> None:
    subscription = unpaid()
    assert (subscription.status, subscription.due_at) == (UNPAID, None)
    subscription.renew(JUNE)
    assert subscription.unsaved == ()
    with pytest.raises(InvalidState, match="'inv_2' is paid"):
        subscription.resume(context(at=JUNE))
    with pytest.raises(InvalidState, match="UNPAID"):
        subscription.change(subscription.terms, ProrationBehavior.NONE, context(at=JUNE))


def test_paid_within_its_period_it_goes_on_without_a_bill() -> None:
    subscription = unpaid()
    subscription.period_paid(1, context(at=MAY + timedelta(days=10)))
    assert subscription.status is UNPAID
    subscription.debt_paid("inv_9", context(at=MAY + timedelta(days=10)))
    assert subscription.status is UNPAID
    subscription.debt_paid("inv_2", context(at=MAY + timedelta(days=10)))
    assert (subscription.status, subscription.due_at) == (PlanSubscriptionStatus.ACTIVE, JUNE)
    assert [bill_of(event) for event in subscription.unsaved if bill_of(event)] == []


def test_paid_later_the_rest_of_the_current_period_is_billed_and_not_the_time_between() -> None:
    subscription = unpaid()
    subscription.debt_paid("inv_2", context(at=JUNE + timedelta(days=20)))
    [bill] = [bill for event in subscription.unsaved if (bill := bill_of(event)) is not None]
    assert bill.total.minor_units == 1000  # 30.00 × 10/30
    assert subscription.period.start == JUNE + timedelta(days=20)
    assert subscription.status is PlanSubscriptionStatus.ACTIVE


@pytest.mark.parametrize(("failed", "status"), [(1, PlanSubscriptionStatus.ACTIVE), (2, PlanSubscriptionStatus.PAST_DUE)])
def test_it_is_past_due_then_for_a_later_period_whose_payment_failed(failed: int, status: PlanSubscriptionStatus) -> None:
    terms = Terms(price=subscribed_price(), quantity=1)
    subscription = PlanSubscription.start("psub_1", "cus_1", terms, "UTC", context(at=APRIL))
    subscription.period_paid(0, context(at=APRIL))
    for number, at in ((1, MAY), (2, JUNE)):
        subscription.renew(at)
        if number <= failed:
            subscription.payment_failed(number, "card_declined")
    subscription.mark_unpaid("inv_2", context(at=JUNE), 1)
    subscription.period_settled(1)
    assert subscription.status is UNPAID
    subscription.debt_paid("inv_2", context(at=JUNE))
    reason = "card_declined" if failed == 2 else None
    assert (subscription.status, subscription.past_due_reason) == (status, reason)


def test_what_takes_the_place_of_its_invoice_is_owed_instead() -> None:
    subscription, at = unpaid(), context(at=MAY + timedelta(days=10))
    subscription.debt_replaced("inv_9", "inv_10", at)
    subscription.debt_replaced("inv_2", "inv_3", at)
    subscription.debt_paid("inv_2", at)
    assert (subscription.status, subscription.unpaid_invoice_id) == (UNPAID, "inv_3")
    subscription.debt_paid("inv_3", at)
    assert subscription.status is PlanSubscriptionStatus.ACTIVE


def test_it_can_be_canceled() -> None:
    subscription = unpaid()
    subscription.cancel("enough", context(at=JUNE))
    assert subscription.status is PlanSubscriptionStatus.CANCELED


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("CANCEL", PlanSubscriptionStatus.CANCELED),
        ("MARK_UNPAID", UNPAID),
        ("LEAVE_PAST_DUE", PlanSubscriptionStatus.PAST_DUE),
    ],
)
async def test_it_obeys_the_campaign(action: str, status: PlanSubscriptionStatus) -> None:
    subscriptions = InMemorySubscriptions()
    repository, id = subscriptions.repository, (await subscriptions.start()).id
    await note_period_paid(repository, id, 0, context())
    await note_payment_failed(repository, id, 1, "card_declined", context())
    for _ in range(2):
        found = await note_dunning_exhausted(repository, subscriptions.metered, id, "inv_2", action, 4, context())
        assert found.status is status
    if status is PlanSubscriptionStatus.CANCELED:
        assert found.cancellation_reason == "Invoice inv_2 could not be charged, nor by 4 retries."
    if status is UNPAID:
        await note_period_paid(repository, id, 1, context())
        paid = await note_debt_paid(repository, subscriptions.metered, id, "inv_2", context())
        assert paid.status is PlanSubscriptionStatus.ACTIVE
