"""What a plan subscription has used so far."""

from dataclasses import dataclass
from decimal import Decimal

from subgraphs.kit.domain.command import CommandContext
from subgraphs.kit.domain.errors import NotReady
from subgraphs.kit.domain.money import Money
from subgraphs.kit.domain.period import Period
from subgraphs.pricing.rating import Quantity, amount_used, rate_usage
from subgraphs.pricing.share import Share
from subgraphs.pricing.thresholds import next_threshold
from subgraphs.pricing.transactions import Transacted
from subgraphs.subscription.commands.metered import Metered
from subgraphs.subscription.domain.progress import usage_amount
from subgraphs.subscription.domain.values import SubscribedPrice, UsageProgress
from subgraphs.subscription.repository import PlanSubscriptionRepository

__all__ = ["UsedSoFar", "current_usage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedSoFar:
    """What was used of a price in a period until now, and what that comes to before discounts and tax if no more is used.

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
    current = {item.price.price_id: item for item in subscription.terms.items}
    wanted = {(one.price_id, one.period): one for one in subscription.usage_so_far_wanted(context.at)}
    try:
        used = await metered.used(context.tenant, id, tuple(wanted.values()))
    except NotReady:
        return []  # a meter that has just been created has counted nothing
    return [
        _so_far(
            subscription.within_maximum(current[id], period).price,
            period,
            quantity,
            wanted[id, period].share,
            subscription.progress.get(id),
        )
        for (id, period), quantity in used.items()
    ]


def _so_far(
    price: SubscribedPrice, period: Period, quantity: Quantity, share: Share | None, progress: UsageProgress | None
) -> UsedSoFar:
    before = progress or UsageProgress(price_id=price.price_id, used=quantity)
    following = next_threshold(price.details, usage_amount(price, quantity, share).minor_units, before.reached)
    return UsedSoFar(
        price=price,
        period=period,
        quantity=amount_used(quantity),
        transactions=quantity.count if isinstance(quantity, Transacted) else None,
        amount=rate_usage(price.charge, quantity, share).amount,
        billed=Money(before.billed_minor, price.currency),
        next_threshold=None if following is None else Money(following, price.currency),
    )
