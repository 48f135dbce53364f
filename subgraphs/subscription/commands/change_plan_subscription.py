"""Change what a plan subscription is to: its price, its quantity, what is added on; and what that would cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.kit.domain.event import Event
from subgraphs.subscription.commands.known_facts import KnownFacts, WantedItem, sold_items, sold_price
from subgraphs.subscription.commands.metered import Metered, update_with_usage
from subgraphs.subscription.commands.renew_plan_subscription import can_pay_after_trial
from subgraphs.subscription.domain.billed import Bill, bill_of
from subgraphs.subscription.domain.plan_subscription import PlanSubscription, Used
from subgraphs.subscription.domain.values import ChangeTime, Item, ProrationBehavior, SubscribedPrice, Terms
from subgraphs.subscription.published import bill_of_event
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["ChangePreview", "PreviewedBill", "WantedChange", "change_plan_subscription", "preview_change", "undo_change"]


# More than time takes to come to the next bill.
STEPS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedChange:
    """What is to change; what is None stays as it is. `proration` counts for changes NOW and on a DATE, which is `at`."""

    price_id: str | None = None
    quantity: int | None = None
    add_ons: tuple[WantedItem, ...] | None = None
    when: ChangeTime = ChangeTime.NOW
    proration: ProrationBehavior = ProrationBehavior.CREATE
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PreviewedBill:
    """A bill, and what the invoice subgraph would be told of it: the public event's type and data."""

    bill: Bill
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change would be billed with: at once, None when nothing is, and with the next period; None when it ends before."""

    now: PreviewedBill | None
    next: PreviewedBill | None


async def change_plan_subscription(
    subscriptions: PlanSubscriptionRepository,
    known: KnownFacts,
    metered: Metered,
    id: str,
    wanted: WantedChange,
    context: CommandContext,
) -> PlanSubscription:
    """Change it at `context.at` or from the end of its period; what is so already changes nothing.

    Raises:
        NotFound: there is no such plan subscription or price.
        InvalidInput: a quantity is out of range, a price is in another currency or bills transactions, or the add-ons cannot be
            billed together with it.
        InvalidState: the subscription's state does not allow it, or the price or its plan is archived.
    """
    subscription = await subscriptions.get(context.tenant, id)
    offer = await _offer(known, wanted, subscription, context)
    return await update_with_usage(
        subscriptions, metered, id, context, lambda current, used: _change(current, offer, wanted, context, used)
    )


async def preview_change(
    subscriptions: PlanSubscriptionRepository,
    known: KnownFacts,
    metered: Metered,
    id: str,
    wanted: WantedChange,
    context: CommandContext,
) -> ChangePreview:
    """Return what the change would be billed with, by making it without saving it. Usage counts as far as it is known.

    Raises:
        As `change_plan_subscription`.
    """
    subscription = await subscriptions.get(context.tenant, id)
    used = await metered.used(context.tenant, id, subscription.usage_wanted(context.at))
    _change(subscription, await _offer(known, wanted, subscription, context), wanted, context, used)
    now = _last_bill(id, subscription.unsaved)
    known_events = len(subscription.unsaved)
    for _ in range(STEPS):  # the change on a date, then the next period
        if subscription.due_at is None or _last_bill(id, subscription.unsaved[known_events:]) is not None:
            break
        due = subscription.due_at
        used = await metered.used(context.tenant, id, subscription.usage_wanted(due))
        subscription.renew(due, can_pay=await can_pay_after_trial(known, subscription), used=used)
    return ChangePreview(now, _last_bill(id, subscription.unsaved[known_events:]))


async def undo_change(subscriptions: PlanSubscriptionRepository, id: str, context: CommandContext) -> PlanSubscription:
    """Let it go on with the terms it has; nothing happens when no change is scheduled.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidState: it has ended.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.unschedule_change())


@dataclass(frozen=True, slots=True)
class _Offer:
    """The prices of a change; None stays as it is."""

    price: SubscribedPrice | None
    add_ons: tuple[Item, ...] | None


async def _offer(known: KnownFacts, wanted: WantedChange, current: PlanSubscription, context: CommandContext) -> _Offer:
    tenant, terms = context.tenant, current.terms
    price, add_ons = None, None
    if wanted.price_id is not None and wanted.price_id != terms.price.price_id:
        price = await sold_price(known, tenant, wanted.price_id)
    if wanted.add_ons is not None:
        add_ons = await sold_items(known, tenant, wanted.add_ons, terms.add_ons)
    return _Offer(price, add_ons)


def _change(subscription: PlanSubscription, offer: _Offer, wanted: WantedChange, context: CommandContext, used: Used) -> None:
    current = subscription.terms
    terms = Terms(
        price=offer.price or current.price,
        quantity=current.quantity if wanted.quantity is None else wanted.quantity,
        add_ons=current.add_ons if offer.add_ons is None else offer.add_ons,
    )
    if (wanted.at is not None) != (wanted.when is ChangeTime.DATE):
        raise InvalidInput("a date is given with DATE, and with nothing else", field=("at",))
    if wanted.when is ChangeTime.NOW:
        subscription.change(terms, wanted.proration, context, used=used)
    else:
        proration = wanted.proration if wanted.at is not None else ProrationBehavior.NONE
        subscription.schedule_change(terms, context, wanted.at, proration)


def _last_bill(id: str, recorded: tuple[Event, ...]) -> PreviewedBill | None:
    for event in reversed(recorded):
        bill = bill_of(event)
        if bill is not None:
            return PreviewedBill(bill, bill_of_event(id, event))
    return None
