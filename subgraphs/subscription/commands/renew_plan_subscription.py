"""Do what time asks for of a plan subscription: open its next billing period, end its trial or pause, end it."""

from dataclasses import replace
from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.subscription.commands.known_facts import KnownFacts
from subgraphs.subscription.commands.metered import Metered
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.values import PlanSubscriptionStatus
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["can_pay_after_trial", "catch_up_on_clock", "renew_plan_subscription"]

# Steps that a clock which stands still may have left behind: a year of daily periods.
MOST_STEPS = 400


async def renew_plan_subscription(
    subscriptions: PlanSubscriptionRepository,
    known: KnownFacts,
    metered: Metered,
    id: str,
    now: datetime,
    context: CommandContext,
) -> PlanSubscription | None:
    """Take the one step that is due by `now` and return the subscription after it; None when there was none.

    Its business time is when it was due, however late it is, but not before a backdated start was told: invoices are dated when
    they are issued. `context.at` is replaced by it. Where another process renews at the same time, one of the two does, and only
    this one step.

    Raises:
        NotFound: there is no such plan subscription.
    """
    found = await subscriptions.get(context.tenant, id)
    due = found.due_at
    if due is None or now < due:
        return None
    status, version, wanted = found.status, found.version, found.usage_wanted(due)
    can_pay = await can_pay_after_trial(known, found)
    used, name_plans = await metered.used(context.tenant, id, wanted), await metered.name_plans(found)

    def renew(current: PlanSubscription) -> None:
        if current.due_at == due and current.status is status and current.usage_wanted(due) == wanted:
            name_plans(current)
            current.renew(now, can_pay=can_pay, used=used)

    told_at = found.started.told_at or due
    renewed = await subscriptions.update(id, replace(context, at=max(due, told_at)), renew, loaded=found)
    return renewed if renewed.version > version else None


async def can_pay_after_trial(known: KnownFacts, subscription: PlanSubscription) -> bool:
    """Tell whether the customer has a payment method, where that matters: while the subscription is in its trial, and charged."""
    if subscription.status is not PlanSubscriptionStatus.TRIALING or subscription.days_until_due is not None:
        return True
    customer = await known.customer(subscription.tenant, subscription.customer_id)
    return customer is not None and customer.payment_method_id is not None


async def catch_up_on_clock(
    subscriptions: PlanSubscriptionRepository,
    known: KnownFacts,
    metered: Metered,
    subscription: PlanSubscription,
    now: datetime,
    context: CommandContext,
) -> None:
    """Take every step that is due by `now` on the tenant's own clock, which stands still there; nothing happens on real time.

    A clock that moves takes the steps on its way. What is paid for while it stands may be due before: a backdated start, a debt.
    """
    current: PlanSubscription | None = subscription
    for _ in range(MOST_STEPS):
        if current is None or not current.started.on_test_clock or current.due_at is None or current.due_at > now:
            return
        current = await renew_plan_subscription(subscriptions, known, metered, subscription.id, now, context)
