"""Change what a plan subscription is to: its price, its quantity, what is added on."""

from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import InvalidInput
from subgraphs.subscription.commands.known_facts import KnownFacts, WantedItem
from subgraphs.subscription.commands.metered import Metered, update_with_usage
from subgraphs.subscription.commands.offers import Offer, offered
from subgraphs.subscription.domain.plan_subscription import PlanSubscription, Used
from subgraphs.subscription.domain.values import ChangeTime, ProrationBehavior
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["WantedChange", "change", "change_plan_subscription", "offer_of", "undo_change"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedChange:
    """What is to change; what is None stays as it is. `proration` counts for changes NOW and on a DATE, which is `at`."""

    price_id: str | None = None
    quantity: int | None = None
    add_ons: tuple[WantedItem, ...] | None = None
    when: ChangeTime = ChangeTime.NOW
    proration: ProrationBehavior = ProrationBehavior.CREATE
    at: datetime | None = None


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
    offer = await offer_of(known, wanted, subscription, context)
    return await update_with_usage(
        subscriptions, metered, id, context, lambda current, used: change(current, offer, wanted, context, used)
    )


async def undo_change(subscriptions: PlanSubscriptionRepository, id: str, context: CommandContext) -> PlanSubscription:
    """Let it go on with the terms it has; nothing happens when no change is scheduled.

    Raises:
        NotFound: there is no such plan subscription.
        InvalidState: it has ended.
    """
    return await subscriptions.update(id, context, lambda subscription: subscription.unschedule_change())


async def offer_of(known: KnownFacts, wanted: WantedChange, current: PlanSubscription, context: CommandContext) -> Offer:
    """Return what the change asks for.

    Raises:
        As `offered`.
    """
    return await offered(
        known,
        context.tenant,
        current.terms,
        price_id=wanted.price_id,
        quantity=wanted.quantity,
        add_ons=wanted.add_ons,
    )


def change(subscription: PlanSubscription, offer: Offer, wanted: WantedChange, context: CommandContext, used: Used) -> None:
    """Make the change, or schedule it.

    Raises:
        As `PlanSubscription.change` and `schedule_change`.
    """
    terms = offer.applied_to(subscription.terms)
    if (wanted.at is not None) != (wanted.when is ChangeTime.DATE):
        raise InvalidInput("DATE needs `at`, and nothing else takes it", field=("at",))
    if wanted.when is ChangeTime.NOW:
        subscription.change(terms, wanted.proration, context, used=used)
    else:
        proration = wanted.proration if wanted.at is not None else ProrationBehavior.NONE
        subscription.schedule_change(terms, context, wanted.at, proration)
