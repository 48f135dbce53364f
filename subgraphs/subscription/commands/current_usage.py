"""What a plan subscription has used so far."""

from dataclasses import dataclass
from decimal import Decimal

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.rating import Quantity, amount_used, rate_usage
from subgraphs.pricing.thresholds import next_threshold
from subgraphs.pricing.transactions import Transacted
from subgraphs.subscription.commands.metered import Metered
from subgraphs.subscription.domain.plan_subscription import PlanSubscription
from subgraphs.subscription.domain.progress import usage_amount
from subgraphs.subscription.domain.values import SubscribedPrice, UsageProgress
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["UsedSoFar", "current_usage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedSoFar:
    """What was used of a price in a period until now, and what that comes to before discounts and tax.

    With a PERCENTAGE price the quantity is the amount of its `transactions`, in major units. `billed` is what was billed of it at
    thresholds, discounts taken off; `next_threshold` is the amount at which it is billed next, None: when the period has ended.
    """

    price: SubscribedPrice
    period: Period
    quantity: Decimal
    transactions: int | None
    amount: Money
    billed: Money
    next_threshold: Money | None


async def current_usage(
    subscriptions: PlanSubscriptionRepository, metered: Metered, id: str, context: CommandContext
) -> list[UsedSoFar]:
    """Return what was used of each metered price of the current period by `context.at`; nothing once it has ended.

    Raises:
        NotFound: there is no such plan subscription.
    """
    subscription = await subscriptions.get(context.tenant, id)
    if subscription.status.is_final:
        return []
    current = {item.price.price_id: item.price for item in subscription.terms.items if item.is_metered}
    known = _billed(subscription)
    looked_at = subscription.usage_wanted(context.at, with_end=True)
    wanted = [one for one in looked_at if (one.price_id, one.period) not in known]
    try:
        used = await metered.used(context.tenant, id, wanted)
    except NotReady:
        return []  # a meter that has just been created has counted nothing
    return [
        _so_far(current[id], period, quantity, subscription.progress.get(id))
        for (id, period), quantity in used.items()
        if id in current
    ]


def _so_far(price: SubscribedPrice, period: Period, quantity: Quantity, progress: UsageProgress | None) -> UsedSoFar:
    before = progress or UsageProgress(price_id=price.price_id, used=quantity)
    following = next_threshold(price.details, usage_amount(price, quantity).minor_units, before.reached)
    return UsedSoFar(
        price=price,
        period=period,
        quantity=amount_used(quantity),
        transactions=quantity.count if isinstance(quantity, Transacted) else None,
        amount=rate_usage(price.charge, quantity).amount,
        billed=Money(before.billed_minor, price.currency),
        next_threshold=None if following is None else Money(following, price.currency),
    )


def _billed(subscription: PlanSubscription) -> set[tuple[str, Period]]:
    return set(subscription.billed_usage)
